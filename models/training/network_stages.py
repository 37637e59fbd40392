"""The stages that need a network: the guide, the tutor, alignment, training, averaging, export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import torch
from pydantic import BaseModel

from training.averaging import average, recalibrate
from training.batches import Batches
from training.callers import Callers
from training.corpus import Corpus, read_corpus, write_utterances
from training.course import Course, Losses
from training.foreign import foreign_lexicon
from training.guide import Guide, readers_lexicon
from training.korean import start_from_korean
from training.manifest import Facts, Progress, whole_file
from training.model_folder import phone_loop, write_callers, write_network
from training.network import Network
from training.recipe import Item
from training.settings import GuideSettings, NetworkSettings, Settings, TrainSettings, TutorSettings
from training.shard import load_shards
from training.sound_stages import (
    READERS,
    STRANGERS,
    VALIDATION,
    ShardOrder,
    make_shards,
    order_readers,
    order_shards,
)
from training.workshop import Workshop
from voicebot.modelling import Lexicon

_GUIDE_SHARDS: Final = 4
_GUIDE_VALIDATION: Final = 0.05
_NETWORK: Final = "network.pt"
_STATISTICS: Final = "statistics.npz"
_MEASURE_EVERY: Final = 37
"""Of so many frames one is looked at to normalise the input."""


def guide_settings(settings: Settings) -> tuple[BaseModel, ...]:
    """Return what `guide` depends on; not which network the model is, how long and on whom it is trained."""
    learning = _plain(settings.train, settings.guide)
    return settings.guide, settings.stream.synthetic, settings.stream.line, learning


def guide(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Train a network by cross-entropy on synthetic speech, the alignment of which is exact."""
    settings = workshop.settings
    count = min(settings.guide.sentences, len(read_corpus(workshop.place("synthetic")).utterances))
    items = [Item("synthetic", index) for index in range(count)]
    tried = max(1, round(_GUIDE_VALIDATION * count))
    orders = order_shards(folder, items[tried:], _GUIDE_SHARDS, settings.stream, settings.seed)
    orders.append(ShardOrder(folder / VALIDATION, items[:tried], settings.stream, (settings.seed, 6)))
    make_shards(orders, workshop, lambda *done: on_progress("guide: making its stream", *done))
    learning = _plain(settings.train, settings.guide)
    course = _course(workshop, folder, learning, settings.guide.network)
    return _run_plain("guide", course, folder, on_progress)


