"""What confidences are worth, of words of which it is known whether they were said."""

import json
from pathlib import Path

import numpy as np
import pytest
from training.confidence import Calibrated, fit, judge, write_calibration
from training.tuning_speech import Said

from voicebot.hearing import Transcript, Word
from voicebot.hearing.confidence import read_calibration

pytestmark = pytest.mark.unit

NOTHING = np.zeros(0, np.int16)


def drawn(shares: dict[float, float], each: int = 500) -> list[tuple[float, bool]]:
    """Words of some confidences, of which these shares are right."""
    return [
        (confidence, place < round(share * each))
        for confidence, share in shares.items()
        for place in range(each)
    ]


def test_the_share_that_was_right_is_found_again() -> None:
    knots = fit(drawn({0.5: 0.2, 0.9: 0.6, 1.0: 0.96}))
    assert [confidence for confidence, _ in knots] == [0.5, 0.9, 1.0]
    assert [share for _, share in knots] == pytest.approx([0.2, 0.6, 0.96], abs=0.002)


def test_a_share_that_falls_is_levelled() -> None:
    knots = fit(drawn({0.5: 0.4, 0.9: 0.2, 1.0: 0.9}))
    assert [share for _, share in knots] == pytest.approx([0.3, 0.3, 0.9], abs=0.003)


def test_there_are_few_knots_and_what_they_tell_is_right_on_average() -> None:
    random = np.random.default_rng(1)
    confidences = random.uniform(0.3, 1, 4000)
    judged = list(zip(confidences.tolist(), (random.random(4000) < confidences**3).tolist(), strict=True))
    knots = fit(judged)
    assert 10 <= len(knots) <= 12
    told = np.interp(confidences, *zip(*knots, strict=True))
    assert np.abs(told - confidences**3).mean() < 0.03


def test_many_certain_words_leave_knots_for_the_others_and_none_coincide(tmp_path: Path) -> None:
    lower = drawn({0.5: 0.1, 0.7: 0.4, 0.9: 0.7, 0.999999: 0.8}, each=30)
    knots = fit([*lower, *drawn({1.0: 0.95}, each=5000)])
    assert [confidence for confidence, _ in knots] == [0.5, 0.7, 0.9, 0.999999, 1.0]
    (tmp_path / "conf").mkdir()
    write_calibration(Calibrated(knots, knots, 1, 0.0), tmp_path)
    assert read_calibration(tmp_path).share_right(1.0, with_grammar=True) > 0.9


def test_nothing_is_certain_and_of_nothing_nothing_is_known() -> None:
    assert fit([(1.0, True)] * 30) == [(1.0, pytest.approx(31 / 32, abs=1e-3))]
    assert fit([]) == [(1.0, 0.5)]


def test_words_are_right_where_they_were_said() -> None:
    heard = Transcript("", tuple(Word(word, 0, 1, 0.9) for word in ("eh", "een", "is", "nu", "daar", "is")))
    said = Said(("één", "is", "daar"), NOTHING)
    assert [right for _, right in judge([said], [heard])] == [False, True, True, False, True, False]


def test_what_is_written_is_what_hearing_reads(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    write_calibration(Calibrated([(0.4, 0.1), (1.0, 0.9)], [(1.0, 0.5)], 60, 0.1), tmp_path)
    assert read_calibration(tmp_path).share_right(0.7, with_grammar=False) == pytest.approx(0.5)
    assert json.loads((tmp_path / "conf" / "confidence.json").read_text()).keys() == {"free", "grammar"}
