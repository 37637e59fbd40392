"""The readers' words and a language model of their sentences, for any of our models, for recognition.py.

What they read is prose, of which a customer-service model knows few words; with this graph each model has the
same words, pronunciations and language model, so what differs is how well it hears. The vocabulary is that of
all sentences, the language model of those that are not held out: by the number of the prompt, which is the
same for both readers, and by the text, in case a prompt came twice.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from recognition_voices import READERS, is_held_out, read_sentences

from voicebot.errors import ModelError
from voicebot.modelling import (
    Espeak,
    Variants,
    common_dutch,
    pronounce_words,
    read_phone_loop,
    train_language_model,
    write_graph,
)


class ReadersWords:
    """The lexicon and the language model, made once for all models."""

    def __init__(self, people: Path) -> None:
        held_out: set[str] = set()
        others: list[str] = []
        for reader in READERS:
            apart = is_held_out(people, reader)
            for one in read_sentences(people, reader):
                if apart[one.name]:
                    held_out.add(one.text)
                else:
                    others.append(one.text)
        self.held_out = frozenset(held_out)
        self.sentences = tuple(text for text in others if text not in held_out)
        """What the language model is made of."""
        vocabulary = sorted({word for text in (*others, *held_out) for word in text.split()})
        with Espeak() as espeak:
            pronounced = pronounce_words(vocabulary, common_dutch(), espeak.pronounce, Variants.of_regions())
        self._lexicon = pronounced.lexicon
        self._language_model = train_language_model(self.sentences, self._lexicon)

    def give_to(self, model: Path, folder: Path) -> bool:
        """Write the model with this graph into an empty `folder`; return False when that cannot be."""
        try:
            loop = read_phone_loop(model / "am" / "unk_phone_lm.txt")
        except ModelError:
            return False
        for part in ("am", "conf"):
            shutil.copytree(model / part, folder / part)
        write_graph(folder / "graph", self._lexicon, self._language_model, loop)
        return True
