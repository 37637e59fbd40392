import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.events import (
    BackendReplied,
    CallBackend,
    CallStarted,
    IntentRecognised,
    KeyPressed,
    Listen,
    Message,
    Say,
    Transfer,
    UtteranceEnded,
)
from voicebot.expectation import Expectation
from voicebot.records import Redactor, redact_text
from voicebot.values import Personal, TimedWord, fill

pytestmark = pytest.mark.unit

N, E, P = "<number:1>", "<email:1>", "<name:1>"

SENTENCES = [
    # numbers, spoken
    ("een twee drie vier vijf", N),
    ("mijn bestelnummer is een twee drie vier vijf", f"mijn bestelnummer is {N}"),
    ("het is nul nul zeven", f"het is {N}"),
    ("twaalf drie vijfenveertig", N),
    ("twaalf drieënveertig", N),
    ("één twee drie eh vier en vijf", N),
    ("een twee drie en dat is alles", f"{N} en dat is alles"),
    ("zesenvijftig elf b j", N),
    ("zesenvijftig elf bé jee nummer twaalf", f"{N} nummer twaalf"),
    ("zesenvijftig elf bj twaalf", N),
    ("zes en vijftig elf b j", N),
    ("twaalfhonderd ab", N),
    ("tweeduizend vierentwintig", N),
    ("nul zes twaalf vierendertig zesenvijftig achtenzeventig", N),
    ("bel mij op plus eenendertig zes twaalf", f"bel mij op plus {N}"),
    ("mijn bsn is een een een twee twee twee drie drie drie", f"mijn bsn is {N}"),
    ("n l negentien a b n a nul vier een zeven", N),
    ("geboren op twaalf maart negentienzeventig", f"geboren op twaalf maart {N}"),
    # numbers, written
    ("bestelling 12345", f"bestelling {N}"),
    ("bestelling 12345 en 67890", f"bestelling {N}"),
    ("bestelling 12345 of 67890", f"bestelling {N} of <number:2>"),
    ("06-12345678", N),
    ("+31 6 12 34 56 78", f"+{N}"),
    ("(040) 123 45 67", f"({N}"),
    ("NL91 ABNA 0417 1643 00 graag", f"{N} graag"),
    ("NL91ABNA0417164300", N),
    ("bsn 111222333", f"bsn {N}"),
    ("5611 BJ", N),
    ("5611BJ 12", N),
    ("postcode 5611 bj is het", f"postcode {N} is het"),
    ("geboren 12-03-1970", f"geboren {N}"),
    ("huisnummer 123", f"huisnummer {N}"),
    # e-mail addresses
    ("jan.de.vries@voorbeeld.nl", E),
    ("mail naar jan@voorbeeld.nl graag", f"mail naar {E} graag"),
    ("jan apenstaartje voorbeeld punt nl", E),
    ("mijn mailadres is jan punt de vries apenstaartje gmail punt com", f"mijn mailadres is {E}"),
    ("het is jan streepje vries apestaartje kpn mail punt nl", f"het is {E}"),
    # names
    ("mijn naam is jan", f"mijn naam is {P}"),
    ("mijn naam is jan de jong en ik bel over mijn fiets", f"mijn naam is {P} en ik bel over mijn fiets"),
    ("Mijn achternaam is: Van den Berg.", f"Mijn achternaam is: {P}."),
    ("u spreekt met jansen ik heb een vraag", f"u spreekt met {P} ik heb een vraag"),
    ("goedemorgen u spreekt met annelies bakker", f"goedemorgen u spreekt met {P}"),
    ("met pietersen", f"met {P}"),
    ("goedemiddag met pietersen waar blijft mijn pakket", f"goedemiddag met {P} waar blijft mijn pakket"),
    ("ja hallo met de vries", f"ja hallo met {P}"),
    ("ik heet fatima", f"ik heet {P}"),
    ("ik ben jan de wit", f"ik ben {P}"),
    ("de bestelling staat op naam van mevrouw smit", f"de bestelling staat op naam van {P}"),
    ("meneer özdemir belt terug", f"meneer {P}"),
    ("ik ben jan ik ben boos", f"ik ben {P} ik ben boos"),
    ("mijn naam is jan een twee drie vier", f"mijn naam is {P} {N}"),
    # nothing personal
    ("", ""),
    ("ik ben boos", "ik ben boos"),
    ("ik ben heel erg teleurgesteld", "ik ben heel erg teleurgesteld"),
    ("ik ben het zat", "ik ben het zat"),
    ("ik ben mijn bestelnummer kwijt", "ik ben mijn bestelnummer kwijt"),
    ("met een medewerker graag", "met een medewerker graag"),
    ("mag ik met een medewerker spreken", "mag ik met een medewerker spreken"),
    ("ik wil een vraag stellen over een bestelling", "ik wil een vraag stellen over een bestelling"),
    ("kan het om twee uur", "kan het om twee uur"),
    ("tussen twee en vier uur", "tussen twee en vier uur"),
    ("tussen 14:00 en 16:00", "tussen 14:00 en 16:00"),
    ("om 9.30 uur", "om 9.30 uur"),
    ("over drie dagen", "over drie dagen"),
    ("1 stuk", "1 stuk"),
    ("drie of vier dagen", "drie of vier dagen"),
    ("ik wacht al twaalf dagen", "ik wacht al twaalf dagen"),
    ("honderd procent zeker", "honderd procent zeker"),
    ("heeft u even", "heeft u even"),
    ("waar is mijn bestelling", "waar is mijn bestelling"),
]


