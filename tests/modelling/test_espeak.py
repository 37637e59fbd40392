from collections.abc import Iterator

import pytest

from voicebot.errors import VoiceError
from voicebot.modelling import Espeak, from_espeak

pytestmark = pytest.mark.audio


@pytest.fixture(scope="module")
def espeak() -> Iterator[Espeak]:
    with Espeak() as opened:
        yield opened


def test_words_are_pronounced(espeak: Espeak) -> None:
    assert espeak.pronounce("huis") == ("h", "Wy", "s")
    assert espeak.pronounce("grote fiets") == ("x", "r", "o:", "t", "@", "f", "i", "t", "s")
    assert espeak.pronounce("...") == ()


def test_speech_comes_with_the_time_of_each_sound(espeak: Espeak) -> None:
    spoken = espeak.speak("vier fietsen", "nl+f2", rate_wpm=130)
    assert max(abs(spoken.samples)) > 1000
    starts = [phoneme.start_ms for phoneme in spoken.phonemes]
    assert starts == sorted(starts)
    assert spoken.phonemes[-1].end_ms == 1000 * len(spoken.samples) // spoken.rate
    sounds = [(phoneme.word, from_espeak(phoneme.mnemonic)) for phoneme in spoken.phonemes]
    assert [phone for word, phones in sounds for phone in phones if word == 0] == ["v", "i", "r"]
    slow = espeak.speak("vier fietsen", "nl+f2", rate_wpm=90)
    assert len(slow.samples) > 1.2 * len(spoken.samples)


def test_an_unknown_voice_is_refused(espeak: Espeak) -> None:
    with pytest.raises(VoiceError, match="no voice 'xx-nobody'"):
        espeak.speak("ja", "xx-nobody")
    assert espeak.pronounce("ja") == ("j", "a:")
