"""What recognition.py measures: the fixed test sets, and of each what the models may have known of it."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import recognition_lines as lines
from recognition_voices import (
    DIGITS,
    OTHER_ENGINE,
    READERS,
    RESERVED,
    TRAINED,
    Utterance,
    Voices,
    Voicing,
    german,
    is_held_out,
    joined,
    no_speech,
    read_sentences,
    spoken_words,
)

from voicebot.audio import Samples
from voicebot.hearing import GRAMMARS

SENTENCES = Path(__file__).with_name("recognition_sentences.txt")
"""Written for this: in no templates, and to be kept out of every text that models are made of."""
TEMPLATES = Path(__file__).with_name("recognition_templates.txt")
"""Drawn from the templates that the first model's language model was made of: it may know them."""
UNKNOWN = "[unk]"
WORD = "medewerker"
WISHES = (
    "medewerker",
    "een medewerker",
    "een medewerker graag",
    "medewerker alstublieft",
    "ik wil een medewerker spreken",
    "mag ik een medewerker aan de lijn",
    "ik wil graag met een medewerker praten",
    "kunt u mij doorverbinden met een medewerker",
    "geef mij maar een medewerker",
    "nee ik wil een medewerker",
)
NUMBERS = (
    *("tien", "elf", "twaalf", "dertien", "veertien", "vijftien"),
    *("zestien", "zeventien", "achttien", "negentien", "twintig"),
)
COLOURS = ("zwart", "wit", "blauw", "rood", "groen", "grijs", "bruin", "geel", "roze", "paars", "oranje")
YES_NO = ("ja", "jazeker", "klopt", "dat klopt", "nee", "nee dat klopt niet")
STRINGS = 30
"""Digit strings, and postcodes, by each group of voices."""
PIECE_S = 10.0
"""Music and noise are cut so."""
QUICK = 40
QUICK_OF = {"false accepts/h": 400, "not empty": 6}
"""Utterances of a set at most with --quick: by measure, or else QUICK."""

NOTES = {
    "reader m": "our models were trained on this voice (except in --leave-one-out), not on these sentences; "
    "the first model was",
    "reader f": "as reader m",
    "both readers": "readers m and f, each by the model that was trained without",
    "reader m, all": "as reader m, with the sentences that our models were trained on",
    "reader f, all": "as reader m, all",
    "people": "readers m and f, all, and other people",
    "other people": "recordings that no model may be trained on; strings are joined of words, with pauses",
    "german": "EMO-DB: people, another language; our models are trained on it, the first model was not",
    "espeak": "voices that our models, and the fixtures, know",
    "espeak, reserved": "espeak-ng's voices that no model may be trained on",
    "mbrola": "another synthesiser, never in training",
    "line": "made here, or recorded; surroundings may have been mixed into training, music not",
}
"""By group of voices: what our models may have known. Of other models' training nothing is known here."""


@dataclass(frozen=True, slots=True)
class TestSet:
    """One test by one group of voices."""

    test: str
    group: str
    measures: tuple[str, ...]
    """Names of `recognition_results.MEASURES`."""
    grammar: tuple[str, ...] | None
    utterances: Sequence[Utterance]
    qualities: tuple[str, ...] = lines.QUALITIES
    readers_words: bool = False
    """Whether it is recognised with a language model of the readers' other sentences."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return f"{self.test} | {self.group}"


def whole(test: TestSet) -> TestSet:
    """Return a set as it is."""
    return test


def quick(test: TestSet) -> TestSet:
    """Return every so many utterances of a set, over two qualities at most."""
    limit = QUICK_OF.get(test.measures[0], QUICK)
    step = -(-len(test.utterances) // limit)
    qualities = tuple(quality for quality in test.qualities if quality in lines.QUICK)
    return replace(test, utterances=test.utterances[::step], qualities=qualities)


# --------------------------------------------------------------------------- people


def of_readers(folder: Path, readers: Iterable[str]) -> Iterator[TestSet]:
    """Yield what is measured on readers: their held-out sentences, yes and no in any."""
    for reader in readers:
        held_out = is_held_out(folder, reader)
        everything = read_sentences(folder, reader)
        unseen = [one for one in everything if held_out[one.name]]
        yield TestSet("sentences", reader, ("word errors",), None, unseen, readers_words=True)
        yield TestSet(
            "yes or no in a sentence",
            f"{reader}, all",
            ("spotted",),
            ("ja", "nee", UNKNOWN),
            _yes_no(everything),
        )


def of_unseen_reader(folder: Path, reader: str) -> Iterator[TestSet]:
    """Yield what is measured on a reader whom a model was trained without."""
    yield from of_readers(folder, [reader])
    yield _false_accepts(f"{reader}, all", read_sentences(folder, reader))


def of_others(folder: Path) -> Iterator[TestSet]:
    """Yield what is measured on other people: isolated digits, words and letters, strings joined of them."""
    words = spoken_words(folder)
    for test, choice in (
        ("digits", DIGITS),
        ("numbers and colours", NUMBERS + COLOURS),
        ("letters", tuple(string.ascii_lowercase)),
    ):
        said = [word for word in words if word.text in choice]
        grammar = GRAMMARS["postcode"] if test == "letters" else (*choice, UNKNOWN)
        yield TestSet(test, "other people", ("exact",), grammar, said)
    yield from _strings("other people", partial(_joined, words))


def of_people(folder: Path) -> Iterator[TestSet]:
    """Yield false accepts on all people's speech, and on German."""
    readers = [one for reader in READERS for one in read_sentences(folder, reader)]
    yield _false_accepts("people", readers + spoken_words(folder))
    yield _false_accepts("other people", spoken_words(folder))
    yield _false_accepts("german", german(folder))


