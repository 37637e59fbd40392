"""`voicebot access`, as an operator uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicebot.cli import app
from voicebot.errors import UsageError
from voicebot.web import Access

pytestmark = pytest.mark.unit


def voicebot(data: Path, *arguments: str) -> str:
    environment = {"VOICEBOT_DATA": str(data), "VOICEBOT_WEB": "127.0.0.1:8123"}
    return CliRunner().invoke(app, ["access", *arguments], env=environment, catch_exceptions=False).stdout


def test_it_shows_the_address_and_both_codes(tmp_path: Path) -> None:
    codes = Access.in_folder(tmp_path).codes
    told = voicebot(tmp_path)
    assert "http://127.0.0.1:8123/" in told
    assert all(code in told for code in codes.values())
    assert str(tmp_path / "agent.code") in told
    assert json.loads(voicebot(tmp_path, "--json")) == {"address": "http://127.0.0.1:8123/", **codes}


def test_a_wrong_data_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no data folder"):
        voicebot(tmp_path / "nope")
