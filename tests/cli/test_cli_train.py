import json
from pathlib import Path

import pytest
from training import trial
from training.manifest import Manifest, Progress
from training.pipeline import STAGES
from typer.testing import CliRunner

from voicebot.cli.models import models_app
from voicebot.errors import UsageError

pytestmark = pytest.mark.unit


def test_a_trial_tells_how_long_the_whole_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_stages(workshop: object, on_progress: Progress) -> object:
        on_progress("pretending", 1, 1)
        return [(stage, Manifest(36.0, {})) for stage in STAGES]

    monkeypatch.setattr(trial, "run_stages", run_stages)
    arguments = ["train", str(tmp_path / "work"), "--trial", "--recordings", str(tmp_path)]
    lines = CliRunner().invoke(models_app, arguments).stdout.splitlines()
    assert lines[0].split(maxsplit=1) == ["readers", "36 s  in full about 1 h 00 min"]
    assert lines[-1] == "all of it about 10 h 01 min on this machine"
    plain = [
        json.loads(line)
        for line in CliRunner().invoke(models_app, [*arguments, "--json"]).stdout.splitlines()
    ]
    assert plain[0] == {"stage": "readers", "trial_s": 36.0, "whole_s": 3600.0}
    assert plain[-1] == {"whole_s": 10 * 3600 + 72}


@pytest.mark.parametrize(("option", "value"), [("--leave-out", "jan"), ("--settings", "pyproject.toml")])
def test_wrong_use_is_said_before_anything_is_done(tmp_path: Path, option: str, value: str) -> None:
    if option == "--settings":
        value = str(tmp_path / "settings.yaml")
        Path(value).write_text("seed: 1\n")
    work = tmp_path / "work"
    result = CliRunner().invoke(models_app, ["train", str(work), option, value])
    assert isinstance(result.exception, UsageError)
    assert not work.exists()
