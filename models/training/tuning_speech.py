"""What an exported model is tried on: synthetic voices and readers, over the telephone lines of training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.corpus import RATE, Utterance
from training.guide import readers_lexicon
from training.line import Line
from training.readers import held_out
from training.sentences import Phrases, load_sentences
from training.settings import SpeakerSpread
from training.sound_stages import open_ingredients, split_readers
from training.synthetic import speak_sentences
from training.voice import invent
from training.workshop import Workshop
from voicebot.audio import RATE as LINE_RATE
from voicebot.audio import Samples
from voicebot.hearing import Model, Recogniser, Transcript
from voicebot.modelling import Espeak, PhoneLoop, train_language_model, write_graph

_BEFORE_S: Final = (0.05, 0.5)
_AFTER_S: Final = (0.05, 0.6)


@dataclass(frozen=True, slots=True)
class Said:
    """Something said, as it comes out of a telephone."""

    words: tuple[str, ...]
    sound: Samples


class TuningSpeech:
    """Draws utterances, each over another line; the readers each time as somebody else."""

    def __init__(self, workshop: Workshop, random: np.random.Generator) -> None:
        self._workshop, self._random = workshop, random
        ingredients = open_ingredients(workshop)
        self._people = ingredients.people
        self._line = Line(random, workshop.settings.stream.line, ingredients.ambiences)

    def voiced(self, count: int, phrases: Phrases = ()) -> Iterator[Said]:
        """Yield `count` sentences of `dutch.yaml`, or of `phrases`, by the synthetic voices of training."""
        templates = load_sentences()
        if phrases:
            changes = {"topics": {"": phrases}, "with_opening": 0, "with_closing": 0}
            templates = templates.model_copy(update=changes)
        settings = self._workshop.settings.data.model_copy(update={"sentences": count, "templates": 1.0})
        with Espeak() as espeak:
            spoken = speak_sentences(espeak, settings, (), self._random, templates, lambda done, total: None)
            for utterance, sound in spoken:
                yield self._over_a_line(utterance, sound, self._workshop.settings.stream.synthetic)

    def learnt(self, count: int) -> Iterator[Said]:
        """Yield at most `count` sentences of the readers that the network was trained on."""
        for index in self._some(split_readers(self._people, self._workshop)[0], count):
            yield self._read(self._people.utterances[index], self._people.sound(index))

    def unheard(self, count: int) -> Iterator[Said]:
        """Yield `count` prompts that were held out of training, none by who was left out."""
        utterances, apart = self._people.utterances, self._apart
        heard = [index for index, one in enumerate(utterances) if one.speaker != self._workshop.left_out]
        able = [index for index in heard if apart[index]]
        for place in self._random.integers(len(able), size=count if able else 0).tolist():
            yield self._read(utterances[able[place]], self._people.sound(able[place]))

    def write_readers_words(self, graph: Path, loop: PhoneLoop) -> None:
        """Write the graph of a model that knows every word of the prompts, and expects those not held out."""
        texts = [one.text for one in self._people.utterances]
        lexicon = readers_lexicon(texts)
        learnt = (text for text, apart in zip(texts, self._apart, strict=True) if not apart)
        known = [text for text in learnt if lexicon.keys() >= {*text.split()}]
        write_graph(graph, lexicon, train_language_model(known, lexicon), loop)

    @cached_property
    def _apart(self) -> list[bool]:
        return held_out(self._people.utterances, self._workshop.settings.data)

    def _some(self, indices: Sequence[int], count: int) -> list[int]:
        drawn = self._random.permutation(len(indices))[:count]
        return [indices[place] for place in drawn.tolist()]

    def _read(self, utterance: Utterance, sound: NDArray[np.int16]) -> Said:
        return self._over_a_line(utterance, sound, self._workshop.settings.stream.people)

    def _over_a_line(self, utterance: Utterance, sound: NDArray[np.int16], spread: SpeakerSpread) -> Said:
        """Return an utterance by an invented speaker."""
        spoken = invent(self._random, spread).speak(sound, RATE)
        around = [int(LINE_RATE * self._random.uniform(*seconds)) for seconds in (_BEFORE_S, _AFTER_S)]
        carried = self._line.carry(np.pad(spoken, (around[0], around[1])))
        return Said(tuple(utterance.text.split()), carried)


def hear(
    model: Model, said: Sequence[Said], grammars: Sequence[Sequence[str] | None], jobs: int
) -> list[Transcript]:
    """Return what `model` makes of utterances, each with its grammar; in `jobs` threads."""

    def transcript(one: Said, grammar: Sequence[str] | None) -> Transcript:
        recogniser = Recogniser(model)
        recogniser.start(grammar)
        recogniser.accept(one.sound)
        return recogniser.finish()

    with ThreadPoolExecutor(jobs) as threads:
        return list(threads.map(transcript, said, grammars))
