from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from voicebot.errors import BotError
from voicebot.expectation import Completeness, Expectation
from voicebot.understanding import IntentSpec, Meaning, SlotSpec, Understanding

pytestmark = pytest.mark.unit

COMPLETE, LIKELY = Completeness.COMPLETE, Completeness.LIKELY
OPEN_END, UNFINISHED = Completeness.OPEN, Completeness.UNFINISHED
ASIDES = ("repeat", "wait", "greeting", "slower", "help", "misunderstood", "stop", "restart")
OPEN = Expectation()
ORDER = Expectation("order_number", "digits", 5)
POSTCODE = Expectation("postcode", "postcode")
AGREED = Expectation("agreed", "yes_no")


def sentences(name: str) -> Mapping[str, list[str]]:
    return YAML(typ="safe", pure=True).load(Path(__file__).with_name(name).read_text("utf-8"))


HELD_OUT = sentences("webshop_held_out.yaml")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("waar is mijn bestelling", "order_status"),
        ("waar blijft mijn pakket", "order_status"),
        ("goedemiddag met jan de vries waar blijft mijn pakket nou", "order_status"),
        ("ik wacht nog altijd op mijn bestelling", "order_status"),
        ("kunt u mij zeggen waar mijn bestelling blijft alstublieft", "order_status"),
        ("tot hoe laat zijn jullie open", "opening_hours"),
        ("zijn jullie zondag open", "opening_hours"),
        ("ik wil graag weten wat de openingstijden zijn", "opening_hours"),
        ("ik wil iets terugsturen", "return_request"),
        ("ik wil mijn bestelling annuleren", "cancel_order"),
        ("kan mijn pakket op een ander adres bezorgd worden", "change_delivery"),
        ("ik wil graag een kopie van de factuur", "invoice_copy"),
        ("ik heb een klacht", "complaint"),
        ("is die fiets op voorraad", "product_question"),
    ],
)
def test_known_wording_is_certain(understanding: Understanding, text: str, intent: str) -> None:
    assert understanding.understand(text, OPEN) == Meaning(intent, 1.0)


def test_other_wording_is_guessed(understanding: Understanding) -> None:
    """Sentences that nothing was tuned on. Measured: 87 of 105 right, 1 wrong, 1 of 40 unrelated accepted."""
    wishes = {name: said for name, said in HELD_OUT.items() if name not in ("none", "human", "mention")}
    answers = [
        (name, understanding.understand(text, OPEN).intent) for name, said in wishes.items() for text in said
    ]
    accepted = [text for text in HELD_OUT["none"] if understanding.understand(text, OPEN).intent]
    assert len(answers) >= 100
    assert sum(intent == name for name, intent in answers) >= 0.8 * len(answers)
    assert sum(intent not in (None, name) for name, intent in answers) <= 0.03 * len(answers)
    assert len(accepted) <= 0.08 * len(HELD_OUT["none"])


def test_a_guess_is_never_as_sure_as_known_wording(understanding: Understanding) -> None:
    meaning = understanding.understand("annuleer wat ik vanmorgen heb besteld", OPEN)
    assert meaning.intent == "cancel_order"
    assert meaning.confidence < 1.0


@pytest.mark.parametrize("text", ["", "…", " "])
def test_nothing_said_means_nothing(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text, OPEN) == Meaning(None, 0.0)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("ja", "yes"),
        ("ja hoor", "yes"),
        ("eh ja dat klopt", "yes"),
        ("ja graag", "yes"),
        ("nee", "no"),
        ("nee dank u", "no"),
        ("nee dat klopt niet", "no"),
        ("dat klopt niet", "no"),
        ("nee dank u dat was het", "goodbye"),
        ("dat was alles", "goodbye"),
        ("tot ziens", "goodbye"),
        ("nee verder niets", "goodbye"),
        ("dank u wel en een fijne dag", "goodbye"),
        ("dank u wel", "thanks"),
        ("hartelijk bedankt", "thanks"),
    ],
)
@pytest.mark.parametrize("expectation", [OPEN, ORDER, POSTCODE])
def test_every_bot_knows_these_in_every_state(
    understanding: Understanding, text: str, intent: str, expectation: Expectation
) -> None:
    assert understanding.understand(text, expectation) == Meaning(intent, 1.0)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ja", "yes"),
        ("jazeker", "yes"),
        ("ja dat is mijn adres", "yes"),
        ("nee", "no"),
        ("nee dat is mijn oude adres", "no"),
        ("ja maar niet helemaal", None),
        ("ja nee", None),
        ("groen", None),
    ],
)
def test_a_yes_or_no_question(understanding: Understanding, text: str, answer: str | None) -> None:
    meaning = understanding.understand(text, AGREED)
    assert meaning.slots.get("agreed") == answer
    assert meaning.intent == answer


