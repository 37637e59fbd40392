import json
from pathlib import Path

import pytest

from voicebot.errors import ModelError
from voicebot.hearing.confidence import AS_IT_IS, read_calibration

pytestmark = pytest.mark.unit

CURVES = {"free": [[0.4, 0.2], [0.8, 0.6], [1.0, 0.9]], "grammar": [[0.5, 0.5]]}


def model_with(folder: Path, text: str) -> Path:
    (folder / "conf").mkdir()
    (folder / "conf" / "confidence.json").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("confidence", "share"), [(0.0, 0.2), (0.4, 0.2), (0.6, 0.4), (0.9, 0.75), (1.0, 0.9), (1.000001, 0.9)]
)
def test_between_knots_lies_a_straight_line_and_beyond_them_a_level_one(
    tmp_path: Path, confidence: float, share: float
) -> None:
    calibration = read_calibration(model_with(tmp_path, json.dumps(CURVES)))
    assert calibration.share_right(confidence, with_grammar=False) == pytest.approx(share)
    assert calibration.share_right(confidence, with_grammar=True) == 0.5


def test_a_model_that_was_not_tuned_is_believed_as_it_is(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is AS_IT_IS
    for confidence in (0.0, 0.371, 1.0):
        assert AS_IT_IS.share_right(confidence, with_grammar=False) == confidence


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Invalid JSON"),
        (json.dumps({"free": [[1, 1]]}), "grammar: Field required"),
        (json.dumps(CURVES | {"word": []}), "word: Extra inputs"),
        (json.dumps(CURVES | {"free": []}), "free: Tuple should have at least 1 item"),
        (json.dumps(CURVES | {"free": [[0.5, 0.5], [0.4, 0.6]]}), "free: .*confidences must rise"),
        (json.dumps(CURVES | {"free": [[0.5, 0.5], [0.6, 0.4]]}), "free: .*shares must not fall"),
        (json.dumps(CURVES | {"grammar": [[0.5, 1.5]]}), "grammar: 0: 1: .*less than or equal to 1"),
        (json.dumps(CURVES | {"grammar": [["much", 1]]}), "grammar: 0: 0: .*valid number"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ModelError, match=rf"confidence\.json cannot be used: {reason}"):
        read_calibration(model_with(tmp_path, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "conf" / "confidence.json").mkdir(parents=True)
    with pytest.raises(ModelError, match=r"confidence\.json cannot be used: Is a directory"):
        read_calibration(tmp_path)
