"""The settings file: whole, strict, and shrunk for a trial."""

from pathlib import Path

import pytest
from training.settings import DEFAULT_SETTINGS, fingerprint, load_settings
from training.trial import shrunk

from voicebot.errors import UsageError

pytestmark = pytest.mark.unit


def changed(tmp_path: Path, old: str, new: str) -> Path:
    source = DEFAULT_SETTINGS.read_text()
    assert old in source
    file = tmp_path / "settings.yaml"
    file.write_text(source.replace(old, new))
    return file


def test_a_misspelt_key_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"settings.yaml:\d+: unknown key 'epoch'; did you mean 'epochs'"):
        load_settings(changed(tmp_path, "  epochs: 6", "  epoch: 6"))


def test_a_fast_layer_cannot_follow_a_slow_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="layers of offset 0 or 1, then layers of offset 3"):
        load_settings(changed(tmp_path, "offsets: [1, 1,", "offsets: [1, 3,"))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the settings"):
        load_settings(tmp_path / "none.yaml")


def test_fingerprints_tell_settings_apart(tmp_path: Path) -> None:
    one, same = load_settings(), load_settings()
    other = load_settings(changed(tmp_path, "bottleneck: 64", "bottleneck: 48"))
    assert fingerprint(one.network, "x") == fingerprint(same.network, "x") != fingerprint(other.network, "x")


def test_a_trial_takes_a_share_of_the_speech_and_nothing_else() -> None:
    whole = load_settings()
    small = shrunk(whole, 0.01)
    assert small.data.sentences == whole.data.sentences // 100
    assert small.data.reader_share == 0.01
    assert (small.tune.requests, small.tune.answers) == (whole.tune.requests // 100, 2)
    assert (small.tune.entry, small.tune.each) == (whole.tune.entry, whole.tune.each)
    assert (small.train, small.network, small.stream.people) == (
        whole.train,
        whole.network,
        whole.stream.people,
    )
