import numpy as np
import pytest
from training.mood import calibrate, population_of, train
from training.mood_speech import LINES, Clips, with_tempo

from voicebot.audio import RATE
from voicebot.mood import FEATURES, Baseline, Prosody, Scorer, measure

pytestmark = pytest.mark.unit

OPENNESS, TEMPO = FEATURES.index("openness"), FEATURES.index("tempo")
EVERYONE = np.ones(240, np.bool_)


@pytest.fixture(scope="module")
def clips() -> Clips:
    """Six speakers, each with a pitch of their own; the angry ones speak opener and, oddly, slower."""
    random = np.random.default_rng(0)
    labels = np.tile(["angry", "neutral", "happy", "sad"], 60)
    speakers = np.repeat([f"speaker {number}" for number in range(6)], 40)
    measured = random.standard_normal((240, LINES, 1 + len(FEATURES)))
    measured[:, :, 1] += 5 * np.repeat(np.arange(6), 40)[:, None]
    measured[labels == "angry", :, 1 + OPENNESS] += 4
    measured[labels == "angry", :, 1 + TEMPO] -= 4
    measured[:, :, 0] = 1.0
    measured[7, 2] = np.nan
    return Clips(labels, speakers, np.array(["a sentence"] * 240), measured)


@pytest.fixture(scope="module")
def scorer(clips: Clips) -> Scorer:
    return calibrate(train(clips, EVERYONE), clips, EVERYONE)


def test_what_differs_weighs_and_what_contradicts_theory_does_not(scorer: Scorer) -> None:
    for weights in (scorer.with_self, scorer.among_people):
        assert weights.features.argmax() == OPENNESS
        assert weights.features[TEMPO] == 0


def test_where_callers_differ_their_own_voice_counts_soon(clips: Clips) -> None:
    population = population_of(clips, EVERYONE)
    assert population.prior_s[0] < 0.2
    assert np.median(population.prior_s[1:]) > 2


def test_few_calm_turns_reach_the_threshold(clips: Clips, scorer: Scorer) -> None:
    calm = clips.measured[clips.labels == "neutral", 0]
    angry = clips.measured[clips.labels == "angry", 0]
    flagged = [
        np.mean([scorer.score(Prosody(*row), Baseline()).frustrated for row in rows])
        for rows in (calm, angry)
    ]
    assert flagged[0] <= 0.05
    assert flagged[1] > 0.3


def test_training_gives_the_same_each_time(clips: Clips) -> None:
    first, second = (train(clips, EVERYONE) for _ in range(2))
    assert (first.with_self.features == second.with_self.features).all()


@pytest.mark.parametrize("tempo", [0.8, 1.25])
def test_tempo_changes_the_length_and_not_the_pitch(tempo: float) -> None:
    times = np.arange(2 * RATE) / RATE
    sound = sum(3000 / k * np.sin(2 * np.pi * 150 * k * times + k) for k in range(1, 20))
    changed = with_tempo(np.asarray(sound), tempo)
    assert changed.size == pytest.approx(sound.size / tempo, abs=1)
    prosody = measure(changed.astype(np.int16))
    assert prosody
    assert prosody.pitch_level == pytest.approx(12 * np.log2(150 / 27.5), abs=0.4)