@pytest.mark.parametrize(
    ("text", "expectation", "intent", "slots"),
    [
        ("een twee drie vier vijf", ORDER, "inform", {"order_number": "12345"}),
        ("ja dat is een twee drie vier vijf", ORDER, "inform", {"order_number": "12345"}),
        ("zesenvijftig elf b j", POSTCODE, "inform", {"postcode": "5611BJ"}),
        ("zesenvijftig elf b j", ORDER, "inform", {"postcode": "5611BJ"}),
        (
            "een twee drie vier vijf en de postcode is zesenvijftig elf b j",
            ORDER,
            "inform",
            {"order_number": "12345", "postcode": "5611BJ"},
        ),
        ("mijn bestelnummer is een twee drie vier vijf", OPEN, "order_status", {"order_number": "12345"}),
        ("een twee drie vier vijf", OPEN, "inform", {"order_number": "12345"}),
        (
            "waar is mijn bestelling nummer een twee drie vier vijf",
            OPEN,
            "order_status",
            {"order_number": "12345"},
        ),
        (
            "waar is mijn bestelling met nummer 12345 en mijn postcode is 5611 BJ",
            OPEN,
            "order_status",
            {"order_number": "12345", "postcode": "5611BJ"},
        ),
        (
            "mijn postcode is 5611 BJ en waar blijft bestelling twaalf vierendertig vijf",
            OPEN,
            "order_status",
            {"order_number": "12345", "postcode": "5611BJ"},
        ),
        ("ik wil bestelling 12345 annuleren", OPEN, "cancel_order", {"order_number": "12345"}),
        ("een twee drie vier", ORDER, None, {}),
        ("wat zijn de openingstijden", ORDER, "opening_hours", {}),
    ],
)
def test_slots(
    understanding: Understanding,
    text: str,
    expectation: Expectation,
    intent: str | None,
    slots: Mapping[str, str],
) -> None:
    meaning = understanding.understand(text, expectation)
    assert (meaning.intent, meaning.slots) == (intent, slots)


def test_of_two_slots_that_look_alike_only_the_one_asked_for_is_filled() -> None:
    digits = SlotSpec("digits", 5)
    bot = Understanding({}, {"order_number": digits, "customer_number": digits})
    assert bot.understand("12345", OPEN).slots == {}
    assert bot.understand("12345", Expectation("customer_number", "digits", 5)).slots == {
        "customer_number": "12345"
    }


