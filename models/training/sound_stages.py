"""The stages before and between networks: recordings, synthetic speech, and streams of features from both."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from training.corpus import Corpus, Utterance, read_corpus, read_utterances, write_corpus
from training.foreign import read_foreigners
from training.manifest import Facts, Progress
from training.readers import held_out, read_ambiences, read_readers
from training.recipe import Ingredients, Item, list_items, make_shard
from training.sentences import load_sentences
from training.settings import SAME_SPEAKER, DataSettings, StreamSettings
from training.shard import save_shard
from training.synthetic import speak_sentences
from training.workshop import Workshop
from voicebot.errors import SetupError, UsageError
from voicebot.modelling import Espeak

VALIDATION: Final = "validation.npz"
READERS: Final = "utterances.jsonl"
STRANGERS: Final = "foreign.jsonl"
"""What `rough` and `align` know of the readers, and of the people of other languages."""
_RANDOM_WORD_LETTERS: Final = (2, 9)
_READ_WORDS_WEIGHT: Final = 5
"""How much likelier a word of the readers is than one of the dictionary, among words in a row."""


def readers_settings(settings: DataSettings) -> tuple[str, ...]:
    """Return what `readers` depends on."""
    return (*settings.readers, str(settings.reader_share))


def readers(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Read the recordings into a corpus."""
    settings = workshop.settings.data
    spoken = read_readers(
        workshop.recordings, settings, lambda *done: on_progress("reading recordings", *done)
    )
    corpus = write_corpus(folder, spoken)
    return {"items": len(corpus.utterances), "hours": round(corpus.hours, 2)}


