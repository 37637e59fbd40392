import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from voicebot.audio import RATE, voiced_dbfs
from voicebot.errors import SetupError, SpeakingError, VoiceError
from voicebot.speaking import PromptCache, Synthesiser, Voice, pool, process
from voicebot.speaking.voice import EngineName

pytestmark = pytest.mark.audio

TEXT = "Uw bestelling wordt morgen bezorgd."


others: set[int] = set()
"""Children that were there before the test: other tests' voices."""


@pytest.fixture(autouse=True)
def leave_others_out() -> None:
    others.clear()
    others.update(children())


@pytest.fixture
def synthesiser() -> Iterator[Synthesiser]:
    with Synthesiser() as one:
        yield one


def children(parent: int = os.getpid()) -> list[int]:
    """Return the ids of a process's children, oldest first, dead ones that nobody waited for included."""
    own = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and int(stat.parent.name) not in others:
            own.append(int(stat.parent.name))
    return sorted(own)


def folder_of(worker: int) -> Path:
    """Return a worker's private folder, its last argument."""
    return Path(Path(f"/proc/{worker}/cmdline").read_text().split("\0")[-2])


def test_speaks_dutch_for_the_telephone(synthesiser: Synthesiser) -> None:
    prompt = synthesiser.speak(TEXT, Voice())
    assert prompt.dtype == np.int16
    assert 1.5 * RATE < prompt.size < 4 * RATE
    assert voiced_dbfs(prompt) == pytest.approx(-20, abs=0.1)


def test_engine_is_known_by_name_and_version(synthesiser: Synthesiser) -> None:
    assert re.fullmatch(r"espeak-ng \d+\.\d+.*", synthesiser.engine(Voice()))


def test_slower_is_longer(synthesiser: Synthesiser) -> None:
    slow, fast = (synthesiser.speak(TEXT, Voice("nl+f2", rate)).size for rate in (100, 200))
    assert slow > 1.5 * fast


@pytest.mark.parametrize("name", ["xx", "en", "nl+nobody", "", "nl-be"])
def test_voice_that_is_not_there_is_refused(synthesiser: Synthesiser, name: str) -> None:
    with pytest.raises(VoiceError, match="nl\\+f2"):
        synthesiser.speak(TEXT, Voice(name))
    assert synthesiser.speak(TEXT, Voice()).size


def test_rate_that_cannot_be_spoken_is_refused() -> None:
    with pytest.raises(VoiceError, match="80 to 300"):
        Voice(rate_wpm=1000)


def test_nothing_to_say_is_silence(synthesiser: Synthesiser) -> None:
    assert synthesiser.speak(" ... ", Voice()).size == 0


def test_endless_text_is_refused(synthesiser: Synthesiser) -> None:
    with pytest.raises(SpeakingError, match="too long"):
        synthesiser.speak("a" * 3000, Voice())


def test_the_spare_takes_the_place_of_a_killed_worker(synthesiser: Synthesiser) -> None:
    worker, spare = children()
    os.kill(worker, signal.SIGKILL)
    assert synthesiser.speak(TEXT, Voice()).size
    successor, next_spare = children()
    assert successor == spare
    assert next_spare > spare


def test_worker_and_spare_killed_at_once(synthesiser: Synthesiser) -> None:
    killed = children()
    for process_id in killed:
        os.kill(process_id, signal.SIGKILL)
    assert synthesiser.speak(TEXT, Voice()).size
    assert len(children()) == 2
    assert not set(children()) & set(killed)


def test_hung_worker_is_replaced(synthesiser: Synthesiser) -> None:
    worker, _ = children()
    os.kill(worker, signal.SIGSTOP)
    assert synthesiser.speak(TEXT, Voice()).size
    assert worker not in children()


def test_text_that_always_fails_is_given_up(
    synthesiser: Synthesiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(worker: process.SpeechProcess, text: str, voice: Voice) -> None:
        worker.close()
        raise SpeakingError("the speech worker died")

    with monkeypatch.context() as patch:
        patch.setattr(pool, "_PATIENCE_S", {EngineName.ESPEAK: 0.5})
        patch.setattr(process.SpeechProcess, "speak", dies)
        with Synthesiser() as other, pytest.raises(SpeakingError, match="on fresh workers, too"):
            other.speak(TEXT, Voice())
    assert synthesiser.speak(TEXT, Voice()).size


def test_threads_share_the_workers() -> None:
    sizes: list[int] = []
    with Synthesiser(workers=2) as shared:
        expected = shared.speak(TEXT, Voice()).size
        threads = [
            threading.Thread(target=lambda: sizes.append(shared.speak(TEXT, Voice()).size)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(sizes) == 8
    assert all(size == pytest.approx(expected, rel=0.02) for size in sizes)


def test_known_text_needs_no_engine(tmp_path: Path) -> None:
    with Synthesiser(cache=PromptCache(tmp_path)) as synthesiser:
        first = synthesiser.speak(TEXT, Voice())
        for process_id in children():
            os.kill(process_id, signal.SIGSTOP)
        assert (synthesiser.speak(TEXT, Voice()) == first).all()


def test_personal_text_leaves_no_file(tmp_path: Path) -> None:
    with Synthesiser(cache=PromptCache(tmp_path)) as synthesiser:
        synthesiser.speak(TEXT, Voice(), keep=False)
        files = [file.name for file in folder_of(children()[0]).iterdir() if file.is_file()]
        assert files == [".held"], "nothing but the lock"
    assert list(tmp_path.iterdir()) == []


def test_no_child_is_left_after_close() -> None:
    with Synthesiser(workers=2):
        folders = [folder_of(worker) for worker in children()]
        assert len(folders) == 3, "two workers and a spare"
    assert children() == []
    assert not any(folder.exists() for folder in folders)


def test_closed_synthesiser_says_so(synthesiser: Synthesiser) -> None:
    synthesiser.close()
    with pytest.raises(SpeakingError, match="closed"):
        synthesiser.speak(TEXT, Voice())
    assert children() == []


def test_worker_dies_with_its_parent() -> None:
    """The parent is a process of its own that is killed without a chance to clean up."""
    program = (
        "from voicebot.speaking import Synthesiser\n"
        "synthesiser = Synthesiser()\n"
        "print('ready', flush=True)\n"
        "import time; time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        workers = children(parent.pid)
        folders = [folder_of(worker) for worker in workers]
        watches = [os.pidfd_open(worker) for worker in workers]
        parent.kill()
    for watch in watches:
        assert select.select([watch], [], [], 5)[0]
        os.close(watch)
    assert not any(folder.exists() for folder in folders)


def test_machine_without_espeak_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "worker.py"
    broken.write_text("raise SystemExit(1)")
    monkeypatch.setattr(process, "_WORKER", broken)
    with pytest.raises(SetupError, match="espeakng-loader"):
        Synthesiser()
    assert children() == []
