"""Texts become recordings: every voice, rate and line once."""

import json
from pathlib import Path

import numpy as np
import pytest

from voicebot.audio import RATE, Samples, read_audio, rms_dbfs
from voicebot.replay import LINES, render

pytestmark = pytest.mark.unit


class Speaker:
    """A voice that hums, and counts."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, int]] = []

    def __call__(self, text: str, voice: str, rate_wpm: int) -> Samples:
        self.said.append((text, voice, rate_wpm))
        return (3000 * np.sin(np.arange(RATE // 2) * 2 * np.pi * 500 / RATE)).astype(np.int16)


def test_every_combination_is_a_file_and_a_line_in_the_list(tmp_path: Path) -> None:
    made = render(["Hoi, hoi!", "dag"], ["nl", "nl+f2"], [120, 180], ["clean", "gsm"], tmp_path, Speaker())
    assert len(made) == 16
    listed = [json.loads(line) for line in (tmp_path / "recordings.jsonl").read_text().splitlines()]
    assert [tmp_path / row["file"] for row in listed] == made
    assert listed[0] == {
        "file": "hoi_hoi.nl.120.clean.flac",
        "text": "Hoi, hoi!",
        "voice": "nl",
        "rate_wpm": 120,
        "line": "clean",
        "seconds": 0.5,
    }


def test_what_is_there_stays(tmp_path: Path) -> None:
    speaker = Speaker()
    render(["dag"], ["nl"], [120], ["clean"], tmp_path, speaker)
    progress: list[tuple[int, int]] = []
    made = render(
        ["dag", "hoi"], ["nl"], [120], ["clean"], tmp_path, speaker, lambda *so_far: progress.append(so_far)
    )
    assert [file.name for file in made] == ["hoi.nl.120.clean.flac"]
    assert [text for text, _, _ in speaker.said] == ["dag", "hoi"]
    assert len((tmp_path / "recordings.jsonl").read_text().splitlines()) == 2
    assert progress == [(1, 2), (2, 2)]


def test_long_texts_keep_apart(tmp_path: Path) -> None:
    texts = ["heel " * 20 + end for end in ("een", "twee")]
    names = [file.name for file in render(texts, ["nl"], [120], ["clean"], tmp_path, Speaker())]
    assert len(set(names)) == 2
    assert max(map(len, names)) < 80


@pytest.mark.parametrize("line", LINES)
def test_every_line_lets_speech_through(tmp_path: Path, line: str) -> None:
    (file,) = render(["dag"], ["nl"], [120], [line], tmp_path, Speaker())
    clean = Speaker()("dag", "nl", 120)
    samples = read_audio(file)
    assert len(samples) == len(clean)
    assert abs(rms_dbfs(samples) - rms_dbfs(clean)) < 3
    assert (line == "clean") == np.array_equal(samples, clean)
