"""What benchmarks/recognition.py measures, on recordings made here."""

import csv
import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from training.sentences import load_sentences
from training.settings import load_settings

from voicebot.audio import RATE, Samples, voiced_dbfs, write_audio
from voicebot.hearing import choose_model

pytestmark = pytest.mark.audio

ROOT = Path(__file__).parents[2]
PROMPTS = {"11": "Waar is het?", "12": "De hond blaft.", "13": "De kat slaapt.", "27": "Het is vijf uur."}
AGAIN = {"14": "De kat slaapt!"}
"""A held-out text under another number."""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


@pytest.fixture
def people(tmp_path: Path) -> Path:
    for reader in ("flemishguy", "nathalie"):
        rows = [
            {"file": f"{key}.flac", "transcript": text, "prompt_id": key}
            for key, text in (PROMPTS | AGAIN).items()
        ]
        (tmp_path / reader).mkdir()
        with (tmp_path / reader / "manifest.csv").open("w", newline="") as file:
            manifest = csv.DictWriter(file, rows[0])
            manifest.writeheader()
            manifest.writerows(rows)
        for row in rows:
            write_audio(tmp_path / reader / row["file"], np.zeros(RATE, np.int16))
    return tmp_path


def test_what_is_measured_is_in_no_language_model(module: Callable[[str], ModuleType], people: Path) -> None:
    words = module("recognition_graph").ReadersWords(people)
    (test,) = (
        test for test in module("recognition_sets").of_readers(people, ["reader f"]) if test.readers_words
    )
    assert [one.text for one in test.utterances] == ["de kat slaapt", "het is vijf uur"]
    assert words.sentences == ("waar is het", "de hond blaft") * 2


def test_no_model_is_trained_on_what_is_measured(module: Callable[[str], ModuleType]) -> None:
    voices, data = module("recognition_voices"), load_settings().data
    assert tuple(map(str, data.held_out_last_digits)) == voices.HELD_OUT_DIGITS
    trained = {f"nl+{variant}".lower() for variant in data.voice_variants}
    assert not trained & {voicing.voice.lower() for voicing in voices.RESERVED}


def test_no_template_says_what_is_measured(module: Callable[[str], ModuleType]) -> None:
    measured = {*module("recognition_sets").SENTENCES.read_text("utf-8").splitlines()}
    templates, random = load_sentences(), np.random.default_rng(1)
    assert not measured & {templates.draw(random) for _ in range(50_000)}


def test_words_are_compared_without_what_models_write_differently(
    module: Callable[[str], ModuleType],
) -> None:
    voices = module("recognition_voices")
    assert voices.spoken("Eén foto’s, 's avonds: 'ja'!") == "eén foto's 's avonds ja"
    assert voices.folded("één café") == ("een", "cafe")


def test_lines_keep_the_level_and_repeat_themselves(
    module: Callable[[str], ModuleType], speak: Callable[..., Samples]
) -> None:
    lines, voice = module("recognition_lines"), speak("waar is mijn bestelling")
    for quality in lines.QUALITIES:
        out = lines.through(quality, voice, "a")
        assert out.size == voice.size + round((lines.BEFORE_S + lines.AFTER_S) * RATE)
        assert voiced_dbfs(out) == pytest.approx(voiced_dbfs(voice), abs=3)
        assert np.array_equal(out, lines.through(quality, voice, "a"))
    assert not np.array_equal(lines.through("phone", voice, "a"), lines.through("phone", voice, "b"))


def test_a_model_is_measured(module: Callable[[str], ModuleType], speak: Callable[..., Samples]) -> None:
    sets, voices = module("recognition_sets"), module("recognition_voices")
    said = [
        voices.Utterance(text, "nl", text, lambda text=text: speak(text))
        for text in ("ja", "nee", "medewerker")
    ]
    tests = [
        sets.TestSet(
            "answers", "espeak", ("exact", "word errors"), ("ja", "nee", "zzz", "[unk]"), said, ("clean",)
        ),
        sets.TestSet("false", "espeak", ("false accepts/h",), ("medewerker", "[unk]"), said, ("clean",)),
    ]
    told: list[str] = []
    measured = module("recognition_measuring").measure(choose_model(None).path, tests, None, told.append)
    figures = measured.figures(measured)
    assert [(row["measure"], row["value"]) for row in figures["rows"][:2]] == [
        ("exact", pytest.approx(2 / 3)),
        ("word errors", pytest.approx(1 / 3)),
    ]
    assert figures["rows"][2]["value"] * figures["rows"][2]["n"] == pytest.approx(1)
    assert figures["reliability"]["grammar"]["n"] == 3
    assert figures["remarks"] == ["answers | espeak: does not know zzz"]
    assert 0 < figures["cpu_s_per_s"]["grammar"] < 1
    assert 0 < figures["load_s"] < 10
    assert 1 < figures["loaded_mb"] <= figures["peak_mb"] < 200
    assert told == ["models/vosk-model-nl-mini: 0 of 2 tests, now answers | espeak"]


def test_a_pair_is_one_column_and_compared_to_another(module: Callable[[str], ModuleType]) -> None:
    results = module("recognition_results")

    def pair(errors: int) -> Any:
        heard = ("x",) * errors + ("a",) * (10 - errors)
        one, other = (
            results.Measured(reader, [Path(reader)], 0.1, 10.0) for reader in ("reader m", "reader f")
        )
        for model in (one, other):
            heading = results.Heading("sentences", model.name, "phone", results.WORD_ERRORS)
            model.results[heading] = [results.Result(model.name, ("a",) * 10, heard, 2.0)] * 10
        one.add(other)
        return one

    first, better = pair(4), pair(1)
    rows = {row["group"]: row for row in better.figures(first)["rows"]}
    assert [(group, row["value"], row["n"]) for group, row in rows.items()] == [
        ("reader m", 0.1, 100),
        ("reader f", 0.1, 100),
        ("both readers", 0.1, 200),
    ]
    assert rows["both readers"]["reduction"] == {
        **dict.fromkeys(("value", "low", "high"), 0.75),
        "n": 200,
        "of": "reader m + reader f",
    }
    assert "reduction" not in first.figures(first)["rows"][0]


def test_the_table_draws_what_confidence_is_worth(
    module: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    measured = module("recognition_results").Measured("ours", [choose_model(None).path], 0.1, 10.0)
    way = measured.ways["free"]
    way.seconds = 10.0
    way.words = [(0.9, True), (0.9, False)] * 50 + [(1.0, True)] * 20
    figures = {"models": [measured.figures(measured)], "notes": {}}
    module("recognition_table").print_table(figures)
    lines = capsys.readouterr().out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("ours        free"))
    low, high, summary = lines[start + 1 : start + 4]
    assert low == "confidence  0.9-0.95  100  50 [40 to 60]    |" + " " * 20 + "o" + " " * 15 + "+    |"
    assert high == "confidence  0.99-1    20   100 [84 to 100]  |" + " " * 40 + "*|"
    assert summary == (
        "expected calibration error 0.333 (n 120, 50 wrong); a wrong word scores below a right one in 64 %"
    )
