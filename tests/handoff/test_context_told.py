"""The Dutch that an agent reads and hears."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallStarted,
    IntentNotRecognised,
    IntentRecognised,
    Message,
    NoteFrustration,
    PromptInterrupted,
    PromptStarted,
    SpeechContinued,
    TakeBack,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)
from voicebot.handoff import REASON_SENTENCES, ContextPackage, build_context
from voicebot.values import Personal, Value

pytestmark = pytest.mark.unit

TOPICS = {
    "order_status": "de status van een bestelling",
    "opening_hours": "de openingstijden",
    "return_request": "terugsturen, ruilen of garantie",
    "complaint": "een klacht",
}
STARTED = CallStarted("c1", "webshop", "b1", "0.1", "2026-11-20T10:15:03+01:00", topics=TOPICS)
NUMBER, WRONG = Personal("order_number", "12345"), Personal("order_number", "54321")
POSTCODE = Personal("postcode", "5611BJ")
BOTH: dict[str, Value] = {"order_number": NUMBER, "postcode": POSTCODE}
SAID = UtteranceEnded("...", 10_000, 12_000)
NOT_HEARD = PromptStarted(8, "no_match", "Sorry, dat heb ik niet goed begrepen.")
SILENT = PromptStarted(9, "no_input", "Ik hoor u niet.")
HOURS = PromptStarted(4, "opening_hours.say", "Wij zijn open van 9:00 tot 18:00.")
COMES = PromptStarted(5, "order_status.say", "Uw bestelling {order_number} komt vandaag.", BOTH)


def wants(intent: str) -> list[Message]:
    return [SAID, IntentRecognised(intent, 1.0)]


def looks_up(outcome: str, number: Personal = NUMBER, request: int = 1) -> list[Message]:
    given = {"order_number": number, "postcode": POSTCODE}
    return [CallBackend(request, "find_order", given, only_reads=True), BackendReplied(request, outcome)]


def tell(transfer: Transfer, *messages: Message, started: CallStarted = STARTED) -> ContextPackage:
    return build_context("c1", transfer, [started, *messages], lambda message: message)


@pytest.mark.parametrize(
    ("reason", "intent", "slots", "messages", "paragraph"),
    [
        (
            "asked_for_human",
            "order_status",
            BOTH,
            [*wants("order_status"), *looks_up("on_the_way"), COMES],
            "De beller belt over de status van een bestelling. Bestelnummer 12345 en postcode 5611 BJ zijn "
            "opgegeven en teruggevonden in het systeem. De bot vertelde: “Uw bestelling 12345 komt "
            "vandaag.” Daarna vroeg de beller om een medewerker. Het gesprek verliep rustig.",
        ),
        (
            "asked_for_human",
            "order_status",
            {"order_number": NUMBER},
            wants("order_status"),
            "De beller belt over de status van een bestelling. Bestelnummer 12345 is opgegeven, maar nog "
            "niet gecontroleerd. Daarna vroeg de beller om een medewerker. Het gesprek verliep rustig.",
        ),
        (
            "asked_for_human",
            "",
            {},
            [SAID, NOT_HEARD, NoteFrustration(0.25, ("werd niet begrepen",))],
            "Waarover de beller belt, is nog niet duidelijk. Onderweg begreep de bot de beller één keer "
            "niet. Wel vroeg de beller om een medewerker. De beller bleef daarbij rustig.",
        ),
        (
            "asked_for_human",
            "",
            {},
            [],
            "De beller heeft nog niets gezegd. Wel is met een toets om een medewerker gevraagd.",
        ),
        (
            "asked_for_human",
            "opening_hours",
            {},
            [*wants("opening_hours"), HOURS, PromptInterrupted(4, 900)],
            "De beller belt over de openingstijden. De bot werd onderbroken bij het antwoord: “Wij zijn "
            "open van 9:00 tot 18:00.” Daarna vroeg de beller om een medewerker. Het gesprek verliep rustig.",
        ),
        (
            "not_identified",
            "order_status",
            BOTH,
            [*wants("order_status"), *looks_up("not_found", WRONG), *looks_up("not_found", request=2)],
            "De beller belt over de status van een bestelling. Met bestelnummer 12345 en postcode 5611 BJ "
            "vond de bot niets, net als eerder met bestelnummer 54321 en postcode 5611 BJ. Zonder kloppende "
            "gegevens kan de bot niet verder. Het gesprek verliep rustig.",
        ),
        (
            "not_identified",
            "order_status",
            BOTH,
            [*wants("order_status"), *looks_up("not_found"), *looks_up("not_found", request=2)],
            "De beller belt over de status van een bestelling. Met bestelnummer 12345 en postcode 5611 BJ "
            "vond de bot twee keer niets. Zonder kloppende gegevens kan de bot niet verder. Het gesprek "
            "verliep rustig.",
        ),
        (
            "backend_failed",
            "order_status",
            BOTH,
            [*wants("order_status"), looks_up("")[0], BackendFailed(1, "timeout")],
            "De beller belt over de status van een bestelling. Het opzoeken met bestelnummer 12345 en "
            "postcode 5611 BJ lukte niet door een storing in het systeem. Daardoor kon de bot niet verder. "
            "Het gesprek verliep rustig.",
        ),
        (
            "out_of_scope",
            "complaint",
            BOTH,
            [
                *wants("opening_hours"),
                HOURS,
                *wants("order_status"),
                *looks_up("delayed"),
                COMES,
                *wants("return_request"),
                NoteFrustration(0.35, ("klaagde over het gesprek",)),
                *wants("complaint"),
                NoteFrustration(0.24, ("klaagde over het gesprek",)),
            ],
            "De beller belt over een klacht, na vragen over de openingstijden en de status van een "
            "bestelling die de bot beantwoordde; eerder ging het ook over terugsturen, ruilen of garantie. "
            "Bestelnummer 12345 en postcode 5611 BJ zijn opgegeven en teruggevonden in het systeem. Eerder "
            "vertelde de bot: “Uw bestelling 12345 komt vandaag.” Hier kan de bot zelf niet mee helpen. De "
            "beller was even geïrriteerd (klaagde over het gesprek), maar werd weer rustig.",
        ),
        (
            "frustrated",
            "order_status",
            {},
            [
                *wants("order_status"),
                NOT_HEARD,
                NoteFrustration(0.25, ("werd niet begrepen",)),
                UtteranceEnded("...", 110_000, 118_000),
                NoteFrustration(0.9, ("werd niet begrepen", "klaagde over het gesprek", "schold")),
            ],
            "De beller belt over de status van een bestelling. Onderweg begreep de bot de beller één keer "
            "niet. Na twee minuten werd de beller ontevreden: die klaagde over het gesprek en schold. Om "
            "die reden heeft de bot doorverbonden.",
        ),
        (
            "not_understood",
            "return_request",
            {},
            [*wants("return_request"), NOT_HEARD, SILENT],
            "De beller belt over terugsturen, ruilen of garantie. Onderweg hoorde de bot één keer niets. De "
            "bot begreep de beller twee keer niet, en daarom is er doorverbonden. Het gesprek verliep "
            "rustig.",
        ),
        (
            "no_input",
            "",
            {},
            [SILENT],
            "De beller heeft nog niets gezegd. De bot hoorde twee keer niets, en daarom is er doorverbonden.",
        ),
        (
            "risk",
            "order_status",
            {},
            [*wants("order_status"), SAID, WarningHeard(risk="gevaar")],
            "De beller belt over de status van een bestelling. Daarbij noemde de beller een ongeluk of "
            "gevaar, en dat is werk voor een medewerker.",
        ),
        (
            "time_limit",
            "order_status",
            {"order_number": WRONG, "postcode": POSTCODE},
            [*wants("order_status"), *looks_up("not_found")],
            "De beller belt over de status van een bestelling. Met bestelnummer 12345 en postcode 5611 BJ "
            "vond de bot niets; daarna is bestelnummer 54321 opgegeven, maar nog niet gecontroleerd. Het "
            "gesprek met de bot duurde te lang, en daarom is er doorverbonden. Het gesprek verliep rustig.",
        ),
    ],
)
def test_the_paragraph_tells_the_call(
    reason: str, intent: str, slots: dict[str, Value], messages: list[Message], paragraph: str
) -> None:
    assert tell(Transfer("q", reason, intent, slots), *messages).paragraph == paragraph


def test_what_was_taken_back_is_not_told() -> None:
    taken_back = [*wants("opening_hours"), HOURS, SpeechContinued(4), TakeBack(3, 0)]
    context = tell(Transfer("q", "asked_for_human", "complaint"), *taken_back, *wants("complaint"))
    assert context.paragraph.startswith("De beller belt over een klacht. Daarna vroeg")
    assert context.tried == ()


def test_a_number_that_the_exchange_told_was_not_given_by_the_caller() -> None:
    number = Personal("caller_number", "0612345678")
    started = CallStarted("c1", "b", "1", "1", "2026-11-20T10:15:03+01:00", number, purpose="callback")
    context = tell(Transfer("q", "no_input", "callback", {"phone_number": number}), started=started)
    assert context.paragraph == (
        "De beller wil worden teruggebeld. De bot hoorde één keer niets, en daarom is er doorverbonden."
    )
    assert context.callback_briefing == "Terugbelverzoek, de bot hoorde niets meer."


ANGRY = NoteFrustration(0.6, ("schold",))


@pytest.mark.parametrize(
    ("reason", "intent", "messages", "briefing", "callback"),
    [
        (
            "out_of_scope",
            "return_request",
            [SAID],
            "Over terugsturen, ruilen of garantie, dat kan de bot niet zelf.",
            "Terugbelverzoek over terugsturen, ruilen of garantie, dat kan de bot niet zelf.",
        ),
        (
            "asked_for_human",
            "complaint",
            [SAID, ANGRY],
            "Over een klacht, de beller vroeg om een medewerker en is ontevreden.",
            "Terugbelverzoek over een klacht, de beller vroeg om een medewerker en is ontevreden.",
        ),
        (
            "frustrated",
            "",
            [SAID, ANGRY],
            "De beller is ontevreden, het onderwerp is nog onbekend.",
            "Terugbelverzoek, de beller is ontevreden.",
        ),
        (
            "not_understood",
            "order_status",
            [SAID, ANGRY],
            "Over de status van een bestelling, de beller is ontevreden.",
            "Terugbelverzoek over de status van een bestelling, de beller is ontevreden.",
        ),
        (
            "risk",
            "",
            [SAID, WarningHeard(risk="juridisch")],
            "Over een juridische kwestie.",
            "Terugbelverzoek over een juridische kwestie.",
        ),
        (
            "risk",
            "complaint",
            [SAID, WarningHeard(risk="other_code")],
            "Over een klacht, het gaat ook om een gevoelig onderwerp.",
            "Terugbelverzoek over een klacht, het gaat ook om een gevoelig onderwerp.",
        ),
        (
            "no_input",
            "",
            [],
            "De beller heeft nog niets gezegd.",
            "Terugbelverzoek, de bot hoorde niets meer.",
        ),
        ("unheard_of", "", [], "De beller heeft nog niets gezegd.", "Terugbelverzoek."),
        ("unheard_of", "complaint", [SAID], "Over een klacht.", "Terugbelverzoek over een klacht."),
    ],
)
def test_the_briefing_is_one_sentence(
    reason: str, intent: str, messages: list[Message], briefing: str, callback: str
) -> None:
    context = tell(Transfer("q", reason, intent), *messages)
    assert (context.briefing, context.callback_briefing) == (briefing, callback)


def test_a_topic_that_takes_too_long_to_say_is_left_out() -> None:
    started = CallStarted("c1", "b", "1", "1", "", topics={"long": "een heel lang onderwerp " * 9})
    context = tell(Transfer("q", "asked_for_human", "long"), SAID, started=started)
    assert context.briefing == "De beller vroeg om een medewerker."
    assert context.callback_briefing == "Terugbelverzoek."


VALUES = st.sampled_from([NUMBER, WRONG, POSTCODE])
MESSAGES = st.one_of(
    st.sampled_from(
        [SAID, NOT_HEARD, SILENT, HOURS, COMES, ANGRY, IntentNotRecognised(), SpeechContinued(1)]
    ),
    st.builds(IntentRecognised, st.sampled_from(sorted(TOPICS)), st.just(1.0)),
    st.builds(TakeBack, st.integers(0, 9), st.integers(0, 3)),
    st.builds(PromptInterrupted, st.integers(0, 9), st.just(1)),
    st.builds(
        CallBackend,
        st.integers(1, 3),
        st.just("find"),
        st.dictionaries(st.sampled_from(["order_number", "postcode"]), VALUES, min_size=1),
        st.booleans(),
    ),
    st.builds(BackendReplied, st.integers(1, 3), st.sampled_from(["found", "not_found"])),
    st.builds(BackendFailed, st.integers(1, 3), st.just("error")),
    st.builds(NoteFrustration, st.floats(0, 1), st.sampled_from([(), ("schold",), ("werd niet begrepen",)])),
)


@given(
    st.sampled_from([*REASON_SENTENCES, "unheard_of"]),
    st.sampled_from(["", *TOPICS, "unknown_intent"]),
    st.dictionaries(st.sampled_from(["order_number", "postcode"]), VALUES),
    st.lists(MESSAGES, max_size=25),
)
def test_whatever_happens_is_told_in_whole_sentences(
    reason: str, intent: str, slots: dict[str, Value], messages: list[Message]
) -> None:
    context = tell(Transfer("q", reason, intent, slots), *messages)
    sentences = re.findall(r"[^.”]+(?:“[^”]*”|\.)", context.paragraph)
    assert 2 <= len(sentences) <= 6
    assert all(re.match(r" ?[A-Z]", sentence) for sentence in sentences)
    assert not re.search(r"[_<>{}]|  ", context.paragraph)
    for spoken in (context.briefing, context.callback_briefing):
        assert re.fullmatch(r"[A-Z][^.]*\.", spoken)
        assert not re.search(r"\d|_", spoken)
