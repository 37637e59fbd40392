import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soxr

from voicebot.audio import write_audio
from voicebot.cli.hear import hear
from voicebot.errors import UsageError

pytestmark = pytest.mark.audio

Speak = Callable[..., np.ndarray]


@pytest.fixture
def files(tmp_path: Path, speak: Speak) -> list[Path]:
    question, word = tmp_path / "question.flac", tmp_path / "word.wav"
    write_audio(question, soxr.resample(speak("waar is mijn bestelling"), 8000, 16000), 16000)
    write_audio(word, speak("medewerker"))
    return [question, word]


@pytest.mark.parametrize("phone", [False, True])
def test_files_are_heard_in_order(files: list[Path], phone: bool, capsys: pytest.CaptureFixture[str]) -> None:
    hear([*files, files[0]], phone=phone)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == [str(file) for file in (*files, files[0])]
    assert [line["text"] for line in lines] == [
        "waar is mijn bestelling",
        "medewerker",
        "waar is mijn bestelling",
    ]
    assert set(lines[0]) == {"file", "text", "words", "seconds_cpu"}
    assert set(lines[0]["words"][0]) == {"word", "start", "end", "conf"}
    assert lines[0]["seconds_cpu"] > 0


def test_a_grammar_bounds_what_is_heard(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    hear(files, grammar="human")
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == ["", "medewerker"]


def test_words_that_the_model_does_not_know_are_wrong_use(files: list[Path]) -> None:
    with pytest.raises(UsageError, match="zwelgnest"):
        hear(files, grammar='["zwelgnest"]')


def test_the_words_of_a_bot_are_heard(
    tmp_path: Path, speak: Speak, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VOICEBOT_DATA", str(tmp_path))
    file = tmp_path / "wish.wav"
    write_audio(file, speak("verkoopt u ook een bakfiets"))
    for bot in (None, "webshop", "webshop"):
        hear([file], bot=bot)
    told = capsys.readouterr()
    plain, first, again = (json.loads(line)["text"] for line in told.out.splitlines())
    assert "bakfiets" not in plain
    assert first == again
    assert first.endswith("bakfiets")
    assert told.err.count("the speech model learns the words of webshop") == 1
