"""What systemd hears, over a real datagram socket."""

import asyncio
import os
import signal
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from service import service, until

from voicebot.serve.notify import Notifier


def bound(address: str) -> socket.socket:
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.settimeout(5)
    systemd.bind(address)
    return systemd


@pytest.mark.unit
@pytest.mark.parametrize("abstract", [False, True])
def test_every_state_is_one_datagram(tmp_path: Path, abstract: bool) -> None:
    name = f"@voicebot-test-{uuid.uuid4()}" if abstract else str(tmp_path / "notify")
    with bound(name.replace("@", "\0")) as systemd:
        notifier = Notifier({"NOTIFY_SOCKET": name})
        for tell, told in (
            (notifier.ready, b"READY=1"),
            (notifier.alive, b"WATCHDOG=1"),
            (notifier.stopping, b"STOPPING=1"),
        ):
            tell()
            assert systemd.recv(100) == told
        notifier.reloading()
        state, since = systemd.recv(100).split(b"\n")
        assert state == b"RELOADING=1"
        assert since.removeprefix(b"MONOTONIC_USEC=").isdigit()


@pytest.mark.unit
@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/notify"}])
def test_without_systemd_nothing_happens(environment: dict[str, str]) -> None:
    Notifier(environment).ready()


@pytest.mark.audio
def test_systemd_hears_of_start_reload_stop_and_that_we_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(systemd: socket.socket) -> None:
        told: list[str] = []

        def hear() -> None:
            told.append(systemd.recv(100).decode().split("=")[0])

        def said(state: str) -> Callable[[], bool]:
            return lambda: state in told

        asyncio.get_running_loop().add_reader(systemd, hear)
        async with service(tmp_path, monkeypatch) as one:
            assert told[0] == "WATCHDOG"
            assert "READY" in told
            told.clear()
            os.kill(one.pid, signal.SIGHUP)
            await until(said("READY"), "the end of the reload")
            assert told.index("RELOADING") < told.index("READY")
            told.clear()
            await until(said("WATCHDOG"), "a sign of life")
            os.kill(one.pid, signal.SIGSTOP)
            told.clear()
            await asyncio.sleep(1.5)
            assert len(told) <= 1, "a parent that stands still tells nothing"
            os.kill(one.pid, signal.SIGCONT)
            await one.status_shows(ready=1, restarts=0)  # and blames no worker for it
        assert "STOPPING" in told
        asyncio.get_running_loop().remove_reader(systemd)

    with bound(str(tmp_path / "notify")) as systemd:
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        asyncio.run(scenario(systemd))