def rough(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Find out when the readers say what, as well as a network that never heard a person can."""
    return _align_people(workshop, "guide", folder, on_progress)


def tutor_settings(settings: Settings) -> tuple[BaseModel | str, ...]:
    """Return what `tutor` depends on beside the guide."""
    return settings.tutor, settings.stream.line, str(settings.stream.worst_aligned)


def tutor(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Go on with the guide's training, with the readers among the synthetic voices."""
    settings = workshop.settings
    orders = order_readers(workshop, folder, settings.tutor.reader_copies)
    make_shards(orders, workshop, lambda *done: on_progress("tutor: making its stream", *done))
    learning = _plain(settings.train, settings.tutor)
    guided = workshop.place("guide")
    course = _course(workshop, folder, learning, settings.guide.network, also=guided)
    course.network.load_state_dict(torch.load(guided / _NETWORK, weights_only=True))
    return _run_plain("tutor", course, folder, on_progress)


def _run_plain(name: str, course: Course, folder: Path, on_progress: Progress) -> Facts:
    """Run the course of the guide or the tutor, and keep the network that it ends with."""
    checkpoints = course.run(folder, lambda done, total, note: on_progress(f"{name}: {note}", done, total))
    course.network.load_state_dict(torch.load(checkpoints[-1], weights_only=True))
    _save(course, folder)
    return {"items": course.iterations, **_figures(course.validate())}


def align_people(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Find out when the readers, and the people who speak another language, say what."""
    return _align_people(workshop, "tutor", folder, on_progress)


def _align_people(workshop: Workshop, by: str, folder: Path, on_progress: Progress) -> Facts:
    _use_threads(1)  # for a sentence at a time, more threads wait for each other longer than they work
    readers, strangers = read_corpus(workshop.place("readers")), read_corpus(workshop.place("foreign"))
    network = workshop.place(by)
    dutch = _guide(workshop, network, readers_lexicon(one.text for one in readers.utterances))
    languages = {
        language: _guide(workshop, network, foreign_lexicon(_texts(strangers, language), language))
        for language in {one.language for one in strangers.utterances}
    }
    aligned, strange = [], []
    everybody = len(readers.utterances) + len(strangers.utterances)
    for utterance, sound in readers:
        aligned.append(dutch.align(utterance, sound))
        on_progress("aligning the readers", len(aligned), everybody)
    for utterance, sound in strangers:
        strange.append(languages[utterance.language].align(utterance, sound, may_be_cut=True))
        on_progress("aligning people of other languages", len(aligned) + len(strange), everybody)
    write_utterances(folder / READERS, aligned)
    write_utterances(folder / STRANGERS, strange)
    scores = [one.score for one in (*aligned, *strange) if one.segments]
    return {
        "items": everybody,
        "not aligned": everybody - len(scores),
        "mean score": round(float(np.mean(scores)), 3),
    }


def _texts(corpus: Corpus, language: str) -> list[str]:
    return [one.text for one in corpus.utterances if one.language == language]


def _guide(workshop: Workshop, folder: Path, lexicon: Lexicon) -> Guide:
    network = _network(folder, workshop.settings.guide.network)
    frequencies = np.load(folder / _STATISTICS)["frequencies"]
    return Guide(network, frequencies, lexicon)


def train(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Train the network by LF-MMI."""
    settings = workshop.settings.train
    course = _course(workshop, workshop.place("stream"), settings, workshop.settings.network)
    if settings.start == "korean" and not (folder / "resume.pt").is_file():
        start_from_korean(course.network, read_corpus(workshop.place("readers")))
    course.run(folder, lambda done, total, note: on_progress(f"training {note}", done, total))
    return {"items": course.iterations, **_figures(course.validate())}


def average_checkpoints(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Make one network of the last checkpoints."""
    settings = workshop.settings
    checkpoints = sorted(workshop.place("train").glob("checkpoint-*.pt"))[-settings.average.last :]
    course = _course(workshop, workshop.place("stream"), settings.train, settings.network)
    on_progress("averaging", 0, 1)
    average(course.network, checkpoints)
    recalibrate(course.network, course.some_batches(settings.average.calibration_batches))
    _save(course, folder)
    on_progress("averaging", 1, 1)
    return {"items": len(checkpoints), **_figures(course.validate())}


def export(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Write the network as a Vosk model folder, with a graph for what callers say."""
    on_progress("exporting", 0, 1)
    averaged = workshop.place("average")
    statistics = np.load(averaged / _STATISTICS)
    network = _network(averaged, workshop.settings.network)
    loop = phone_loop(statistics["frequencies"], statistics["phone_model"])
    write_network(workshop.exported, network, loop, workshop.settings.export.acoustic_scale)
    random = np.random.default_rng((workshop.settings.seed, 3))
    words = write_callers(workshop.exported, loop, Callers(workshop.settings.export, random)).words
    on_progress("exporting", 1, 1)
    size = sum(file.stat().st_size for file in workshop.exported.rglob("*") if file.is_file())
    return {"items": 1, "words": words, "bytes": size}


def _course(
    workshop: Workshop,
    shards: Path,
    settings: TrainSettings,
    size: NetworkSettings,
    also: Path | None = None,
) -> Course:
    """Return a course for a new network on the stream in the folder `shards`, and the one in `also`."""
    _use_threads(workshop.jobs)
    torch.manual_seed(workshop.settings.seed)
    network = Network(size)
    cut = (settings.chunk_frames, settings.tolerance, network.context)
    files = [file for folder in (shards, also) if folder for file in sorted(folder.glob("shard-*.npz"))]
    training = Batches(load_shards(files), *cut)
    validation = Batches(load_shards([shards / VALIDATION]), *cut)
    network.start(training.shard.features[::_MEASURE_EVERY].astype(np.float32), training.frequencies())
    return Course(network, settings, workshop.settings.seed, training, validation)


def _plain(settings: TrainSettings, own_settings: GuideSettings | TutorSettings) -> TrainSettings:
    """Return the settings for the guide or the tutor: cross-entropy only, from scratch."""
    epochs = own_settings.epochs
    own = {"epochs": epochs, "cross_entropy_epochs": epochs, "learning_rate": own_settings.learning_rate}
    return settings.model_copy(update={**own, "start": "scratch"})


def _save(course: Course, folder: Path) -> None:
    with whole_file(folder / _NETWORK) as out:
        torch.save(course.network.state_dict(), out)
    with whole_file(folder / _STATISTICS) as out:
        np.savez(out, frequencies=course.frequencies, phone_model=course.phone_model)


def _network(folder: Path, size: NetworkSettings) -> Network:
    """Return the finished network of a stage."""
    network = Network(size)
    network.load_state_dict(torch.load(folder / _NETWORK, weights_only=True))
    return network.eval()


def _use_threads(threads: int) -> None:
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def _figures(losses: Losses) -> dict[str, float]:
    return {f"validation {name}": round(value, 4) for name, value in asdict(losses).items()}
