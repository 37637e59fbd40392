"""What goes into a stream, and what comes out of each part."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training.corpus import RATE, Corpus, Segment, Utterance, write_corpus
from training.features import frames_in
from training.line import Line
from training.recipe import Ingredients, Item, heard, list_items, make_shard, piece
from training.settings import load_settings
from training.voice import AS_RECORDED

pytestmark = pytest.mark.unit

SETTINGS = load_settings().stream
SEGMENTS = (
    Segment(5, 0.1, 0.3, 0),
    Segment(6, 0.3, 0.5, 0),
    Segment(0, 0.5, 0.6, -1),
    Segment(7, 0.6, 0.9, 1),
)
UTTERANCE = Utterance("a/1", "a", "dag jan", SEGMENTS)
SOUND = (3000 * np.sin(np.arange(RATE) / 9)).astype(np.int16)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return write_corpus(tmp_path, [(UTTERANCE, SOUND)] * 3)


def test_a_corpus_is_read_as_it_was_written(corpus: Corpus) -> None:
    assert corpus.utterances == (UTTERANCE,) * 3
    assert all((sound == SOUND).all() for _, sound in corpus)
    assert corpus.hours == pytest.approx(3 / 3600)


def test_a_piece_is_cut_at_its_words() -> None:
    cut, sound = piece(UTTERANCE, SOUND, (1, 2))
    assert (cut.text, [one.phone for one in cut.segments]) == ("jan", [7])
    assert (cut.segments[0].start, cut.segments[0].end) == pytest.approx((0.015, 0.315))
    assert sound.size == pytest.approx(0.33 * RATE, abs=2)
    assert sound[0] == sound[-1] == 0
    assert abs(int(sound[sound.size // 2 : sound.size // 2 + 60].max())) > 2900


def test_segments_move_with_the_silence_and_the_tempo() -> None:
    random = np.random.default_rng(4)
    line = Line(random, SETTINGS.line, [])
    speaker = replace(AS_RECORDED, tempo=1.25)
    features, segments = heard(UTTERANCE, SOUND, speaker, line, random)
    starts = {phone: start for start, phone in segments if phone}
    assert [phone for _, phone in segments] == [0, 5, 6, 0, 7, 0]
    assert starts[7] - starts[5] == pytest.approx(50 / speaker.tempo, abs=1.5)
    assert 100 / speaker.tempo + 10 < len(features) < 100 / speaker.tempo + 115


def test_everything_is_used_as_often_as_asked(corpus: Corpus) -> None:
    asked = SETTINGS.model_copy(
        update={
            "reader_copies": 2,
            "foreign_copies": 1,
            "piece_copies": 1,
            "synthetic_copies": 3,
            "nonspeech_minutes": 0.2,
        }
    )
    ingredients = Ingredients(corpus, corpus, corpus, [])
    items = list_items(ingredients, [0, 2], [0, 1], asked, np.random.default_rng(0))
    whole = [item for item in items if item.words is None]
    assert sorted((item.source, item.index) for item in whole) == sorted(
        [("people", 0), ("people", 2)] * 2
        + [("foreign", 0), ("foreign", 1)]
        + [("synthetic", index) for index in range(3)] * 3
        + [("nonspeech", 0)] * 3
    )
    assert {item.words for item in items} <= {None, (0, 1), (1, 2), (0, 2)}


def test_a_shard_follows_from_its_seed(corpus: Corpus) -> None:
    items = [Item("people", 0), Item("nonspeech"), Item("synthetic", 1, (0, 1))]
    ingredients = Ingredients(corpus, corpus, corpus, [])
    one, same, other = (
        make_shard(items, ingredients, SETTINGS, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert (one.features == same.features).all()
    assert one.features.shape != other.features.shape
    assert one.phones.tolist() == [0, 5, 6, 0, 7, 0, 5, 6, 0]
    assert len(one.features) > frames_in(2 * 8000)
