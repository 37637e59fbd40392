"""Every hand-over of a replayed call comes with a whole package."""

from collections.abc import Iterator

import pytest
from recordings import FIXTURES

from voicebot.events import Transfer
from voicebot.handoff import REASON_SENTENCES, build_context
from voicebot.house import House, SyntheticCaller
from voicebot.records import Redactor
from voicebot.replay import Recordings, load_fixture, replay_direct

pytestmark = pytest.mark.audio

LIBRARY = FIXTURES.parent


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recordings]:
    caller = SyntheticCaller()
    yield Recordings(caller.say, tmp_path_factory.mktemp("callers"))
    caller.close()


@pytest.mark.parametrize(
    ("file", "topic", "slots", "identification"),
    [
        (
            "webshop/medewerker_na_het_antwoord",
            "de status van een bestelling",
            {"order_number": "12345", "postcode": "5611BJ"},
            "identified",
        ),
        (
            "webshop/verkeerde_postcode",
            "de status van een bestelling",
            {"order_number": "12345", "postcode": "5611BJ"},
            "failed",
        ),
        ("keys/nul_bij_de_postcode", "de status van een bestelling", {"order_number": "12345"}, "not_asked"),
        ("keys/nul_bij_de_opening", "", {}, "not_asked"),
        ("webshop/retour", "terugsturen, ruilen of garantie", {}, "not_asked"),
    ],
)
def test_a_hand_over_comes_with_all_that_is_known(
    webshop: House,
    recordings: Recordings,
    file: str,
    topic: str,
    slots: dict[str, str],
    identification: str,
) -> None:
    path = LIBRARY / f"{file}.yaml"
    fixture = load_fixture(path)
    call = replay_direct(fixture, recordings.turns(fixture, path.parent), webshop, path.parent)
    messages = [entry.message for entry in call.entries]
    transfer = next(message for message in messages if isinstance(message, Transfer))
    context = build_context("c1", transfer, messages[: messages.index(transfer)], Redactor().redact)
    assert call.context["VB_REASON"] == context.reason
    assert (context.topic, context.slots, context.identification) == (topic, slots, identification)
    assert context.reason in REASON_SENTENCES
    told = context.paragraph.replace(" ", "")
    assert all(value in told for value in slots.values())
    assert (topic or "nog niet") in context.paragraph or "nog niets gezegd" in context.paragraph
    assert context.transcript
    assert not any(value in line.text for value in slots.values() for line in context.transcript)