@pytest.mark.parametrize(
    ("expectation", "partial", "completeness"),
    [
        (ORDER, "een twee drie vier", UNFINISHED),
        (ORDER, "een twee drie vier vijf", COMPLETE),
        (ORDER, "een twee drie vier een", COMPLETE),
        (ORDER, "een twee drie vier vijf dank u wel", COMPLETE),
        (ORDER, "een twee drie vier vijf eh", UNFINISHED),
        (ORDER, "een twee drie vier vijf en", UNFINISHED),
        (ORDER, "een twee drie vier vijf en mijn postcode", UNFINISHED),
        (ORDER, "een twee drie vier vijf en mijn postcode is 5611 BJ", COMPLETE),
        (ORDER, "mijn bestelnummer is", UNFINISHED),
        (ORDER, "twaalfduizend", UNFINISHED),
        (ORDER, "twaalfduizend driehonderd", UNFINISHED),
        (ORDER, "twaalfduizend driehonderdvijfenveertig", COMPLETE),
        (ORDER, "twaalf vierendertig", UNFINISHED),
        (ORDER, "wat zijn de openingstijden", COMPLETE),
        (ORDER, "medewerker", COMPLETE),
        (ORDER, "", OPEN_END),
        (POSTCODE, "zesenvijftig elf", UNFINISHED),
        (POSTCODE, "zesenvijftig elf b", UNFINISHED),
        (POSTCODE, "zesenvijftig elf de b van bernard", OPEN_END),
        (POSTCODE, "zesenvijftig elf de b van bernard de j", COMPLETE),
        (POSTCODE, "zesenvijftig elf b j", COMPLETE),
        (POSTCODE, "zesenvijftig elf b j nee sorry", OPEN_END),
        (AGREED, "ja", COMPLETE),
        (AGREED, "nee hoor", COMPLETE),
        (AGREED, "ja maar", UNFINISHED),
        (OPEN, "ja", OPEN_END),
        (OPEN, "nee dat was het", COMPLETE),
        (OPEN, "waar is mijn", UNFINISHED),
        (OPEN, "waar is mijn bestelling", COMPLETE),
        (OPEN, "waar is mijn bestelling met nummer", UNFINISHED),
        (OPEN, "waar is mijn bestelling eh", UNFINISHED),
        (OPEN, "mijn pakket", OPEN_END),  # "... is kapot" would be a return
        (OPEN, "ik wil een", UNFINISHED),
        (OPEN, "ik wil een medewerker spreken", COMPLETE),
        (OPEN, "de medewerker", COMPLETE),
        (OPEN, "ik heb gisteren met een medewerker", OPEN_END),
        (OPEN, "een verhaal dat niemand kent", OPEN_END),
        (OPEN, "het werkt niet", OPEN_END),
        (OPEN, "kunt u nagaan waar mijn zending zit", LIKELY),
        (OPEN, "kunt u nagaan waar mijn", UNFINISHED),
        (OPEN, "ik zoek het op", UNFINISHED),
        (OPEN, "even kijken hoor", UNFINISHED),
        (OPEN, "eh", OPEN_END),
        (OPEN, "waar is mijn bestelling nummer een twee", UNFINISHED),
        (OPEN, "ik wil er twee", OPEN_END),
    ],
)
def test_completeness(
    understanding: Understanding, expectation: Expectation, partial: str, completeness: Completeness
) -> None:
    assert understanding.completeness(expectation, partial) is completeness


@given(st.text(max_size=60) | st.sampled_from([text for said in HELD_OUT.values() for text in said]))
def test_whatever_is_heard_is_understood_or_rejected(understanding: Understanding, text: str) -> None:
    for expectation in (OPEN, ORDER, POSTCODE, AGREED):
        meaning = understanding.understand(text, expectation)
        assert 0.0 <= meaning.confidence <= 1.0 + 1e-9
        assert understanding.completeness(expectation, text) in Completeness


def test_threads_and_new_instances_give_the_same_answers(webshop_yaml: Mapping[str, Any]) -> None:
    templates = {
        name: tuple(webshop_yaml["intents"][name]["templates"]) for name in ("opening_hours", "complaint")
    }
    first, second = (
        Understanding({name: IntentSpec(said) for name, said in templates.items()}, {}) for _ in range(2)
    )
    texts = [text for said in HELD_OUT.values() for text in said]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(lambda text: first.understand(text, OPEN), texts))
    assert threaded == [second.understand(text, OPEN) for text in texts]


@pytest.mark.parametrize(
    "stutter",
    [
        "ja",
        "ik wil",
        "een medewerker",
        "en",
        "met",
        "een honderd",
        "twee keer een",
        "de b van",
        "wil ik niet met",
        "5611 b",
    ],
)
def test_no_endless_stutter_takes_long(understanding: Understanding, stutter: str) -> None:
    """Not a benchmark: an exponential pattern would take years on the first of these."""
    text = " ".join([stutter] * 60)
    for expectation in (OPEN, ORDER, POSTCODE):
        understanding.understand(text, expectation)
        understanding.completeness(expectation, text)


def test_a_slot_of_an_unknown_type_is_a_mistake_in_the_bot() -> None:
    types = "postcode, phone, digits, score, yes_no"
    with pytest.raises(BotError, match=f"'colour': no such type 'colour'; there is {types}"):
        Understanding({}, {"colour": SlotSpec("colour")})


