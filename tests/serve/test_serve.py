"""`voicebot serve` as its operator runs it: it answers, survives a killed worker, and stops clean."""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from voicebot.dialogue import shipped_bots

pytestmark = pytest.mark.audio

READY_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Serving:
    process: subprocess.Popen[str]
    port: int

    def answers_within(self, seconds: float) -> bool:
        """Call as Asterisk does; return whether sound came, trying again until then."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.sendall(struct.pack("!BH", 1, 16) + uuid.uuid4().bytes)
                if hears_sound(line, deadline):
                    return True
        return False

    def workers(self) -> list[int]:
        return [pid for pid in descendants(self.process.pid) if b"voicebot.serve.worker" in command(pid)]


def hears_sound(line: socket.socket, deadline: float) -> bool:
    stream = line.makefile("rb")
    while time.monotonic() < deadline:
        head = stream.read(3)
        if len(head) < 3:
            return False
        samples = np.frombuffer(stream.read(struct.unpack("!BH", head)[1]), "<i2").astype(np.int32)
        if np.abs(samples).max(initial=0) > 1000:
            return True
    return False


def command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def descendants(pid: int) -> list[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found[1:]


def left_of(family: list[int], within_s: float = 20) -> list[int]:
    """Return which of these processes are still ours after a while."""
    deadline = time.monotonic() + within_s
    while (left := [pid for pid in family if b"voicebot" in command(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    port = free_port()
    config = tmp_path / "voicebot.yaml"
    config.write_text(
        f"audiosocket: 127.0.0.1:{port}\nweb: 127.0.0.1:{free_port()}\ndata: {tmp_path}/data\ndrain_s: 1\n"
    )
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "voicebot", "serve", "--config", str(config)],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        one = Serving(process, port)
        try:
            assert one.answers_within(READY_S), (tmp_path / "log").read_text()
            yield one
        finally:
            process.kill()


def test_answers_survives_a_killed_worker_and_stops_clean(serving: Serving) -> None:
    (worker,) = serving.workers()
    os.kill(worker, signal.SIGKILL)
    assert serving.answers_within(READY_S)
    assert worker not in serving.workers()

    family = descendants(serving.process.pid)
    serving.process.terminate()
    assert serving.process.wait(20) == 0
    assert left_of(family, 0) == []


def test_without_a_worker_callers_are_sent_on_at_once(tmp_path: Path) -> None:
    bot = tmp_path / "bot"
    shutil.copytree(shipped_bots()["webshop"], bot)
    (bot / "bot.yaml").write_text((bot / "bot.yaml").read_text().replace("name: nl,", "name: klingon,"))
    port = free_port()
    config = tmp_path / "voicebot.yaml"
    config.write_text(
        f"bot: {bot}\naudiosocket: 127.0.0.1:{port}\nweb: 127.0.0.1:{free_port()}\ndata: {tmp_path}/data\n"
    )
    command = [sys.executable, "-m", "voicebot", "serve", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "a worker cannot start: there is no Dutch voice 'klingon'" in line:
                    break
            with socket.create_connection(("127.0.0.1", port), 1) as line_to_us:
                line_to_us.settimeout(2)
                assert line_to_us.recv(1) == b""
        finally:
            process.terminate()


def test_children_do_not_outlive_a_killed_parent(serving: Serving) -> None:
    family = descendants(serving.process.pid)
    serving.process.kill()
    assert left_of(family) == []