def redacted(text: str, *, number_asked: bool = False) -> str:
    redactor = Redactor()
    redactor.redact(Listen(Expectation(slot_type="digits" if number_asked else None)))
    message = redactor.redact(UtteranceEnded(text, 0, 1))
    assert isinstance(message, UtteranceEnded)
    return message.text


def test_the_table_is_large_enough() -> None:
    assert len(SENTENCES) >= 60


MORE = [
    ("dit is jan de vries", "dit is <name:1>"),
    ("dit is belachelijk", "dit is belachelijk"),
    ("dit is niet goed", "dit is niet goed"),
    ("ik woon in de kerkstraat twaalf", "ik woon in de <address:1>"),
    ("lange lindelaan nummer 3 in delft", "lange <address:1> in delft"),
    ("mijn pakket is onderweg", "mijn pakket is onderweg"),
    ("jan punt devries at gmail punt com", "<email:1>"),
    ("ik at gisteren een appel", "ik at gisteren een appel"),
]


@pytest.mark.parametrize(("text", "expected"), [*SENTENCES, *MORE])
def test_what_is_personal_is_hidden(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("twaalf", N), ("een twee", N), ("b j", N), ("twee", "twee"), ("dat weet ik niet", "dat weet ik niet")],
)
def test_part_of_a_number_is_hidden_when_one_was_asked(text: str, expected: str) -> None:
    assert redacted(text, number_asked=True) == expected


@given(st.text())
def test_no_run_of_four_digits_survives_any_text(text: str) -> None:
    assert not re.search(r"\d{4}", redacted(text))


@given(
    st.lists(st.integers(0, 9), min_size=4, max_size=12),
    st.sampled_from(["", " ", "-", ".", "/", ", "]),
    st.sampled_from(["", "mijn nummer is ", "ja ", "met jansen "]),
    st.sampled_from(["", " graag", " en verder niets", "."]),
)
def test_no_number_survives_written_or_spoken(digits: list[int], gap: str, before: str, after: str) -> None:
    words = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
    written = redacted(before + gap.join(map(str, digits)) + after)
    spoken = redacted(before + " ".join(words[digit] for digit in digits) + after)
    assert not re.search(r"\d", re.sub(r"<\w+:\d>", "", written))
    assert spoken.count("<number:1>") == 1
    assert not set(words) & set(spoken.split())


