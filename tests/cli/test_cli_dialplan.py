"""`voicebot dialplan` for a site with agents; the prompts are silence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from voicebot.cli import app

pytestmark = pytest.mark.unit

TEAM = """\
agents:
  anja: {name: Anja, skills: [rustig]}
  bram: {name: Bram, queues: [klantenservice]}
"""


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def prompts(bot: Any, synthesiser: Any, settings: Any) -> dict[str, Any]:
        return {name: np.zeros(80, np.int16) for name in settings.prompts}

    monkeypatch.setattr("voicebot.house.queue_prompts", prompts)


def dialplan(folder: Path, config: str, *options: str) -> Result:
    file = folder / "voicebot.yaml"
    file.write_text(config)
    out = str(folder / "out")
    return CliRunner().invoke(app, ["dialplan", "--out", out, "--config", str(file), *options])


def written(folder: Path) -> str:
    return (folder / "out" / "voicebot-desk.conf").read_text()


def test_agents_of_the_settings_can_log_in(tmp_path: Path) -> None:
    assert dialplan(tmp_path, TEAM).exit_code == 0
    found = re.findall(r"AddQueueMember\((\w+),PJSIP/(\w+),(\d),,(\w+)\)", written(tmp_path))
    penalties = {(name, queue): (agent, penalty) for queue, agent, penalty, name in found}
    assert penalties["Anja", "klantenservice"] == ("anja", "0")
    assert penalties["Anja", "klantenservice_rustig"] == ("anja", "0")
    assert penalties["Bram", "klantenservice"] == ("bram", "0")
    assert penalties["Bram", "klantenservice_rustig"] == ("bram", "1")


def test_the_files_are_listed_as_json(tmp_path: Path) -> None:
    files = json.loads(dialplan(tmp_path, TEAM, "--json").stdout)["files"]
    assert sorted(files) == sorted(str(file) for file in (tmp_path / "out").rglob("*") if file.is_file())


@pytest.mark.parametrize("outbound", ["", "PJSIP/{number}@trunk"])
def test_an_outbound_line_is_dialled(tmp_path: Path, outbound: str) -> None:
    dialplan(tmp_path, TEAM, "--outbound", outbound)
    assert ("Dial(PJSIP/${VB_NUMBER}@trunk," in written(tmp_path)) is bool(outbound)


@pytest.mark.parametrize(
    ("config", "options", "sentence"),
    [
        ("agents: {anja: {name: 'Anja,x'}}", [], "agents.anja.name: "),
        ("agents: {anja: {name: Anja, queues: [inkoop]}}", [], "agents: anja is to answer 'inkoop'"),
        (
            "agents: {anja: {name: Anja, skills: [rusteg]}}",
            [],
            "no caller of this bot needs 'rusteg'",
        ),
        ("agents: [anja]", [], "agents: "),
        (TEAM, ["--outbound", "trunk"], "dialplan: outbound is 'trunk'"),
        (TEAM, ["--bot", "nope"], "no such bot or folder"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, config: str, options: list[str], sentence: str
) -> None:
    result = dialplan(tmp_path, config, *options)
    error = str(result.exception)
    assert result.exit_code != 0
    assert sentence in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
