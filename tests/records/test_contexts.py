"""What agents get to see: secret, opened once, and forgotten in time."""

import threading
from pathlib import Path

import pytest

from voicebot.errors import RecordsError
from voicebot.records import Contexts

pytestmark = pytest.mark.unit

NOON, LATER = "2026-11-20T12:00:00+01:00", "2026-11-20T11:00:01+00:00"
BODY = '{"phone_number": "0612345678", "topic": "één klacht"}'


@pytest.fixture
def contexts(tmp_path: Path) -> Contexts:
    return Contexts.in_folder(tmp_path)


def test_the_bearer_of_the_token_opens_it_once(contexts: Contexts) -> None:
    contexts.add("c1", "token", BODY, NOON)
    assert contexts.claim("tokes", LATER) is None
    assert contexts.claim("token", LATER) == "c1"
    assert contexts.claim("token", LATER) is None
    assert contexts.get("c1") == BODY
    assert contexts.get("c2") is None


def test_a_later_one_takes_its_place(contexts: Contexts) -> None:
    contexts.add("c1", "first", "old", NOON)
    assert contexts.claim("first", NOON) == "c1"
    contexts.add("c1", "second", "new", LATER)
    assert contexts.claim("first", LATER) is None
    assert contexts.claim("second", LATER) == "c1"
    assert contexts.get("c1") == "new"


def test_neither_the_context_nor_the_token_is_to_be_read(tmp_path: Path, contexts: Contexts) -> None:
    contexts.add("c1", "geheim-token", BODY, NOON)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"c1" in stored
    assert b"0612345678" not in stored and b"geheim-token" not in stored


def test_of_all_who_claim_it_at_once_one_does(tmp_path: Path, contexts: Contexts) -> None:
    contexts.add("c1", "token", BODY, NOON)
    ready, got = threading.Barrier(8), []

    def claim() -> None:
        own = Contexts.in_folder(tmp_path)
        ready.wait()
        got.append(own.claim("token", LATER))
        own.close()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, got)) == ["None"] * 7 + ["c1"]


def test_what_is_old_is_forgotten_whatever_the_zone(contexts: Contexts) -> None:
    contexts.add("c1", "a", "x", NOON)
    contexts.add("c2", "b", "y", LATER)  # a second later, though its text is smaller
    assert contexts.forget(NOON) == 0
    assert contexts.forget(LATER) == 1
    assert (contexts.get("c1"), contexts.get("c2")) == (None, "y")


@pytest.mark.parametrize("moment", ["gisteren", "2026-11-20T12:00:00", ""])
def test_a_moment_without_a_zone_is_refused(contexts: Contexts, moment: str) -> None:
    with pytest.raises(RecordsError, match=r"no moment|no zone"):
        contexts.add("c1", "token", BODY, moment)


def test_another_key_is_said(tmp_path: Path, contexts: Contexts) -> None:
    contexts.add("c1", "token", BODY, NOON)
    contexts.close()
    (tmp_path / "secret.key").unlink()
    with pytest.raises(RecordsError, match="put that key back"):
        Contexts.in_folder(tmp_path).get("c1")
