"""One connection to the Asterisk Manager, on a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from asterisk.ami import Action, AMIClient

MAX_PACK = 64 * 1024
"""Bytes; the packs that voicebot asks for are far smaller. What is longer ends the link."""


class ManagerConnection(AMIClient):  # type: ignore[misc]
    """The library's client on a connected socket, mended where version 0.1.7 breaks.

    Its receive thread ended after 3 s of silence, on a strange banner and when a listener raised, and kept
    a pack without end; `send` could lose bytes and mix lines; closing left the thread waiting; its replies
    use a deprecated call.
    """

    def __init__(
        self, connected: socket.socket, on_pack: Callable[[str], object], on_lost: Callable[[], object]
    ) -> None:
        super().__init__()
        self._socket = connected
        self._on_pack = on_pack
        self._on_lost = on_lost
        self._sending = threading.Lock()
        self.finished = threading.Event()
        self._thread = threading.Thread(target=self.listen, name="asterisk-manager", daemon=True)
        self._thread.start()

    def listen(self) -> None:
        """Read until the link is gone (on the thread)."""
        with suppress(Exception):
            super().listen()
        self._on_lost()

    def _next_pack(self) -> Iterator[str]:
        """Cut what comes into the greeting and the packs after it (on the thread)."""
        unread, end = bytearray(), b"\r\n"
        while len(unread) <= MAX_PACK:
            if (length := unread.find(end)) >= 0:
                yield self._decode_pack(bytes(unread[:length]))
                del unread[: length + len(end)]
                end = b"\r\n\r\n"
            elif received := self._socket.recv(4096):
                unread += received
            else:
                return

    def fire_recv_pack(self, pack: str) -> None:
        """Pass on what came (on the thread)."""
        self._on_pack(pack)

    def send(self, pack: Action) -> None:
        """Send whole, or end the link and raise OSError; never blocks: who stopped reading is lost."""
        with self._sending:
            try:
                self._socket.sendall(f"{pack}\r\n".encode(errors="replace"), socket.MSG_DONTWAIT)
            except OSError:
                self._hang_up()
                raise

    def close(self) -> None:
        """Close the link and end the thread."""
        self._hang_up()
        self._thread.join()
        self._socket.close()

    def _hang_up(self) -> None:
        self.finished.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread; a mere close does not
