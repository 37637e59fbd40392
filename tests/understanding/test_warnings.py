import pytest

from voicebot.dialogue import load_bot
from voicebot.errors import BotError
from voicebot.understanding.warnings import WarningEar

pytestmark = pytest.mark.unit

EAR = WarningEar({"legal": ["(advocaat|rechtbank)"], "safety": ["(ben|is) [ermee] gevallen"]})


@pytest.mark.parametrize(
    ("text", "irritation"),
    [
        ("verdomme waar blijft het", ("swearing",)),
        ("dit is toch belachelijk", ("complaint",)),
        ("ik word hier helemaal gek van", ("complaint",)),
        ("jullie luisteren gewoon niet", ("complaint",)),
        ("dat heb ik net al gezegd", ("repetition",)),
        ("hoe vaak moet ik dat nog zeggen", ("repetition",)),
        ("godverdomme dat zei ik al het is schandalig", ("swearing", "complaint", "repetition")),
        ("waar blijft mijn bestelling", ()),
        ("nee dat klopt niet", ()),
        ("mijn postcode is vijf zes een een b j", ()),
        ("ik heb een klacht over mijn fiets", ()),
        ("dank u wel dat is heel vriendelijk", ()),
        ("ik woon in de kuttershoek", ()),
        ("", ()),
        ("mijn man heeft kanker", ()),
        ("het valt op dat de doos open was", ()),
        ("dieven hebben mijn fiets meegenomen", ()),
        ("ik ben gek op fietsen", ()),
        ("ongelooflijk bedankt", ()),
        ("sorry ik heb een slechte verbinding", ()),
        ("heeft u er genoeg van op voorraad", ()),
        ("ik heb de lamp aangezet en het werkt niet", ()),
        ("u begrijpt dat ik niet thuis ben", ()),
        ("werkt het op mijn systeem", ()),
        ("ik ben er bijna klaar mee", ()),
        ("kan ik nog een keer hetzelfde bestellen", ()),
        ("ik ben niet boos hoor", ()),
        ("ik ben gek op die fiets en wil graag nog een keer hetzelfde bestellen", ()),
    ],
)
def test_signs_of_irritation(text: str, irritation: tuple[str, ...]) -> None:
    assert EAR.listen(text).irritation == irritation


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("dan bel ik mijn advocaat", "legal"),
        ("mijn zoon is ermee gevallen", "safety"),
        ("mijn zoon is gevallen", "safety"),
        ("de rechtbankstraat twee", ""),
        ("de prijs is weer gevallen en gestegen", ""),
    ],
)
def test_subjects_for_humans(text: str, risk: str) -> None:
    assert EAR.listen(text).risk == risk


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("geen stemanalyse", ""),
        ("geen stemanalyse waar is mijn bestelling", "waar is mijn bestelling"),
        (
            "hallo geen stemanalyse graag ik wil mijn fiets retourneren",
            "hallo ik wil mijn fiets retourneren",
        ),
        ("geen stemanalyse een twee drie vier vijf", "een twee drie vier vijf"),
        ("nee geen stemanalyse hoor", ""),
        ("nee geen stemanalyse maar mijn nummer klopt", "maar mijn nummer klopt"),
        ("analyseer mijn stem niet", ""),
        ("u mag niet naar mijn stem luisteren", "u mag"),
    ],
)
def test_voice_analysis_is_refused_anywhere_in_a_sentence(text: str, rest: str) -> None:
    heard = EAR.listen(text)
    assert (heard.refuses, heard.rest) == (True, rest)


@pytest.mark.parametrize("text", ["mijn stem is schor", "ik wil een analyse van mijn rekening", "geen idee"])
def test_other_talk_refuses_nothing(text: str) -> None:
    heard = EAR.listen(text)
    assert (heard.refuses, heard.rest) == (False, text)


@pytest.mark.parametrize(
    "text",
    [
        "ik heb per ongeluk twee keer besteld",
        "u spreekt met jan brand",
        "de rem rook een beetje",
        "mijn paspoort of identiteit bewijs",
        "mijn fiets is gestolen",
        "ik werk in het ziekenhuis tot hoe laat zijn jullie open",
    ],
)
def test_ordinary_sentences_are_no_risk_to_the_webshop(text: str) -> None:
    assert WarningEar(load_bot("webshop").escalation.risks).listen(text).risk == ""


def test_a_malformed_template_is_named() -> None:
    with pytest.raises(BotError, match="risk 'legal': template '\\(advocaat'"):
        WarningEar({"legal": ["(advocaat"]})
