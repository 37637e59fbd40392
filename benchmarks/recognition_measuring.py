"""One model on the test sets of recognition.py, and what it cost."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from recognition_ear import Ear, Heard
from recognition_figures import align
from recognition_graph import ReadersWords
from recognition_lines import through
from recognition_results import NOT_EMPTY, Heading, Measured, Result
from recognition_sets import TestSet
from recognition_voices import Utterance, folded

from voicebot.audio import RATE

LOADS = 5
"""Times a model is loaded, each in a fresh process, to time it."""
PROGRESS_S = 10.0


def measure(
    model: Path, tests: Sequence[TestSet], readers: ReadersWords | None, tell: Callable[[str], None]
) -> Measured:
    """Return how the model in a folder does on `tests`; `tell` is told how far it is."""
    name = "/".join(model.absolute().parts[-2:])  # models are often called alike
    loads = []
    for _ in range(LOADS):
        with Ear(model) as ear:
            loads.append((ear.load_s, ear.loaded_mb))
    measured = Measured(name, [model], *(statistics.median(one) for one in zip(*loads, strict=True)))
    with tempfile.TemporaryDirectory() as folder, Ear(model) as own, contextlib.ExitStack() as more:
        adapted = own
        if readers and readers.give_to(model, Path(folder)):
            adapted = more.enter_context(Ear(Path(folder)))
        elif readers:
            measured.remarks.append("the readers' sentences with its own words: its graph cannot be built")
        for test in _told(sorted(tests, key=_is_no_speech), name, tell):
            _run(test, adapted if test.readers_words else own, measured)
            if not _is_no_speech(test):
                measured.peak_mb = own.peak_mb()
        measured.peak_no_speech_mb = own.peak_mb()
    return measured


def _is_no_speech(test: TestSet) -> bool:
    return NOT_EMPTY in test.measures


def _told(tests: Sequence[TestSet], name: str, tell: Callable[[str], None]) -> Iterator[TestSet]:
    """Yield the tests, and tell now and then how many are done."""
    told = time.monotonic()
    for place, test in enumerate(tests):
        if time.monotonic() > told + PROGRESS_S or not place:
            told = time.monotonic()
            tell(f"{name}: {place} of {len(tests)} tests, now {test.name}")
        yield test


def _run(test: TestSet, ear: Ear, measured: Measured) -> None:
    grammar = _known(test, ear, measured)
    way = measured.ways[_way(test)]
    for quality in test.qualities:
        results = []
        for utterance in test.utterances:
            sound = utterance.sound()
            line = through(quality, sound, utterance.name)
            heard = ear.hear(line, grammar)
            result = _result(utterance, heard, sound.size / RATE)
            results.append(result)
            way.cpu_s += heard.cpu_s
            way.seconds += line.size / RATE
            way.words += _confidences(result, heard)
        for one in test.measures:
            measured.results[Heading(test.test, test.group, quality, one)] = results


def _way(test: TestSet) -> str:
    if _is_no_speech(test):
        return "no speech"
    return "grammar" if test.grammar else "readers' words" if test.readers_words else "free"


def _known(test: TestSet, ear: Ear, measured: Measured) -> tuple[str, ...] | None:
    """Return the grammar without what the model cannot hear, which is remarked on."""
    if test.grammar is None:
        return None
    unknown = ear.unknown(" ".join(test.grammar).split())
    if unknown:
        measured.remarks.append(f"{test.name}: does not know {', '.join(sorted(unknown))}")
    return tuple(phrase for phrase in test.grammar if not unknown & {*phrase.split()})


def _result(utterance: Utterance, heard: Heard, seconds: float) -> Result:
    return Result(utterance.speaker, folded(utterance.text), folded(" ".join(heard.words)), seconds)


def _confidences(result: Result, heard: Heard) -> list[tuple[float, bool]]:
    """Return the confidence of each word heard, and whether it was said; none where nothing was said."""
    if not result.said or len(result.heard) != len(heard.confidences):
        return []
    return list(zip(heard.confidences, align(result.said, result.heard).right, strict=True))
