import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from voicebot.speaking import normalise

pytestmark = pytest.mark.unit

TIMES = {
    "tussen 14:00 en 16:00": "tussen twee uur en vier uur",
    "14:00-16:00": "twee uur tot vier uur",
    "tussen 14:00-16:00 uur.": "tussen twee uur en vier uur.",
    "van 9.00 tot 17.00 uur": "van negen uur tot vijf uur",
    "9.00-17.30 uur": "negen uur tot half zes",
    "van 9:00 tot 21:00 uur": "van negen uur tot negen uur 's avonds",
    "0:00": "twaalf uur 's nachts",
    "24:00": "twaalf uur 's nachts",
    "00:30": "half één 's nachts",
    "7:00": "zeven uur 's ochtends",
    "12:00": "twaalf uur",
    "12:30": "half één",
    "14:01": "één minuut over twee",
    "14:15": "kwart over twee",
    "14:20": "tien voor half drie",
    "14:30": "half drie",
    "14:35": "vijf over half drie",
    "14:45": "kwart voor drie",
    "14:50": "tien voor drie",
    "om 14u30": "om half drie",
    "om 14.30 u. bent u aan de beurt": "om half drie bent u aan de beurt",
    "Om 16:00 u. Daarna niet.": "Om vier uur. Daarna niet.",
    "binnen 24 uur": "binnen vierentwintig uur",
    "binnen 24u": "binnen vierentwintig uur",
}
DATES = {
    "20-11-2026": "twintig november tweeduizend zesentwintig",
    "1-12-1998": "één december negentienhonderd achtennegentig",
    "2026-11-20": "twintig november tweeduizend zesentwintig",
    "20/11/26": "twintig november tweeduizend zesentwintig",
    "20.11.2026": "twintig november tweeduizend zesentwintig",
    "20 november 2026": "twintig november tweeduizend zesentwintig",
    "op 20 nov. om 14:00": "op twintig november om twee uur",
    "Tot 20 november. Dag.": "Tot twintig november. Dag.",
    "20-22 november": "twintig tot en met tweeëntwintig november",
    "sinds 1900": "sinds negentienhonderd",
    "2024-2025": "tweeduizend vierentwintig tot tweeduizend vijfentwintig",
}
AMOUNTS = {
    "€ 19,95": "negentien euro vijfennegentig",
    "€19,95": "negentien euro vijfennegentig",
    "€ 19.95": "negentien euro vijfennegentig",
    "19,95 euro": "negentien euro vijfennegentig",
    "€ 19,-": "negentien euro",
    "€ 19,00": "negentien euro",
    "€ 19,05": "negentien euro en vijf cent",
    "€ 0,95": "vijfennegentig cent",
    "€ 0,01": "één cent",
    "€ 1": "één euro",
    "€ 1.100": "elfhonderd euro",
    "€ 12.345,67": "twaalfduizend driehonderdvijfenveertig euro zevenenzestig",
    "12345 euro": "twaalfduizend driehonderdvijfenveertig euro",
    "€ -5,00": "min vijf euro",
    "-€ 5": "min vijf euro",
    "€ 1,5 miljoen": "één komma vijf miljoen euro",
    "EUR 20": "twintig euro",
    "100 €": "honderd euro",
    "5-10 euro": "vijf tot tien euro",
}
CODES = {
    "5611 BJ": "vijf zes, één één, B J",
    "5611BJ": "vijf zes, één één, B J",
    "5611bj": "vijf zes, één één, B J",
    "5611 BJ in Eindhoven": "vijf zes, één één, B J in Eindhoven",
    "12345": "één twee, drie vier vijf",
    "Bestelling 12345.": "Bestelling één twee, drie vier vijf.",
    "123456": "één twee, drie vier, vijf zes",
    "1234567": "één twee, drie vier, vijf zes zeven",
    "0012": "nul nul, één twee",
    "bestelnummer is 1234": "bestelnummer is één twee, drie vier",
    "huisnummer 12": "huisnummer twaalf",
    "AB-12345": "A B, één twee, drie vier vijf",
    "NL91 ABNA 0417 1643 00": "N L, eenennegentig, A B N A, nul vier, één zeven, één zes, vier drie, nul nul",
    "A4": "A vier",
    "0800-1234567": "nul achthonderd, één twee, drie vier, vijf zes zeven",
    "0900-1234": "nul negenhonderd, één twee, drie vier",
    "06-12345678": "nul zes, één twee, drie vier, vijf zes, zeven acht",
    "0612345678": "nul zes, één twee, drie vier, vijf zes, zeven acht",
    "06 12 34 56 78": "nul zes, één twee, drie vier, vijf zes, zeven acht",
    "040-1234567": "nul vier nul, één twee, drie vier, vijf zes zeven",
    "+31 (0)6 12345678": "plus drie één, zes, één twee, drie vier, vijf zes, zeven acht",
    "info@voorbeeld.nl": "info apenstaartje voorbeeld punt N L",
    "jan.de-vries2@voorbeeld.com": "jan punt de streepje vries twee apenstaartje voorbeeld punt com",
    "www.voorbeeld.nl": "W W W punt voorbeeld punt N L",
    "https://voorbeeld.nl/retour/": "voorbeeld punt N L schuine streep retour",
}
NUMBERS = {
    "1 stoel": "één stoel",
    "21": "eenentwintig",
    "22": "tweeëntwintig",
    "33": "drieëndertig",
    "105": "honderdvijf",
    "222": "tweehonderdtweeëntwintig",
    "1100": "elfhonderd",
    "1234": "twaalfhonderd vierendertig",
    "2100": "tweeduizend honderd",
    "1.250": "twaalfhonderd vijftig",
    "12.345": "twaalfduizend driehonderdvijfenveertig",
    "3,14": "drie komma veertien",
    "3,05": "drie komma nul vijf",
    "-5 graden": "min vijf graden",
    "25%": "vijfentwintig procent",
    "12,5 %": "twaalf komma vijf procent",
    "1e pinksterdag": "eerste pinksterdag",
    "de 2e keer": "de tweede keer",
    "3de": "derde",
    "8ste": "achtste",
    "21ste": "eenentwintigste",
    "2-3 werkdagen": "twee tot drie werkdagen",
    "2 km": "twee kilometer",
    "120 km/u": "honderdtwintig kilometer per uur",
    "1.500kg": "vijftienhonderd kilo",
    "30 cm": "dertig centimeter",
    "5 m²": "vijf vierkante meter",
    "21 °C": "eenentwintig graden",
    "1 min. wachten": "één minuut wachten",
    "max. 30 min. wachten": "maximaal dertig minuten wachten",
    "2x": "twee keer",
    "24/7": "vierentwintig zeven",
}
SHORT_FORMS = {
    "dhr. Jansen": "de heer Jansen",
    "mevr. De Vries": "mevrouw De Vries",
    "Een moment a.u.b.": "Een moment alstublieft.",
    "a.u.b. wachten": "alstublieft wachten",
    "bijv. een jas": "bijvoorbeeld een jas",
    "m.b.t. uw vraag": "met betrekking tot uw vraag",
    "o.a. schoenen": "onder andere schoenen",
    "nr. 5": "nummer vijf",
    "tel. 0800-1234": "telefoon nul achthonderd, één twee, drie vier",
    "blz. 12": "bladzijde twaalf",
    "jassen, broeken, etc.": "jassen, broeken, et cetera.",
    "Jassen enz. Daarna meer.": "Jassen enzovoort. Daarna meer.",
    "ma t/m vr": "ma tot en met vr",
    "J.P. Jansen": "J P Jansen",
    "Voorbeeld B.V.": "Voorbeeld B V",
    "Hallo Max. Dag.": "Hallo Max. Dag.",
    "druk op #": "druk op hekje",
    "thee & koffie": "thee en koffie",
    "en/of": "en of",
    "‘s Avonds – of “nooit” 🙂": "'s Avonds, of nooit",
}
SPOKEN = YAML(typ="safe", pure=True).load(Path(__file__).with_name("spoken_forms.yaml").read_text("utf-8"))
TABLE = {**TIMES, **DATES, **AMOUNTS, **CODES, **NUMBERS, **SHORT_FORMS, **SPOKEN}


