import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.events import (
    BackendReplied,
    CallBackend,
    CallStarted,
    KeyPressed,
    Message,
    NoteFrustration,
    PromptStarted,
    SpeechContinued,
    TakeBack,
    Transfer,
    UtteranceEnded,
)
from voicebot.handoff import REASON_SENTENCES, ContextPackage, Line, build_context
from voicebot.records import Redactor
from voicebot.values import Personal

pytestmark = pytest.mark.unit

TOPICS = {"order_status": "de status van een bestelling", "complaint": "een klacht"}
STARTED = CallStarted("c1", "webshop", "b1", "0.1", "2026-11-20T10:15:03+01:00", topics=TOPICS)
NUMBER = Personal("order_number", "12345")
SAID = UtteranceEnded("waar is mijn pakket", 0, 900)


def as_it_is(message: Message) -> Message:
    return message


def told(template: str, **values: Personal | str) -> PromptStarted:
    return PromptStarted(3, "order_status.say", template, values)


def test_the_agent_hears_what_when_and_why() -> None:
    transfer = Transfer("klantenservice", "asked_for_human", "order_status", {"order_number": NUMBER})
    answer = told("Uw bestelling {order_number} komt {day}.", order_number=NUMBER, day="vandaag")
    context = build_context("c1", transfer, [STARTED, SAID, answer], as_it_is)
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
    assert build_context("c1", transfer, [STARTED, *messages], as_it_is).summary == summary


@pytest.mark.parametrize("reason", REASON_SENTENCES)
def test_every_reason_is_told(reason: str) -> None:
    telling = build_context("c", Transfer("q", reason), [SAID], as_it_is).summary
    assert telling != build_context("c", Transfer("q", "unheard_of"), [SAID], as_it_is).summary


@given(st.text(max_size=300), st.text(min_size=1, max_size=300))
def test_the_summary_is_short_and_without_personal_values(day: str, value: str) -> None:
    answer = told("Op {day}: {order_number}.", day=day, order_number=Personal("order_number", f"#{value}#"))
    summary = build_context("c", Transfer("q", "fault", "order_status"), [STARTED, answer], as_it_is).summary
    assert len(summary) <= 200
    assert f"#{value}#" not in summary.replace(day, "")


def test_the_package_holds_what_was_given_and_what_became_of_it() -> None:
    started = CallStarted(
        "c1",
        "webshop",
        "b1",
        "0.1",
        "2026-11-20T10:15:03+01:00",
        Personal("caller_number", "0612345678"),
        TOPICS,
    )
    given = {"order_number": NUMBER, "postcode": Personal("postcode", "5611BJ")}
    messages: list[Message] = [
        started,
        SAID,
        NoteFrustration(0.25, ("werd niet begrepen",)),
        CallBackend(1, "find_order", given, only_reads=True),
        BackendReplied(1, "not_found"),
        UtteranceEnded("dan weet ik het niet", 5000, 9000),
        NoteFrustration(0.18, ("werd niet begrepen",)),
    ]
    transfer = Transfer(
        "q", "asked_for_human", "order_status", {"order_number": NUMBER}, ("werd niet begrepen",)
    )
    context = build_context("c1", transfer, messages, as_it_is)
    assert (context.call_id, context.bot, context.caller) == ("c1", "webshop", "0612345678")
    assert (context.started_at, context.topic) == (started.started_at, "de status van een bestelling")
    assert context.slots == {"order_number": "12345", "postcode": "5611BJ"}
    assert context.identification == "failed"
    assert context.tried == ("Opgezocht en niet gevonden: bestelnummer 12345 en postcode 5611 BJ.",)
    assert context.mood == ((0.9, 0.25), (9.0, 0.18))
    assert context.evidence == ("werd niet begrepen",)


