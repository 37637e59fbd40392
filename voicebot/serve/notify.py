"""Tells systemd how we are, as sd_notify(3) describes: one datagram to the socket that it named."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """A line to systemd; leads nowhere when it did not start us."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        path = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{path[1:]}" if path.startswith("@") else path  # @: an abstract socket

    def ready(self) -> None:
        """Tell that calls can come; also after a reload, whatever came of it."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Tell that a reload has begun."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Tell that we only finish the calls that there are."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Tell that our event loop turns; without that, systemd starts us anew after `WatchdogSec`."""
        self._tell("WATCHDOG=1")

    def _tell(self, state: str) -> None:
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                line.sendto(state.encode(), self._address)
