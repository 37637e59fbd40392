import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from voices import voice

from voicebot.mood import (
    FEATURES,
    MODEL,
    Baseline,
    Prosody,
    Scorer,
    deviations,
    load_scorer,
    measure,
    to_json,
)

pytestmark = pytest.mark.unit


@pytest.fixture
def scorer() -> Scorer:
    return load_scorer()


@pytest.fixture
def calm(scorer: Scorer) -> Prosody:
    """A turn as an average person speaks when calm."""
    return Prosody(1.0, *scorer.population.means)


def changed(calm: Prosody, scorer: Scorer, spreads: float, *names: str) -> Prosody:
    far = dict(zip(FEATURES, spreads * scorer.population.spreads, strict=True))
    return replace(calm, **{name: getattr(calm, name) + far[name] for name in names})


def test_the_model_is_plain_json_that_comes_back_the_same(scorer: Scorer, tmp_path: Path) -> None:
    copy = tmp_path / "model.json"
    copy.write_text(json.dumps(to_json(scorer)))
    assert json.loads(MODEL.read_text()) == to_json(scorer) == to_json(load_scorer(copy))


def test_no_weight_goes_against_what_is_known_of_anger(scorer: Scorer) -> None:
    for weights in (scorer.with_self, scorer.among_people):
        for feature, weight in zip(FEATURES, weights.features, strict=True):
            assert weight <= 0 if feature in ("hammarberg", "pauses") else weight >= 0, feature


def test_an_average_calm_turn_is_not_frustrated(scorer: Scorer, calm: Prosody) -> None:
    for baseline in (Baseline(), Baseline().heard(calm)):
        mood = scorer.score(calm, baseline)
        assert mood.score is not None
        assert mood.score < 0.3
        assert not mood.frustrated


def test_a_raised_sharp_voice_is_frustrated_and_told_in_words_that_compare(
    scorer: Scorer, calm: Prosody
) -> None:
    raised = changed(calm, scorer, 5, "pitch_level", "alpha_ratio", "openness")
    mood = scorer.score(raised, Baseline().heard(calm).heard(calm))
    assert mood.frustrated
    assert set(mood.reasons) == {
        "spreekt hoger dan eerst",
        "de stem klinkt scherper dan eerst",
        "het klinkt meer als roepen dan eerst",
    }
    assert set(scorer.score(raised, Baseline()).reasons) == {
        "hoge stem",
        "scherpe stem",
        "het klinkt als roepen",
    }


def test_the_strongest_reason_comes_first(scorer: Scorer, calm: Prosody) -> None:
    baseline = Baseline().heard(calm)
    higher = changed(changed(calm, scorer, 4, "pitch_level"), scorer, 1, "openness")
    assert scorer.score(higher, baseline).reasons[:2] == (
        "spreekt hoger dan eerst",
        "het klinkt meer als roepen dan eerst",
    )


def test_who_always_speaks_high_is_not_frustrated_beside_their_own_voice(
    scorer: Scorer, calm: Prosody
) -> None:
    high = changed(calm, scorer, 4, "pitch_level")
    own = scorer.score(high, Baseline().heard(high).heard(high)).score
    other = scorer.score(high, Baseline().heard(calm).heard(calm)).score
    assert own is not None
    assert other is not None
    assert own < 0.3
    assert other > own + 0.2


def test_a_short_turn_counts_less(scorer: Scorer, calm: Prosody) -> None:
    raised = changed(calm, scorer, 2, "pitch_level")
    brief = replace(raised, voiced_s=0.2)
    far = [np.abs(deviations(turn, Baseline(), scorer.population)).sum() for turn in (raised, brief)]
    assert far[1] == pytest.approx(far[0] * 0.5 / (1 / 1.2))


def test_no_single_feature_counts_beyond_its_limit(scorer: Scorer, calm: Prosody) -> None:
    far = changed(calm, scorer, 1000, "pitch_level")
    assert deviations(far, Baseline(), scorer.population).max() == 4


def test_too_little_voice_has_no_score(scorer: Scorer) -> None:
    mood = scorer.score(None, Baseline())
    assert (mood.score, mood.frustrated, mood.reasons) == (None, False, ("te weinig spraak",))


def test_the_same_words_shriller_score_higher(scorer: Scorer) -> None:
    prosody = [measure(sound) for sound in (voice(120), voice(120, tilt=-7), voice(190, tilt=-4))]
    assert prosody[0]
    scores = [scorer.score(one, Baseline().heard(prosody[0])).score or 0.0 for one in prosody]
    assert scores == sorted(scores)
    assert scores[0] < 0.3 < 0.6 < scores[2]
