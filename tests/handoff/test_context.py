import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.events import CallStarted, Message, PromptStarted, TakeBack, Transfer, UtteranceEnded
from voicebot.handoff import REASON_SENTENCES, build_context
from voicebot.values import Personal

pytestmark = pytest.mark.unit

TOPICS = {"order_status": "de status van een bestelling", "complaint": "een klacht"}
STARTED = CallStarted("c1", "webshop", "b1", "0.1", "2026-11-20T10:15:03+01:00", topics=TOPICS)
NUMBER = Personal("order_number", "12345")
SAID = UtteranceEnded("waar is mijn pakket", 0, 900)


def told(template: str, **values: Personal | str) -> PromptStarted:
    return PromptStarted(3, "order_status.say", template, values)


def test_the_agent_hears_what_when_and_why() -> None:
    transfer = Transfer("klantenservice", "asked_for_human", "order_status", {"order_number": NUMBER})
    answer = told("Uw bestelling {order_number} komt {day}.", order_number=NUMBER, day="vandaag")
    context = build_context("c1", transfer, [STARTED, SAID, answer])
    assert context.summary == (
        "De beller belt over de status van een bestelling. De bot zei: Uw bestelling komt vandaag. "
        "De beller vroeg om een medewerker."
    )
    assert context.variables == {
        "VB_REASON": "asked_for_human",
        "VB_INTENT": "order_status",
        "VB_SUMMARY": context.summary,
        "VB_QUEUE": "klantenservice",
        "VB_PRIORITY": "0",
        "VB_SKILL": "",
    }


@pytest.mark.parametrize(
    ("transfer", "messages", "summary"),
    [
        (
            Transfer("q", "not_identified", "order_status"),
            [SAID, told("Niet gevonden.")],
            "De beller belt over de status van een bestelling. De bot zei: Niet gevonden. "
            "De bot kon de gegevens van de beller niet terugvinden.",
        ),
        (
            Transfer("q", "asked_for_human", "order_status"),
            [SAID, told("Niet gevonden."), TakeBack(2, 0)],
            "De beller belt over de status van een bestelling. De beller vroeg om een medewerker.",
        ),
        (
            Transfer("q", "not_understood"),
            [SAID],
            "Het is nog niet duidelijk waarover de beller belt. De bot begreep de beller niet.",
        ),
        (Transfer("q", "no_input"), [], "De beller heeft nog niets gezegd. De bot hoorde de beller niet."),
        (
            Transfer("q", "out_of_scope", "complaint"),
            [SAID],
            "De beller belt over een klacht. De bot kan dit niet zelf doen.",
        ),
    ],
)
def test_each_story_has_its_summary(transfer: Transfer, messages: list[Message], summary: str) -> None:
    assert build_context("c1", transfer, [STARTED, *messages]).summary == summary


@pytest.mark.parametrize("reason", REASON_SENTENCES)
def test_every_reason_is_told(reason: str) -> None:
    telling = build_context("c", Transfer("q", reason), [SAID]).summary
    assert telling != build_context("c", Transfer("q", "unheard_of"), [SAID]).summary


@given(st.text(max_size=300), st.text(min_size=1, max_size=300))
def test_the_summary_is_short_and_without_personal_values(day: str, value: str) -> None:
    answer = told("Op {day}: {order_number}.", day=day, order_number=Personal("order_number", f"#{value}#"))
    summary = build_context("c", Transfer("q", "fault", "order_status"), [STARTED, answer]).summary
    assert len(summary) <= 200
    assert f"#{value}#" not in summary.replace(day, "")


def test_who_lost_patience_is_handed_over_with_what_led_to_it() -> None:
    evidence = ("werd niet begrepen", "schold")
    transfer = Transfer("kalm", "frustrated", evidence=evidence, skill="rustig", priority=10)
    context = build_context("c1", transfer, [SAID])
    assert context.summary.endswith("De beller is ontevreden. De beller werd niet begrepen, schold.")
    assert (context.variables["VB_QUEUE"], context.variables["VB_PRIORITY"]) == ("kalm", "10")
    assert context.variables["VB_SKILL"] == "rustig"
