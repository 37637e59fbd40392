import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from ngram_writer import write_ngram

from voicebot.errors import ModelError
from voicebot.hearing import Recogniser, load_model, open_registry
from voicebot.modelling import UNKNOWN, Adapted, Espeak, Pronunciation, adapt_model, read_language_model
from voicebot.modelling.openfst import read_symbols
from voicebot.speaking import Synthesiser, Voice

pytestmark = pytest.mark.audio

TOLD = ["ik wil een windhapper bestellen", "is de windhapper nog op voorraad", "een zwuurm", "42"]
"""What callers of a shop with a new product say: two words that no model knows, and one that is none."""
LEXICON = {"zwuurm": (("z", "w", "y", "r", "@", "m"),)}

Say = Callable[[str, str], np.ndarray]


@pytest.fixture(scope="module")
def base() -> Path:
    registry = open_registry()
    ours = registry.find(registry.entry("vosk-model-nl-mini"))
    assert ours
    return ours


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models") / "adapted"


@pytest.fixture(scope="module")
def adapted(base: Path, folder: Path) -> Adapted:
    with Espeak() as espeak:
        guess = lambda word: () if word.isdigit() else espeak.pronounce(word)  # noqa: E731
        return adapt_model(base, folder, dict.fromkeys(TOLD, 1.0), guess, LEXICON)


@pytest.fixture(scope="module")
def say() -> Iterator[Say]:
    with Synthesiser() as synthesiser:
        yield lambda text, voice: synthesiser.speak(text, Voice(voice, 150))


def heard(model: Path, sound: np.ndarray, grammar: list[str] | None = None) -> str:
    recogniser = Recogniser(load_model(model))
    recogniser.start(grammar)
    recogniser.accept(sound)
    return recogniser.finish().text


def test_what_was_guessed_and_what_could_not_be_is_told(adapted: Adapted) -> None:
    assert adapted.guessed == {"windhapper": ("w", "I", "n", "d", "h", "A", "p", "@", "r")}
    assert adapted.left_out == ("42",)


@pytest.mark.parametrize("voice", ["nl+f2", "nl+m3"])
def test_a_new_word_is_understood_after_and_not_before(
    base: Path, folder: Path, adapted: Adapted, say: Say, voice: str
) -> None:
    sound = say("ik wil een windhapper bestellen", voice)
    assert "windhapper" not in heard(base, sound)
    assert heard(folder, sound) == "ik wil een windhapper bestellen"


@pytest.mark.parametrize("sentence", ["waar is mijn bestelling", "een twee drie vier vijf", "medewerker"])
def test_what_was_understood_before_still_is(
    base: Path, folder: Path, adapted: Adapted, say: Say, sentence: str
) -> None:
    sound = say(sentence, "nl+m2")
    assert heard(base, sound) == heard(folder, sound) == sentence


def test_grammars_take_new_words_and_reject_others(folder: Path, adapted: Adapted, say: Say) -> None:
    grammar = ["windhapper", "medewerker", UNKNOWN]
    assert heard(folder, say("windhapper", "nl+f2"), grammar) == "windhapper"
    assert heard(folder, say("waar is mijn bestelling", "nl+f2"), grammar) == ""


def test_silence_gives_nothing(folder: Path, adapted: Adapted) -> None:
    noise = np.random.default_rng(1).normal(0, 20, 16_000).astype(np.int16)
    assert heard(folder, noise) == ""


def test_an_adapted_model_can_be_adapted_again(folder: Path, adapted: Adapted, tmp_path: Path) -> None:
    again = adapt_model(folder, tmp_path / "again", {"de windhapper": 1.0}, lambda word: (), {})
    assert (again.guessed, again.left_out, again.words) == ({}, (), adapted.words)


def test_a_folder_that_is_no_model_is_not_replaced(base: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "keep.txt").touch()
    with pytest.raises(ModelError, match="is no speech model: it is not replaced"):
        adapt_model(base, tmp_path / "notes", {"ja": 1.0}, lambda word: (), {})
    assert [file.name for file in tmp_path.rglob("*")] == ["notes", "keep.txt"]


@pytest.fixture
def bound(base: Path, tmp_path: Path) -> Path:
    """Our model as the official ones are: nothing says how its words sound."""
    model = tmp_path / "bound"
    shutil.copytree(base, model)
    (model / "graph" / "lexicon.txt").unlink()
    return model


def test_a_model_without_a_lexicon_is_bound_to_its_vocabulary(bound: Path, tmp_path: Path, say: Say) -> None:
    told = {"ik zoek mijn koptelefoon": 5.0, "ik zoek mijn sleutel": 5.0, "de windhapper": 1.0}
    adapted = adapt_model(bound, tmp_path / "adapted", told, lambda word: ("a:",), {})
    assert (adapted.guessed, adapted.left_out) == ({}, ("windhapper",))
    sentence = "ik zoek mijn koptelefoon"
    assert heard(tmp_path / "adapted", say(sentence, "nl+f2")) == sentence
    assert heard(tmp_path / "adapted", say("medewerker", "nl+m3")) == "medewerker"
    before, after = (
        read_language_model(folder / "graph" / "Gr.fst") for folder in (bound, tmp_path / "adapted")
    )
    assert after.log_probability(sentence.split()) > before.log_probability(sentence.split())


def test_an_official_language_model_is_filled_up(bound: Path, tmp_path: Path, say: Say) -> None:
    file = bound / "graph" / "Gr.fst"
    labels = {name: label for label, name in read_symbols(file).items()}
    write_ngram(read_language_model(file), labels, file)
    before = heard(bound, say("medewerker", "nl+m3"))
    sentence = "ik zoek mijn koptelefoon"
    adapt_model(bound, tmp_path / "adapted", {sentence: 5.0}, lambda word: (), {})
    assert heard(tmp_path / "adapted", say("medewerker", "nl+m3")) == before == "medewerker"
    assert heard(tmp_path / "adapted", say(sentence, "nl+m3")) == sentence
    assert heard(tmp_path / "adapted", say("nee", "nl+m3"), ["ja", "nee", UNKNOWN]) == "nee"


def test_sentences_of_unknown_words_only_make_no_model(bound: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="each of the sentences has a word that the model cannot know"):
        adapt_model(bound, tmp_path / "adapted", {"de windhapper": 1.0}, lambda word: (), {})
    assert not (tmp_path / "adapted").exists()


def test_a_foreign_sound_costs_a_word_not_the_model(base: Path, tmp_path: Path) -> None:
    def guess(word: str) -> Pronunciation:
        raise ModelError(f"{word} has a sound that is none of ours")

    adapted = adapt_model(base, tmp_path / "adapted", {"een croissant": 1.0, "een fiets": 1.0}, guess, {})
    assert adapted.left_out == ("croissant",)
