"""The same call gives the same log, byte for byte, also on a machine that is busy."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from short_fixtures import GOODBYE, HANG_UP, HUMAN, KEYS, NOISY, Write

from voicebot.event_json import encode
from voicebot.replay import Rehearsal

pytestmark = pytest.mark.audio

CALLS = {"mens": HUMAN, "toetsen": KEYS, "ophangen": HANG_UP, "dag": GOODBYE, "ruis": NOISY}
RUNS = int(os.environ.get("RUNS", "20"))


def log(rehearsal: Rehearsal, file: Path) -> str:
    entries = rehearsal.run(file).replayed.entries
    lines = [json.dumps([e.call_id, e.seq, e.at_ms, encode(e.message)]) for e in entries]
    assert len(lines) > 3
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_five_calls_again_and_again_beside_a_hog(rehearsal: Rehearsal, write: Write) -> None:
    files = [write(name, body) for name, body in CALLS.items()]
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        logs = {file.stem: {log(rehearsal, file) for _ in range(RUNS)} for file in files}
    finally:
        hog.kill()
        hog.wait()
    assert {name: len(different) for name, different in logs.items()} == dict.fromkeys(CALLS, 1)
    assert len({next(iter(different)) for different in logs.values()}) == len(CALLS)


def test_another_process_gives_the_same_log(rehearsal: Rehearsal, write: Write, work: Path) -> None:
    """Where hashes, and so the order of sets, are others."""
    file = write("mens", HUMAN)
    here = log(rehearsal, file)
    program = (
        "import sys\nfrom pathlib import Path\nfrom test_determinism import log\n"
        "from voicebot.replay import Rehearsal\n"
        "with Rehearsal(Path(sys.argv[1])) as rehearsal: print(log(rehearsal, Path(sys.argv[2])))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program, str(work), str(file)],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert told == [here, here]
