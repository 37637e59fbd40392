"""Fixtures in several processes: all of them, in order, and one that dies takes nothing along."""

import multiprocessing
from pathlib import Path

import pytest
from short_fixtures import HANG_UP, HUMAN, KEYS, Write

from voicebot.errors import BotError, FixtureError
from voicebot.replay import Rehearsal, Result, replay_all

pytestmark = pytest.mark.audio


def test_all_are_replayed_in_their_order_and_told_as_they_finish(
    rehearsal: Rehearsal, write: Write, work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = [write("mens", HUMAN), write("ophangen", HANG_UP), write("toetsen", KEYS)]
    told: list[Result] = []
    results = replay_all(files, work, jobs=2, on_result=told.append)
    assert [result.file for result in results] == files
    assert all(result.passed for result in results)
    assert sorted(result.file for result in told) == sorted(files)
    assert [result.replayed.entries for result in results] == [
        rehearsal.run(file).replayed.entries for file in files
    ]
    assert capfd.readouterr().out == ""


def test_a_wrong_fixture_stops_everything_before_it_begins(write: Write, work: Path) -> None:
    told: list[Result] = []
    files = [write("goed", HANG_UP), write("fout", "turnz: []")]
    with pytest.raises(FixtureError, match="did you mean 'turns'"):
        replay_all(files, work, on_result=told.append)
    assert told == []


def test_a_bot_that_does_not_exist_is_no_failed_call(work: Path, tmp_path: Path) -> None:
    file = tmp_path / "nergens.yaml"
    file.write_text("call: Nergens\nbot: nergens\nturns: [{caller: {hangs_up: true}}]\n")
    with pytest.raises(BotError):
        replay_all([file, file], work, jobs=2)


def test_a_process_that_dies_is_one_failed_call(write: Write, work: Path) -> None:
    files = [write(f"ophangen{number}", HANG_UP) for number in range(6)]
    told: list[Result] = []

    def kill_both(result: Result) -> None:
        if not told:
            for child in multiprocessing.active_children():
                child.kill()
        told.append(result)

    results = replay_all(files, work, jobs=2, on_result=kill_both)
    died = [result for result in results if not result.passed]
    assert len(died) == 2
    assert all("the replaying process died (exit -9)" in str(result.failures[0]) for result in died)
    assert told[0].passed
    assert told[-1].passed
    assert multiprocessing.active_children() == []