@pytest.mark.parametrize(("written", "spoken"), TABLE.items())
def test_written_dutch_is_spoken_dutch(written: str, spoken: str) -> None:
    assert normalise(written) == spoken


def test_impossible_date_is_still_read() -> None:
    assert normalise("31-02-2026") == "eenendertig, nul twee, tweeduizend zesentwintig"


def test_whole_prompt() -> None:
    written = "Bestelling 12345 is onderweg. Hij komt vandaag tussen 14:00 en 16:00 op 5611 BJ."
    assert normalise(written) == (
        "Bestelling één twee, drie vier vijf is onderweg. "
        "Hij komt vandaag tussen twee uur en vier uur op vijf zes, één één, B J."
    )


def test_respelling_replaces_whole_words_in_any_case() -> None:
    respell = {"iDEAL": "ai diel", "Bol": "bol punt kom"}
    assert normalise("Ideal, ideale BOL", respell) == "ai diel, ideale bol punt kom"


PLAIN = st.text(string.ascii_lowercase + "éëïöü", min_size=4).filter(lambda word: not word.endswith("nr"))
"""Words; "bestelnr" is short for one."""


@given(st.lists(PLAIN, min_size=1))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words)
    assert normalise(text) == text


@pytest.mark.parametrize("end", ["", "e", " x 2 cm", "/2 liter", " km", "%", " euro"])
def test_a_number_of_any_length_can_be_spoken(end: str) -> None:
    assert normalise("9" * 5000 + end)


@given(st.one_of(st.text(), st.text("0123456789.,:;-–€% /@#ABNlu'\n°+()e")))
def test_any_text_can_be_spoken(text: str) -> None:
    spoken = normalise(text, {"a": "b"})
    assert not any(sign.isdecimal() for sign in spoken)
    spoken.encode()
