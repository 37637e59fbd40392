import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.events import (
    BackendReplied,
    CallBackend,
    IntentRecognised,
    Message,
    Personal,
    Transfer,
    UtteranceEnded,
)
from voicebot.handoff import REASON_SENTENCES, build_context

pytestmark = pytest.mark.unit

NUMBER = Personal("order_number", "12345")
SAID = UtteranceEnded("waar is mijn pakket", 0, 900)


def look_up(outcome: str, **facts: Personal | str) -> list[Message]:
    return [SAID, CallBackend(1, "find_order", {"order_number": NUMBER}), BackendReplied(1, outcome, facts)]


def test_the_agent_hears_what_when_and_why() -> None:
    transfer = Transfer("klantenservice", "asked_for_human", "order_status", {"order_number": NUMBER})
    found = look_up("on_the_way", order_number=NUMBER, delivery_day="vandaag", window="tussen 14:00 en 16:00")
    context = build_context("c1", transfer, found)
    assert context.summary == (
        "De beller belt over de status van een bestelling. De bestelling is onderweg en komt vandaag tussen "
        "14:00 en 16:00. De beller vroeg om een medewerker."
    )
    assert context.variables == {
        "VB_REASON": "asked_for_human",
        "VB_INTENT": "order_status",
        "VB_QUEUE": "klantenservice",
        "VB_SUMMARY": context.summary,
    }


@pytest.mark.parametrize(
    ("transfer", "messages", "summary"),
    [
        (
            Transfer("q", "not_identified", "order_status"),
            look_up("not_found"),
            "De beller belt over de status van een bestelling. De bestelling is niet gevonden. "
            "Bestelnummer en postcode hoorden niet bij elkaar.",
        ),
        (
            Transfer("q", "not_understood"),
            [SAID],
            "Het is nog niet duidelijk waarover de beller belt. De bot begreep de beller niet.",
        ),
        (Transfer("q", "no_input"), [], "De beller heeft nog niets gezegd. De bot hoorde de beller niet."),
        (
            Transfer("q", "out_of_scope", "complaint"),
            [SAID, IntentRecognised("complaint", 0.9)],
            "De beller belt over een klacht. De bot kan dit niet zelf doen.",
        ),
        (
            Transfer("q", "asked_for_human", "order_status"),
            look_up("found_elsewhere"),
            "De beller belt over de status van een bestelling. De beller vroeg om een medewerker.",
        ),
        (
            Transfer("q", "asked_for_human", "order_status"),
            look_up("delayed"),
            "De beller belt over de status van een bestelling. De beller vroeg om een medewerker.",
        ),
    ],
)
def test_each_story_has_its_summary(transfer: Transfer, messages: list[Message], summary: str) -> None:
    assert build_context("c1", transfer, messages).summary == summary


@pytest.mark.parametrize("reason", REASON_SENTENCES)
def test_every_reason_is_told(reason: str) -> None:
    telling = build_context("c", Transfer("q", reason), [SAID]).summary
    assert telling != build_context("c", Transfer("q", "unheard_of"), [SAID]).summary


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_summary_is_whole_sentences_without_personal_values(day: str, value: str) -> None:
    found = look_up(
        "delivered", order_number=Personal("order_number", f"#{value}#"), delivery_day=day, carrier="DHL"
    )
    summary = build_context("c", Transfer("q", "fault", "order_status"), found).summary
    assert len(summary) <= 200
    assert summary.endswith(".")
    assert f"#{value}#" not in summary.replace(day, "")
    assert not re.search(r"\d{5}", summary.replace(day, ""))