def test_a_wrong_template_names_its_intent() -> None:
    with pytest.raises(BotError, match=r"intent 'order_status': template 'waar is {parcel}'"):
        Understanding({"order_status": IntentSpec(("waar is {parcel}",))}, {})


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        ("kunt u dat herhalen", "repeat"),
        ("sorry wat zei u", "repeat"),
        ("nog een keer alstublieft", "repeat"),
        ("ik heb u niet goed verstaan", "repeat"),
        ("pardon", "repeat"),
        ("momentje", "wait"),
        ("eh even kijken hoor", "wait"),
        ("wacht even", "wait"),
        ("ik pak de brief er even bij", "wait"),
        ("eh", "wait"),
        ("eh ehm", "wait"),
        ("hallo", "greeting"),
        ("goedemorgen ik heb een vraag", "greeting"),
        ("hallo bent u daar", "greeting"),
        ("kunt u wat langzamer praten", "slower"),
        ("langzamer alstublieft", "slower"),
        ("u praat te snel voor mij", "slower"),
        ("niet zo snel", "slower"),
        ("sorry het gaat mij te snel", "slower"),
        ("wat kunt u allemaal", "help"),
        ("help", "help"),
        ("wat kan ik zeggen", "help"),
        ("ik weet niet wat ik moet zeggen", "help"),
        ("nee dat bedoel ik niet", "misunderstood"),
        ("u begrijpt me verkeerd", "misunderstood"),
        ("nee ik bedoel iets anders", "misunderstood"),
        ("stop", "stop"),
        ("hou maar op", "stop"),
        ("laat maar zitten", "stop"),
        ("opnieuw beginnen", "restart"),
        ("kunnen we opnieuw beginnen", "restart"),
        ("begin maar van voren af aan", "restart"),
        ("help mij met een klacht", None),
        ("stop mijn bestelling", None),
        ("de bezorger ging te snel", None),
        ("ik heb nog een vraag", "greeting"),
        ("ik wil mijn bestelling herhalen", None),
        ("ik haal mijn bestelling op", None),
        ("ik moet mijn pakket nog halen", None),
        ("wacht even met de bezorging van mijn fiets", None),
    ],
)
@pytest.mark.parametrize("expectation", [OPEN, ORDER, POSTCODE])
def test_asides_are_told_from_answers_and_wishes(
    understanding: Understanding, text: str, aside: str | None, expectation: Expectation
) -> None:
    meaning = understanding.understand(text, expectation).intent
    assert meaning == aside if aside else meaning not in ASIDES


def test_a_value_is_heard_beside_an_aside(understanding: Understanding) -> None:
    assert understanding.understand("momentje vijf zes een een b j", POSTCODE) == Meaning(
        "inform", 1.0, {"postcode": "5611BJ"}
    )


def test_who_asks_to_repeat_is_done_and_who_asks_to_wait_is_not(understanding: Understanding) -> None:
    assert understanding.completeness(ORDER, "kunt u dat herhalen") is COMPLETE
    assert understanding.completeness(ORDER, "even kijken") is UNFINISHED


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("vijf acht een acht e", "58181"),
        ("een e twee e drie", "11213"),
        ("e twee drie vier vijf", None),
        ("twee drie vier vijf e", "23451"),
    ],
)
def test_an_e_in_a_number_without_letters_is_a_one(
    understanding: Understanding, text: str, number: str | None
) -> None:
    assert understanding.understand(text, ORDER).slots.get("order_number") == number


def test_an_e_in_a_postcode_is_a_letter(understanding: Understanding) -> None:
    assert understanding.understand("vijf zes een een e j", POSTCODE).slots == {"postcode": "5611EJ"}
    assert understanding.understand("vijf zes een een e j", ORDER).slots == {"postcode": "5611EJ"}


def test_the_words_of_no_value_are_told_apart(understanding: Understanding) -> None:
    said = "eh mijn bestelnummer is een twee vierendertig vijf"
    meaning = understanding.understand(said, OPEN)
    assert meaning.slots == {"order_number": "12345"}
    value = [word for word in said.split() if word not in meaning.beside]
    assert value == ["een", "twee", "vierendertig", "vijf"]


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("nee ik bedoel waar is mijn pakket", "order_status", {}),
        ("sorry ik bedoelde wat zijn de openingstijden", "opening_hours", {}),
        ("nee ik bedoel een twee drie vier zes", "inform", {"order_number": "12346"}),
    ],
)
def test_who_means_something_else_is_understood(
    understanding: Understanding, text: str, intent: str, slots: dict[str, str]
) -> None:
    assert understanding.understand(text, OPEN) == Meaning(intent, 1.0, slots)
