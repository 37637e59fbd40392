"""`voicebot load` as a tester gives it: on a voicebot and callers of its own, which leave nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from recordings import FIXTURES

from voicebot.telephony import AsteriskInstall

pytestmark = pytest.mark.load

SHORT = ("medewerker_tijdens_begroeting", "toets_nul_tijdens_begroeting", "tot_ziens_bij_opening")
CALLERS = 3


@dataclass
class Load:
    """A running `voicebot load`, and all its processes, which know it by a mark in their environment."""

    process: subprocess.Popen[str]
    mark: str

    def family(self) -> list[int]:
        found = []
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                if self.mark.encode() in environment.read_bytes():
                    found.append(int(environment.parent.name))
            except OSError:
                continue
        return found


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def started(work: Path, via: str, seconds: int) -> Load:
    mark = uuid.uuid4().hex
    command = [sys.executable, "-m", "voicebot", "load", *(str(FIXTURES / f"{name}.yaml") for name in SHORT)]
    command += [f"--via={via}", f"--calls={CALLERS}", f"--seconds={seconds}", f"--work={work}", "--json"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOAD_TEST": mark},
    )
    return Load(process, mark)


def left_of(load: Load) -> Iterator[int]:
    """Give what is left of a load test that has ended, if it stays."""
    deadline = time.monotonic() + 10
    while (left := load.family()) and time.monotonic() < deadline:
        time.sleep(0.1)
    yield from left


def has_all_figures(figures: dict[str, Any], via: str) -> None:
    calls, bot = figures["calls"], figures["bot"]
    assert calls["begun"] >= CALLERS
    assert calls["completed"] == calls["begun"] == bot["calls_ended"]
    assert sum(bot["outcomes"].values()) == calls["begun"]
    assert figures["greeting_ms"]["n"] == calls["begun"]
    assert figures["response_ms"]["n"] + figures["talked_over"] + figures["missed"] > 0
    assert bot["frames_sent"] > 0
    assert bot["frames_received"] > 0
    assert bot["cpu_per_call_second"] > 0
    assert bot["memory_mb"]["peak"] >= bot["memory_mb"]["idle"] > 0
    assert figures["caller_cpu_per_call_second"] > 0
    assert 0 <= figures["caller_late_percent"] <= 100
    assert (figures["packets"] is not None) == (via == "asterisk")


def test_callers_over_audiosocket_are_all_served(work: Path) -> None:
    load = started(work, "audiosocket", 4)
    output, errors = load.process.communicate(timeout=240)
    assert load.process.returncode == 0, errors
    has_all_figures(json.loads(output), "audiosocket")
    assert "3 callers at once" in errors
    assert list(left_of(load)) == []


@pytest.mark.asterisk
def test_callers_over_asterisk_are_all_served(asterisk_install: AsteriskInstall, work: Path) -> None:
    load = started(work, "asterisk", 4)
    output, errors = load.process.communicate(timeout=240)
    assert load.process.returncode == 0, errors
    has_all_figures(json.loads(output), "asterisk")
    assert list(left_of(load)) == []


def test_stopped_in_the_middle_it_leaves_nothing(work: Path) -> None:
    load = started(work, "audiosocket", 600)
    assert load.process.stderr is not None
    for line in load.process.stderr:
        if line.startswith("load: 5 s:"):
            break
    assert len(load.family()) > 3
    load.process.send_signal(signal.SIGTERM)
    output, _ = load.process.communicate(timeout=60)
    assert (load.process.returncode, output) == (130, "")
    assert list(left_of(load)) == []