def _false_accepts(group: str, said: Sequence[Utterance]) -> TestSet:
    others = [one for one in said if WORD not in one.text.split()]
    return TestSet(
        f'false "{WORD}"', group, ("false accepts/h",), (WORD, UNKNOWN), others, ("clean", "phone")
    )


def _yes_no(said: Iterable[Utterance]) -> list[Utterance]:
    """Return the sentences with "ja" or "nee" in them; what is to be spotted is left of their texts."""
    found = [(one, {"ja", "nee"} & {*one.text.split()}) for one in said]
    return [replace(one, text=" ".join(sorted(answers))) for one, answers in found if answers]


def _joined(words: Sequence[Utterance], texts: Sequence[str]) -> list[Utterance]:
    """Return `texts` said by those who said all their words once, one after the other."""
    speakers: dict[str, dict[str, Utterance]] = {word.speaker: {} for word in words}
    for word in words:
        speakers[word.speaker].setdefault(word.text, word)
    able = [known for known in speakers.values() if {*DIGITS, *string.ascii_lowercase} <= known.keys()]
    return [joined([known[part] for part in text.split()]) for text in texts for known in able]


# --------------------------------------------------------------------------- synthetic voices


def of_voices(voices: Voices, with_mbrola: bool) -> Iterator[TestSet]:
    """Yield what is measured on synthetic voices."""
    sentences, templates = (file.read_text("utf-8").splitlines() for file in (SENTENCES, TEMPLATES))
    groups = {"espeak": TRAINED, "espeak, reserved": RESERVED} | (
        {"mbrola": OTHER_ENGINE} if with_mbrola else {}
    )
    for group, voicings in groups.items():
        by_all = partial(_by_all, voices, voicings)
        yield TestSet("sentences", group, ("word errors",), None, _by_turns(voices, voicings, sentences * 2))
        yield TestSet(
            "sentences of templates", group, ("word errors",), None, _by_turns(voices, voicings, templates)
        )
        yield TestSet("digits", group, ("exact",), (*DIGITS, UNKNOWN), by_all(DIGITS))
        yield TestSet("yes or no", group, ("exact",), GRAMMARS["yes_no"], by_all(YES_NO))
        wishes = [replace(one, text=WORD) for one in by_all(WISHES)]
        yield TestSet(f'"{WORD}"', group, ("spotted",), (WORD, UNKNOWN), wishes)
        yield from _strings(group, partial(_by_turns, voices, voicings))


def _by_all(voices: Voices, voicings: Sequence[Voicing], texts: Sequence[str]) -> list[Utterance]:
    return [voices.utterance(text, voicing) for text in texts for voicing in voicings]


def _by_turns(voices: Voices, voicings: Sequence[Voicing], texts: Sequence[str]) -> list[Utterance]:
    """Return `texts`, each by the next voice; the offset makes a text that comes again another voice's."""
    return [
        voices.utterance(text, voicings[(place + place // len(voicings)) % len(voicings)])
        for place, text in enumerate(texts)
    ]


def _strings(group: str, say: Callable[[Sequence[str]], list[Utterance]]) -> Iterator[TestSet]:
    chance = random.Random(5)
    digits = [" ".join(chance.choices(DIGITS, k=chance.randint(4, 10))) for _ in range(STRINGS)]
    codes = [
        " ".join([*chance.choices(DIGITS, k=4), *chance.choices(string.ascii_lowercase, k=2)])
        for _ in range(STRINGS)
    ]
    measures = ("word errors", "exact")
    yield TestSet("digit strings", group, measures, GRAMMARS["digits"], say(digits))
    yield TestSet("postcodes", group, measures, GRAMMARS["postcode"], say(codes))


# --------------------------------------------------------------------------- no speech


def of_lines(folder: Path | None) -> Iterator[TestSet]:
    """Yield what must give nothing, freely and with grammars; music and noise where they are recorded."""
    sounds = {
        "silence": _made(lines.silences()),
        "tones": _made(lines.tones()),
        "keys": _made(lines.keys()),
        "ringback": _made(lines.ringbacks()),
    }
    if folder:
        sounds["hold music"] = no_speech(folder, "hold_music", PIECE_S)
        sounds["surroundings"] = no_speech(folder, "ambience", PIECE_S)
    for name, pieces in sounds.items():
        for grammar in (None, "digits", "human"):
            test = f"{name}, {grammar or 'free'}"
            yield TestSet(
                test, "line", ("not empty",), GRAMMARS[grammar] if grammar else None, pieces, (lines.BARE,)
            )


def _made(sounds: Iterable[tuple[str, Samples]]) -> list[Utterance]:
    return [Utterance(name, "line", "", partial(_same, samples)) for name, samples in sounds]


def _same(samples: Samples) -> Samples:
    return samples
