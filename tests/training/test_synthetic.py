"""Synthetic speech: every sound timed, voices that differ, and a Northern accent."""

from collections.abc import Iterator

import numpy as np
import pytest
from training.corpus import RATE
from training.sentences import load_sentences
from training.settings import load_settings
from training.synthetic import distant_voices, northern, speak_sentences

from voicebot.modelling import PHONES, Espeak

pytestmark = pytest.mark.audio

SETTINGS = load_settings().data.model_copy(
    update={"sentences": 6, "voices": 2, "voice_variants": ("m1", "f2")}
)


@pytest.fixture
def espeak() -> Iterator[Espeak]:
    with Espeak() as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vijf en zes zeven", "fijf en ses seve"),
        ("lopen wij naar een van den bergen", "lope wij naar een fan den berge"),
        ("geen graven in de lavendel", "geen grave in de lavendel"),
    ],
)
def test_the_north_says_it_otherwise(text: str, said: str) -> None:
    assert northern(text) == said


def test_utterances_are_timed_to_their_end_and_follow_from_the_seed(espeak: Espeak) -> None:
    def spoken() -> list[tuple[str, str, tuple[object, ...], int]]:
        random = np.random.default_rng(3)
        templates, words = load_sentences(), ["boek", "fiets"]
        made = speak_sentences(espeak, SETTINGS, words, random, templates, lambda *done: None)
        return [(one.speaker, one.text, one.segments, sound.size) for one, sound in made]

    utterances = spoken()
    assert [one[:2] for one in utterances] == [one[:2] for one in spoken()]
    assert len(utterances) == 6
    for _, text, segments, samples in utterances:
        assert all(0 <= one.start <= one.end <= samples / RATE + 0.01 for one in segments)
        assert segments[-1].end == pytest.approx(samples / RATE, abs=0.05)
        assert {one.word for one in segments if one.phone} <= set(range(len(text.split())))
        assert len({PHONES[one.phone] for one in segments}) > 2


def test_the_first_voice_is_plain_and_the_next_is_the_farthest(espeak: Espeak) -> None:
    chosen = distant_voices(espeak, ("m1", "f5", "whisper"), 2)
    assert chosen == ["nl", "nl+whisper"]
    assert sorted(distant_voices(espeak, ("m1", "f5"), 9)) == ["nl", "nl+f5", "nl+m1"]