MESSAGES: list[Message] = [
    CallStarted(
        "c", "webshop", "b1", "0.1", "2026-11-20T10:15:00+01:00", Personal("caller_number", "0612345678")
    ),
    IntentRecognised(
        "order_status", 0.9, {"order_number": Personal("order_number", "12345"), "polite": True}
    ),
    CallBackend(1, "find_order", {"postcode": Personal("postcode", "5611BJ")}),
    BackendReplied(1, "found", {"name": Personal("name", "Jansen"), "window": "tussen 14:00 en 16:00"}),
    Say(
        1,
        "status",
        "Bestelling {order_number} is onderweg.",
        {"order_number": Personal("order_number", "12345")},
    ),
    Transfer(
        "klantenservice", "asked_for_human", "order_status", {"postcode": Personal("postcode", "5611BJ")}
    ),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_no_personal_value_survives_anywhere(message: Message) -> None:
    def personal(value: object) -> list[str]:
        if isinstance(value, Personal):
            return [value.value]
        if isinstance(value, dict):
            return [text for inner in value.values() for text in personal(inner)]
        return []

    values = [text for f in fields(message) for text in personal(getattr(Redactor().redact(message), f.name))]
    assert values
    assert all(re.fullmatch(r"<\w+:1>", value) for value in values)


def test_a_value_keeps_its_token_through_the_call() -> None:
    redactor = Redactor()

    def token(kind: str, value: str) -> str:
        message = redactor.redact(IntentRecognised("x", 1.0, {"slot": Personal(kind, value)}))
        assert isinstance(message, IntentRecognised)
        slot = message.slots["slot"]
        assert isinstance(slot, Personal)
        assert slot.kind == kind
        return slot.value

    assert token("postcode", "5611BJ") == "<postcode:1>"
    assert token("postcode", "1011AB") == "<postcode:2>"
    assert token("order_number", "12345") == "<order_number:1>"
    assert token("postcode", "5611BJ") == "<postcode:1>"


@given(st.text(), st.text())
def test_redaction_commutes_with_fill(number: str, day: str) -> None:
    say = Say(1, "s", "{number} komt {day}", {"number": Personal("number", number), "day": day})
    redacted_say = Redactor().redact(say)
    assert isinstance(redacted_say, Say)
    assert fill(say.template, redacted_say.values, reveal=False) == fill(
        say.template, say.values, reveal=False
    )
    assert fill(say.template, redacted_say.values, reveal=True) == f"<number:1> komt {day}"


def test_messages_without_personal_values_stay_as_they_are() -> None:
    for message in (
        KeyPressed("0"),
        UtteranceEnded("ja", 3, 4),
        UtteranceEnded("ja", 3, 4, (TimedWord("ja", 3, 4),)),
        Listen(Expectation("postcode", "postcode", 6)),
    ):
        assert Redactor().redact(message) == message


def test_redact_text_leaves_tokens_alone() -> None:
    redactor = Redactor()
    once = redact_text("bestelling 12345", redactor._token)
    assert redact_text(once, redactor._token) == once


def timed(text: str) -> tuple[TimedWord, ...]:
    """The words of `text`, one every 100 ms."""
    return tuple(TimedWord(word, 100 * at, 100 * at + 80) for at, word in enumerate(text.split()))


def redacted_words(text: str, words: tuple[TimedWord, ...]) -> tuple[str, tuple[TimedWord, ...]]:
    message = Redactor().redact(UtteranceEnded(text, 0, 1, words))
    assert isinstance(message, UtteranceEnded)
    return message.text, message.words


def test_what_is_hidden_is_one_word_as_long_as_it_was() -> None:
    text = "met jansen en nummer een twee drie vier is het ja mijn naam is Jansen"
    assert redacted_words(text, timed(text))[1] == (
        TimedWord("met", 0, 80),
        TimedWord("<name:1>", 100, 180),
        TimedWord("en", 200, 280),
        TimedWord("nummer", 300, 380),
        TimedWord("<number:1>", 400, 780),
        *timed(text)[8:-1],
        TimedWord("<name:1>", 1400, 1480),
    )


def test_a_word_of_which_a_part_is_hidden_goes_with_it() -> None:
    text = "ik heb zo'n een twee drie vier"
    assert redacted_words(text, timed(text)) == (
        "ik heb zo'<number:1>",
        (*timed(text)[:2], TimedWord("zo'<number:1>", 200, 680)),
    )


RECOGNISED = """
    een twee twaalf vijfenveertig duizend b j nl plus nummer en eh is ja waar mijn naam ik ben met de jan
    vries op straat kerkstraat mail apenstaartje at gmail punt com pakket boos uur onderweg zo'n e-mail
"""


@given(st.lists(st.sampled_from(RECOGNISED.split()), max_size=25).map(" ".join))
def test_words_are_those_of_the_redacted_text_at_their_own_times(text: str) -> None:
    """Whatever a recogniser may hear: plain words with a space between them."""
    words = timed(text)
    hidden, told = redacted_words(text, words)
    assert " ".join(word.text for word in told) == hidden
    left = list(words)
    for word in told:
        meant = [one for one in left if one.end_ms <= word.end_ms]
        assert (meant[0].start_ms, meant[-1].end_ms) == (word.start_ms, word.end_ms)
        assert "<" in word.text or [one.text for one in meant] == [word.text]
        left = left[len(meant) :]
    assert not left


@given(st.text(), st.lists(st.builds(TimedWord, st.text(), st.integers(), st.integers())).map(tuple))
def test_words_that_are_not_those_of_the_text_are_dropped(text: str, words: tuple[TimedWord, ...]) -> None:
    hidden, told = redacted_words(text, words)
    assert told == () or " ".join(word.text for word in told) == hidden


SECRETS = ["mijn nummer is een twee drie vier", "ik heet jansen", "bestelling 12345", "jan@voorbeeld.nl"]


@given(st.sampled_from(SECRETS), st.lists(st.sampled_from(["<number:1>", "<name:1>", "ja", ""]), max_size=3))
def test_words_tell_nothing_that_the_text_hides(text: str, more: list[str]) -> None:
    """Neither when they are others than the text's, nor when a caller's words look like tokens."""
    said = " ".join([*more, text, *more])
    for words in (timed(said), timed(text), (TimedWord(said, 0, 1),)):
        hidden, told = redacted_words(said, words)
        assert {word.text for word in told} <= set(hidden.split())
