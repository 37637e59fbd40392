from collections.abc import Callable
from pathlib import Path

import pytest

from voicebot.bot_model import BotModel
from voicebot.hearing import choose_model
from voicebot.serve import read_site

pytestmark = pytest.mark.unit


def test_reading_a_site_makes_the_bots_own_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[object, ...]] = []

    def make(bot: str, base: Path, folder: Path, say: Callable[[str], None]) -> BotModel:
        made.append((bot, base, folder))
        say("it learns")
        return BotModel(base)

    monkeypatch.setattr("voicebot.serve.site.open_bot_model", make)
    said: list[str] = []
    site = read_site(None, {"data": tmp_path}, said.append)
    base = choose_model(None)
    assert made == [("webshop", base.path, tmp_path / "models")]
    assert (said, site.model) == (["it learns"], base)
