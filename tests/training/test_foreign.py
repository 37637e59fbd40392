"""People who speak another language: read, and said in our phones."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from training import prompts
from training.foreign import foreign_lexicon, read_foreigners
from training.settings import ForeignSettings

from voicebot.audio import write_audio
from voicebot.errors import SetupError, UsageError

GERMANS = ForeignSettings(recordings={"emodb": "de"}, prompts={}, share=1.0)


@pytest.mark.unit
def test_sentences_are_read_with_who_said_them(tmp_path: Path) -> None:
    folder = tmp_path / "emodb"
    folder.mkdir()
    write_audio(folder / "03a01Fa.wav", np.zeros(16000, np.int16), 16000)
    with (folder / "manifest.csv").open("w", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["file", "transcript", "speaker"])
        table.writerow(["03a01Fa.wav", '"Was sind denn das für Tüten?', "emodb_03"])
    [(utterance, sound)] = read_foreigners(tmp_path, GERMANS, lambda done, total: None)
    assert (utterance.name, utterance.speaker, utterance.language) == ("emodb/03a01Fa", "emodb_03", "de")
    assert utterance.text == "was sind denn das für tüten"
    assert sound.shape == (16000,)


@pytest.mark.unit
def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="emodb"):
        list(read_foreigners(tmp_path, GERMANS, lambda done, total: None))


@pytest.mark.unit
def test_prompts_of_exchanges_are_read_where_they_are_speech(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "_SOUNDS", tmp_path)
    monkeypatch.setattr(prompts, "_TEXTS", f"{tmp_path}/{{}}.gz")
    listed = "; Core sounds\nbeep: [a tone]\ncos: La voce pu? essere\ndigits/1: Uno!\ngone: Andato."
    (tmp_path / "it.gz").write_bytes(gzip.compress(f"\ufeff{listed}\nwhat: Che cosa?\n".encode()))
    (tmp_path / "it" / "digits").mkdir(parents=True)
    for name in ("beep", "cos", "digits/1", "what"):
        write_audio(tmp_path / "it" / f"{name}.wav", np.zeros(8000, np.int16))
    settings = ForeignSettings(recordings={}, prompts={"it": "it"}, share=1.0)
    read = list(read_foreigners(tmp_path, settings, lambda done, total: None))
    assert [(one.name, one.speaker, one.text, one.language) for one, _ in read] == [
        ("it/digits/1", "it", "uno", "it"),
        ("it/what", "it", "che cosa", "it"),
    ]
    assert {sound.shape for _, sound in read} == {(16000,)}


@pytest.mark.unit
def test_prompts_that_are_not_installed_are_named() -> None:
    settings = ForeignSettings(recordings={}, prompts={"xx": "it"}, share=1.0)
    with pytest.raises(SetupError, match="asterisk-core-sounds-xx-wav"):
        list(read_foreigners(Path(), settings, lambda done, total: None))


@pytest.mark.audio
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-us", {"number": "n A m b @ r", "your": "j u r", "three": "f r i", "the": "d @", "4": "f o: r"}),
        ("fr", {"la": "l a:", "peu": "p Y:", "groupe": "k r u p", "1": "Y"}),
        ("it", {"numero": "n u m e: r o:", "zero": "d z E r o:", "grazie": "k r a: t s j e:"}),
        ("ru", {"номер": "n o: m i r", "ты": "t I", "спасибо": "s p a: s i b A"}),
    ],
)
def test_other_languages_in_our_phones(language: str, said: dict[str, str]) -> None:
    lexicon = foreign_lexicon(said, language)
    assert {word: " ".join(phones) for word, (phones,) in lexicon.items()} == said


@pytest.mark.audio
def test_german_words_sound_german_in_our_phones() -> None:
    lexicon = foreign_lexicon(["ich wird eisschrank tüten gehen heute"], "de")
    said = {word: " ".join(phones) for word, (phones,) in lexicon.items()}
    assert said == {
        "ich": "I x",
        "wird": "w I r t",
        "eisschrank": "EI s x r A N k",
        "tüten": "t y t @ n",
        "gehen": "k e: @ n",
        "heute": "h O j t @",
    }
