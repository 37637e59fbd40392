"""How callers came to a human: the first moment of each step."""

from pathlib import Path

import pytest

from voicebot.records import Passage, Passages

pytestmark = pytest.mark.unit

NOON, SAME, LATER = "2026-11-20T12:00:00+01:00", "2026-11-20T11:00:00.000+00:00", "2026-11-20T11:00:09+00:00"


@pytest.fixture
def passages(tmp_path: Path) -> Passages:
    return Passages.in_folder(tmp_path)


def test_the_first_moment_of_each_step_is_kept(passages: Passages) -> None:
    passages.note("c1", "queued", NOON)
    passages.note("c1", "rang", LATER)
    passages.note("c1", "answered", LATER, agent="Anja", detail="x")
    passages.note("c1", "answered", "2026-11-20T13:00:00+01:00", agent="Bram")  # put through to another
    passages.note("c1", "queued", LATER)
    at = "2026-11-20T11:00:09.000+00:00"
    assert passages.of("c1") == Passage("c1", SAME, at, at, None, None, None, "Anja", "")
    assert passages.of("c2") is None


def test_a_moment_that_is_told_late_is_the_first_all_the_same(passages: Passages) -> None:
    passages.note("c1", "answered", LATER, agent="Bram")
    passages.note("c1", "answered", NOON, agent="Anja")
    found = passages.of("c1")
    assert found and (found.answered_at, found.agent) == (SAME, "Anja")


@pytest.mark.parametrize(
    ("steps", "how"),
    [
        (["queued"], ""),
        (["queued", "rang", "answered", "ended"], "answered"),
        (["queued", "abandoned", "ended"], "abandoned"),
        (["queued", "abandoned", "fallback", "ended"], "fallback"),
        (["fallback"], "fallback"),
        ([], ""),
    ],
)
def test_what_became_of_it(passages: Passages, steps: list[str], how: str) -> None:
    passages.note("c1", "ended", LATER)
    for step in steps:
        passages.note("c1", step, NOON, detail="timeout", agent="Anja")
    found = passages.of("c1")
    assert found and found.ended_how == how
    assert found.detail == ("timeout" if "fallback" in steps else "")
    assert found.agent == ("Anja" if "answered" in steps else "")


def test_the_last_come_first_and_the_old_are_forgotten(passages: Passages) -> None:
    passages.note("old", "queued", NOON)
    passages.note("new", "queued", LATER)
    passages.note("old", "ended", LATER)
    assert [one.call_id for one in passages.latest(9)] == ["new", "old"]
    assert [one.call_id for one in passages.latest(1)] == ["new"]
    assert passages.forget(LATER) == 1
    assert [one.call_id for one in passages.latest(9)] == ["new"]
