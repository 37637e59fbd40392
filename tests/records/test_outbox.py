"""Webhooks that wait: none is lost, none is readable, none waits for ever."""

from pathlib import Path

import pytest

from voicebot.records import Letter, Outbox

pytestmark = pytest.mark.unit

NOON, LATER, NIGHT = "2026-11-20T12:00:00+01:00", "2026-11-20T11:00:10+00:00", "2026-11-20T23:00:00+01:00"
BODY = '{"phone_number": "0612345678"}'


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox.in_folder(tmp_path)


def test_it_waits_until_it_is_delivered(tmp_path: Path, outbox: Outbox) -> None:
    id = outbox.add("c1", BODY, NOON)
    outbox.close()
    outbox = Outbox.in_folder(tmp_path)
    assert outbox.due(NOON, 10) == [Letter(id, "c1", BODY, 0)]
    assert "0612345678" not in repr(outbox.due(NOON, 10))
    outbox.delivered(id, LATER)
    assert outbox.due(NIGHT, 10) == []
    assert (outbox.waiting(), outbox.given_up()) == (0, 0)


def test_it_is_not_to_be_read_and_gone_when_delivered(tmp_path: Path, outbox: Outbox) -> None:
    outbox.delivered(outbox.add("c1", BODY, NOON), LATER)
    outbox.add("c2", BODY, NOON)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"c2" in stored and b"0612345678" not in stored


def test_what_failed_is_tried_again_in_its_time_and_then_given_up(outbox: Outbox) -> None:
    id = outbox.add("c1", BODY, NOON)
    outbox.failed(id, "status 500", LATER)
    assert outbox.due(NOON, 10) == []
    assert outbox.due("2026-11-20T12:00:10+01:00", 10) == [Letter(id, "c1", BODY, 1)]
    assert (outbox.waiting(), outbox.given_up()) == (1, 0)
    outbox.failed(id, "x" * 5000, None)
    assert outbox.due(NIGHT, 10) == []
    assert (outbox.waiting(), outbox.given_up()) == (0, 1)
    outbox.delivered(id, NIGHT)  # too late
    assert outbox.given_up() == 1


def test_who_waited_longest_goes_first(outbox: Outbox) -> None:
    late, early = outbox.add("late", BODY, LATER), outbox.add("early", BODY, NOON)
    assert late != early
    assert [letter.call_id for letter in outbox.due(NIGHT, 10)] == ["early", "late"]
    assert [letter.call_id for letter in outbox.due(NIGHT, 1)] == ["early"]
    outbox.failed(early, "refused", NIGHT)
    assert [letter.call_id for letter in outbox.due(NIGHT, 10)] == ["late", "early"]


def test_all_that_is_old_is_forgotten(outbox: Outbox) -> None:
    delivered, given_up = outbox.add("c1", BODY, NOON), outbox.add("c2", BODY, NOON)
    outbox.delivered(delivered, NOON)
    outbox.failed(given_up, "gone", None)
    outbox.add("c3", BODY, NOON)
    outbox.add("c4", BODY, LATER)
    assert outbox.forget(LATER) == 3
    assert [letter.call_id for letter in outbox.due(NIGHT, 10)] == ["c4"]
    assert outbox.given_up() == 0


def test_what_cannot_be_read_holds_up_nothing_and_waits_for_its_key(tmp_path: Path, outbox: Outbox) -> None:
    lost = outbox.add("c1", BODY, NOON)
    key = (tmp_path / "secret.key").rename(tmp_path / "old.key")
    other = Outbox.in_folder(tmp_path)
    new = other.add("c2", BODY, NOON)
    assert [one.id for one in other.due(LATER, 10)] == [new]
    other.delivered(new, LATER)
    assert (other.due(LATER, 10), other.waiting()) == ([], 1)
    key.rename(tmp_path / "secret.key")
    assert [one.id for one in Outbox.in_folder(tmp_path).due(NIGHT, 10)] == [lost]