@pytest.mark.parametrize(
    ("messages", "identification"),
    [
        ([], "not_asked"),
        ([CallBackend(1, "find", {"a": NUMBER}, only_reads=True)], "not_asked"),
        ([CallBackend(1, "find", {"a": NUMBER}, only_reads=True), BackendReplied(1, "not_found")], "failed"),
        (
            [CallBackend(1, "find", {"a": NUMBER}, only_reads=True), BackendReplied(1, "delayed")],
            "identified",
        ),
        ([CallBackend(1, "store_callback", {"a": NUMBER}), BackendReplied(1, "stored")], "not_asked"),
        (
            [CallBackend(1, "find", {"day": "vrijdag"}, only_reads=True), BackendReplied(1, "open")],
            "not_asked",
        ),
    ],
)
def test_who_was_found_is_identified(messages: list[Message], identification: str) -> None:
    context = build_context("c1", Transfer("q", "asked_for_human"), messages, as_it_is)
    assert context.identification == identification


def test_the_transcript_is_redacted_and_has_the_last_words() -> None:
    messages: list[Message] = [
        STARTED,
        UtteranceEnded("ik heet jan de vries", 0, 900),
        told("Bestelling {order_number} komt.", order_number=NUMBER),
        UtteranceEnded("mag ik een medewerker", 2000, 2900),
        KeyPressed("0"),
        SpeechContinued(4),
    ]
    context = build_context("c1", Transfer("q", "asked_for_human"), messages, Redactor().redact)
    assert context.transcript == (
        Line(1, "beller", "ik heet [naam]"),
        Line(2, "bot", "Bestelling [bestelnummer] komt.", 3),
        Line(3, "beller", "mag ik een medewerker"),
        Line(4, "beller", "(toets 0)"),
    )


TEXT = st.text(max_size=40)
LEVELS = st.floats(0, 1)
PACKAGES = st.builds(
    ContextPackage,
    **dict.fromkeys(("call_id", "bot", "reason", "intent", "topic", "queue", "summary", "paragraph"), TEXT),
    priority=st.integers(0, 100),
    identification=st.sampled_from(["identified", "failed", "not_asked"]),
    slots=st.dictionaries(TEXT, TEXT, max_size=3),
    tried=st.lists(TEXT, max_size=3).map(tuple),
    mood=st.lists(st.tuples(LEVELS, LEVELS), max_size=3).map(tuple),
    transcript=st.lists(
        st.builds(
            Line, st.integers(1, 9), st.sampled_from(["beller", "bot"]), TEXT, st.none() | st.integers(1, 9)
        ),
        max_size=3,
    ).map(tuple),
)


@given(PACKAGES)
def test_a_package_comes_back_from_json_as_it_was(package: ContextPackage) -> None:
    assert ContextPackage.from_json(package.to_json()) == package


def test_a_package_of_another_version_is_read_all_the_same() -> None:
    package = ContextPackage(call_id="c1", reason="fault", transcript=(Line(1, "bot", "Hallo."),))
    newer = {**json.loads(package.to_json()), "unheard_of": {"a": [1]}}
    assert ContextPackage.from_json(json.dumps(newer)) == package
    assert ContextPackage.from_json('{"call_id": "c1"}') == ContextPackage(call_id="c1")
    assert json.loads(package.to_json())["transcript"][0] == asdict(package.transcript[0])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"priority": "geheim"}', '{"transcript": [{"geheim": 1}]}'])
def test_what_is_no_package_gives_an_error_that_tells_nothing_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="no context package") as caught:
        ContextPackage.from_json(text)
    assert "geheim" not in str(caught.value)


def test_who_lost_patience_is_handed_over_with_what_led_to_it() -> None:
    evidence = ("werd niet begrepen", "schold")
    transfer = Transfer("kalm", "frustrated", evidence=evidence, skill="rustig", priority=10)
    context = build_context("c1", transfer, [SAID], as_it_is)
    assert context.summary.endswith("De beller is ontevreden. De beller werd niet begrepen, schold.")
    assert (context.variables["VB_QUEUE"], context.variables["VB_PRIORITY"]) == ("kalm", "10")
    assert context.variables["VB_SKILL"] == "rustig"
