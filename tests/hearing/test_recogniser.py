import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voicebot.audio import telephone
from voicebot.errors import HearingError, ModelError
from voicebot.hearing import GRAMMARS, Model, Recogniser, choose_model, load_model

pytestmark = pytest.mark.audio

Speak = Callable[..., np.ndarray]


@pytest.mark.parametrize("text", ["waar is mijn bestelling", "een twee drie vier vijf", "medewerker"])
@pytest.mark.parametrize("voice", ["nl", "nl+f2"])
def test_synthetic_callers_are_understood_over_the_telephone(
    model: Model, speak: Speak, text: str, voice: str
) -> None:
    sound = telephone(speak(text, voice))
    recogniser = Recogniser(model)
    recogniser.start()
    recogniser.accept(sound)
    heard = recogniser.finish()
    assert heard.text == text
    assert [word.word for word in heard.words] == text.split()
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0 and times[-1] <= sound.size / 8000


def test_partials_grow_to_the_final_text(model: Model, speak: Speak) -> None:
    recogniser = Recogniser(model)
    recogniser.start()
    sound = np.concatenate((speak("waar is mijn bestelling"), np.zeros(4000, np.int16)))
    partials = [recogniser.accept(piece) for piece in np.array_split(sound, 20)]
    assert partials[0] == ""
    assert partials[-1] == recogniser.finish().text == "waar is mijn bestelling"


def test_a_grammar_hears_its_phrases_and_rejects_the_rest(model: Model, speak: Speak) -> None:
    recogniser = Recogniser(model)
    for said, heard in (("medewerker", "medewerker"), ("waar is mijn bestelling", "")):
        recogniser.start(["medewerker", "[unk]"])
        recogniser.accept(speak(said))
        transcript = recogniser.finish()
        assert transcript.text == heard
        assert " ".join(word.word for word in transcript.words) == heard


def test_a_tuned_model_tells_what_its_confidences_are_worth(tmp_path: Path, speak: Speak) -> None:
    folder = tmp_path / "model"
    shutil.copytree(choose_model(None).path, folder)
    worth = {"free": [[0.0, 0.7], [1.0, 0.7]], "grammar": [[0.0, 0.9], [1.0, 0.9]]}
    (folder / "conf" / "confidence.json").write_text(json.dumps(worth))
    recogniser = Recogniser(load_model(folder))
    for grammar, share in ((None, 0.7), (["medewerker", "[unk]"], 0.9), (None, 0.7)):
        recogniser.start(grammar)
        recogniser.accept(speak("medewerker"))
        assert [word.conf for word in recogniser.finish().words] == [share]
    (folder / "conf" / "confidence.json").write_text("{}")
    with pytest.raises(ModelError, match=r"confidence\.json cannot be used: free"):
        load_model(folder)


def test_an_utterance_knows_nothing_of_the_one_before(model: Model, speak: Speak) -> None:
    recogniser = Recogniser(model)
    sound = speak("een twee drie")
    heard = []
    for _ in range(2):
        recogniser.start()
        recogniser.accept(sound)
        heard.append(recogniser.finish())
    assert heard[0] == heard[1]


def test_silence_is_no_text(model: Model) -> None:
    recogniser = Recogniser(model)
    recogniser.start()
    recogniser.accept(np.zeros(8000, np.int16))
    assert recogniser.finish().text == ""


def test_unknown_words_in_a_grammar_are_named(model: Model) -> None:
    with pytest.raises(HearingError, match="does not know zwelgnest"):
        Recogniser(model).start(["ja", "zwelgnest", "[unk]"])


@pytest.mark.parametrize("name", GRAMMARS)
def test_our_model_knows_the_words_of_our_grammars(name: str, model: Model) -> None:
    assert all(model.knows(word) for phrase in GRAMMARS[name] for word in phrase.split())


def test_sound_before_a_start_is_an_error(model: Model) -> None:
    with pytest.raises(HearingError):
        Recogniser(model).accept(np.zeros(160, np.int16))


def test_no_model_no_crash(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"am/final\.mdl is missing"):
        load_model(tmp_path)
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "final.mdl").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="cannot load"):
        load_model(tmp_path)
