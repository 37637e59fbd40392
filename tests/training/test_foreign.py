"""People who speak another language: read, and said in our phones."""

import csv
from pathlib import Path

import numpy as np
import pytest
from training.foreign import foreign_lexicon, read_foreigners
from training.settings import ForeignSettings

from voicebot.audio import write_audio
from voicebot.errors import UsageError

GERMANS = ForeignSettings(languages={"emodb": "de"}, share=1.0)


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
