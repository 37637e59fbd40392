import pytest

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


def test_a_malformed_template_is_named() -> None:
    with pytest.raises(BotError, match="risk 'legal': template '\\(advocaat'"):
        WarningEar({"legal": ["(advocaat"]})
