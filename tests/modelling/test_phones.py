import pytest

from voicebot.errors import ModelError
from voicebot.modelling import PHONES, from_espeak

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("mnemonic", "phones"),
    [
        ("t", ("t",)),
        ("'EI", ("EI",)),  # stressed
        ("aI", ("a:", "j")),
        ("v#", ("w",)),  # espeak's Dutch w
        ("l#", ("l",)),
        ("O~", ("O",)),
        ("_:", ()),
        ("_!", ()),
        ("(en)", ()),
        ("", ()),
    ],
)
def test_espeaks_phonemes_become_ours(mnemonic: str, phones: tuple[str, ...]) -> None:
    assert from_espeak(mnemonic) == phones


def test_a_phoneme_of_another_language_is_refused() -> None:
    with pytest.raises(ModelError, match="'q;' is none of ours"):
        from_espeak("q;")


def test_every_phone_of_ours_is_itself_and_the_order_stays() -> None:
    assert all(from_espeak(phone) == (phone,) for phone in PHONES[1:])
    assert (len(PHONES), PHONES[0], PHONES[1], PHONES[-1]) == (36, "SIL", "@", "z")