def foreign(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Read the recordings of people who speak another language into a corpus."""
    spoken = read_foreigners(
        workshop.recordings,
        workshop.settings.foreign,
        lambda *done: on_progress("reading other languages", *done),
    )
    corpus = write_corpus(folder, spoken)
    return {"items": len(corpus.utterances), "hours": round(corpus.hours, 2)}


def synthetic(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Let espeak-ng speak, into a corpus; what is held out of the readers' texts is no source of words."""
    settings = workshop.settings.data
    utterances = read_utterances(workshop.place("readers") / "utterances.jsonl")
    kept = zip(utterances, held_out(utterances, settings), strict=True)
    words = _words([one for one, is_held_out in kept if not is_held_out], settings.word_list)
    random = np.random.default_rng((workshop.settings.seed, 1))
    with Espeak() as espeak:
        spoken = speak_sentences(
            espeak,
            settings,
            words,
            random,
            load_sentences(),
            lambda *done: on_progress("speaking sentences", *done),
        )
        corpus = write_corpus(folder, spoken)
    return {"items": len(corpus.utterances), "hours": round(corpus.hours, 2)}


def stream(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Make the shards of the stream, and one to validate on: the reader left out, else held-out prompts."""
    settings = workshop.settings
    ingredients = open_ingredients(workshop)
    learnt, tried = split_readers(ingredients.people, workshop)
    random = np.random.default_rng((settings.seed, 2))
    spoken = [index for index, one in enumerate(ingredients.foreign.utterances) if one.segments]
    strangers = best_aligned(ingredients.foreign, spoken, settings.stream)
    items = list_items(ingredients, learnt, strangers, settings.stream, random)
    orders = order_shards(folder, items, settings.stream.shards, settings.stream, settings.seed)
    unheard = [Item("people", index) for index in tried]
    orders.append(ShardOrder(folder / VALIDATION, unheard, _as_recorded(settings.stream), (settings.seed, 5)))
    make_shards(orders, workshop, lambda *done: on_progress("making the stream", *done))
    return {"items": len(items), "readers' sentences": len(learnt), "strangers' sentences": len(strangers)}


def order_readers(workshop: Workshop, folder: Path, copies: int) -> list[ShardOrder]:
    """Return the orders for a stream of the readers, as recorded and aligned by the guide."""
    settings = _as_recorded(workshop.settings.stream)
    learnt, tried = split_readers(open_ingredients(workshop, "rough").people, workshop)
    heard, unheard = ([Item("people", index) for index in some] for some in (learnt * copies, tried))
    seed = workshop.settings.seed
    orders = order_shards(folder, heard, copies, settings, seed)
    orders.append(ShardOrder(folder / VALIDATION, unheard, settings, (seed, 8)))
    return [replace(order, alignment="rough") for order in orders]


def _as_recorded(settings: StreamSettings) -> StreamSettings:
    return settings.model_copy(update={"people": SAME_SPEAKER})


@dataclass(frozen=True, slots=True)
class ShardOrder:
    """One shard to make."""

    file: Path
    items: Sequence[Item]
    settings: StreamSettings
    seed: tuple[int, ...]
    alignment: str = "align"
    """The stage that says when the people say what."""


def order_shards(
    folder: Path, items: Sequence[Item], count: int, settings: StreamSettings, seed: int
) -> list[ShardOrder]:
    """Return the order for a stream of `items` in `count` shards."""
    return [
        ShardOrder(folder / f"shard-{number:03}.npz", items[number::count], settings, (seed, 4, number))
        for number in range(count)
    ]


def make_shards(
    orders: Sequence[ShardOrder], workshop: Workshop, on_progress: Callable[[int, int], None]
) -> None:
    """Make the shards that are not there yet, several at once."""
    missing = [order for order in orders if not order.file.is_file()]
    on_progress(len(orders) - len(missing), len(orders))
    for done, _ in enumerate(_made(missing, workshop), start=len(orders) - len(missing) + 1):
        on_progress(done, len(orders))


def _made(orders: Sequence[ShardOrder], workshop: Workshop) -> Iterator[None]:
    """Make shards, and yield at each that is finished."""
    if workshop.jobs == 1:
        for order in orders:
            _make_shard(order, workshop)
            yield
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workshop.jobs, mp_context=spawn) as processes:
        for finished in as_completed([processes.submit(_make_shard, order, workshop) for order in orders]):
            finished.result()
            yield


def _make_shard(order: ShardOrder, workshop: Workshop) -> None:
    random = np.random.default_rng(order.seed)
    ingredients = open_ingredients(workshop, order.alignment)
    save_shard(order.file, make_shard(order.items, ingredients, order.settings, random))


def open_ingredients(workshop: Workshop, alignment: str = "align") -> Ingredients:
    """Open the sound that streams are made from; the people have no segments before they are aligned."""
    ambiences = read_ambiences(workshop.recordings / workshop.settings.data.ambiences)
    return Ingredients(
        _as_aligned(workshop, "readers", workshop.place(alignment) / READERS),
        _as_aligned(workshop, "foreign", workshop.place(alignment) / STRANGERS),
        read_corpus(workshop.place("synthetic")),
        ambiences,
    )


def _as_aligned(workshop: Workshop, stage: str, aligned: Path) -> Corpus:
    corpus = read_corpus(workshop.place(stage))
    return corpus.with_utterances(read_utterances(aligned)) if aligned.is_file() else corpus


def split_readers(people: Corpus, workshop: Workshop) -> tuple[list[int], list[int]]:
    """Return which of the people's utterances to learn from, and which to validate on.

    Held-out prompts are never learnt from. Who is left out is validated on with the other prompts, so that
    the held-out ones stay unseen by every choice.
    """
    left_out = workshop.left_out
    aligned = [index for index, one in enumerate(people.utterances) if one.segments]
    is_held_out = held_out(people.utterances, workshop.settings.data)
    learnt = [
        index for index in aligned if not is_held_out[index] and people.utterances[index].speaker != left_out
    ]
    tried = [
        index
        for index in aligned
        if left_out in (None, people.utterances[index].speaker) and is_held_out[index] == (left_out is None)
    ]
    if not learnt or not tried:
        raise UsageError("too few sentences to learn from and to validate on: take more of the readers")
    return best_aligned(people, learnt, workshop.settings.stream), tried


def best_aligned(corpus: Corpus, used: Sequence[int], settings: StreamSettings) -> list[int]:
    """Return `used` without the utterances that are aligned worst: there, text and sound disagree."""
    scores = [corpus.utterances[index].score for index in used]
    worst = np.quantile(scores, settings.worst_aligned) if scores else 0.0
    return [index for index, score in zip(used, scores, strict=True) if score >= worst]


def _words(read: Sequence[Utterance], word_list: str) -> list[str]:
    """Return words to say in a row: all that the readers say, and short ones of the dictionary."""
    words = sorted({word for one in read for word in one.text.split() if word.isalpha()})
    if not word_list:
        return words
    try:
        listed = Path(word_list).read_text(encoding="utf-8").split()
    except OSError as error:
        raise SetupError(
            f"no word list in {word_list}: install Debian's package wdutch, or name another in the settings"
        ) from error
    least, most = _RANDOM_WORD_LETTERS
    short = [word for word in listed if least <= len(word) <= most and word.isalpha() and word.islower()]
    return [*chain.from_iterable([words] * _READ_WORDS_WEIGHT), *sorted(set(short))]
