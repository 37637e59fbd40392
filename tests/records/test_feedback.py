"""The bot had it wrong: the review list."""

from pathlib import Path

import pytest

from voicebot.records import Correction, Feedback

pytestmark = pytest.mark.unit

NOON, LATER = "2026-11-20T12:00:00+01:00", "2026-11-20T11:00:09+00:00"
UTC_NOON, UTC_LATER = "2026-11-20T11:00:00.000+00:00", "2026-11-20T11:00:09.000+00:00"


def test_marks_are_listed_the_newest_first(tmp_path: Path) -> None:
    feedback = Feedback.in_folder(tmp_path)
    feedback.mark("c1", "", "Anja", LATER)
    feedback.mark("c2", "complaint", "Bram", NOON)
    first, second = Correction("c1", "", "Anja", UTC_LATER), Correction("c2", "complaint", "Bram", UTC_NOON)
    assert feedback.latest(9) == [first, second]
    assert feedback.latest(1) == [first]


def test_a_later_mark_replaces_and_can_be_taken_back(tmp_path: Path) -> None:
    feedback = Feedback.in_folder(tmp_path)
    feedback.mark("c1", "return", "Anja", NOON)
    feedback.mark("c1", "complaint", "Bram", LATER)
    assert feedback.latest(9) == [Correction("c1", "complaint", "Bram", UTC_LATER)]
    feedback.unmark("c1")
    feedback.unmark("c1")
    assert feedback.latest(9) == []
