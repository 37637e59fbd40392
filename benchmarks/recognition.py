"""How well and at what cost speech models understand Dutch over the telephone.

    python benchmarks/recognition.py [MODEL...] [--leave-one-out M F]... [--quick] [--json FILE]

One table for any number of model folders (default: the one that is used), each in processes of its own.
``--leave-one-out`` gives two models, the first trained without reader m and the second without reader f; each
is measured on that reader only, and both are one column. ``--quick`` takes part of each set, over two lines:
to see that all works, not to compare models by.

word errors       substitutions, omissions and insertions per word said; also those it does not know
exact             utterances of which every word was heard, and no word more
spotted           utterances in which the word that was asked for was heard, and no other
false accepts/h   utterances in which it was heard but not said, per hour of sound
not empty         pieces without speech in which any word was heard

The readers' sentences are recognised with a language model of their other sentences (recognition_graph.py),
those of synthetic voices with the model's own. Intervals are 95 %: Wilson's for shares, Garwood's for what is
per hour, the bootstrap's for word errors, over speakers where there are five, else over utterances. Where one
or two voices speak, an interval says nothing about other voices. Beside each model after the first stands how
much smaller its word error rate is, relative to the first that was measured so, from the same draws.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import recognition_sets as sets
from recognition_graph import ReadersWords
from recognition_measuring import measure
from recognition_results import Measured
from recognition_table import print_table
from recognition_voices import READERS, Voices, find_mbrola

from voicebot.errors import UsageError, VoicebotError
from voicebot.hearing import choose_model
from voicebot.replay import recordings_folder
from voicebot.speaking import Synthesiser

CACHE = Path(__file__).parents[1] / ".cache" / "recognition"
"""What synthetic voices said, so that all models hear the same."""


def main() -> int:
    options = _options()
    people = recordings_folder() if recordings_folder().is_dir() else None
    if people is None:
        _tell(f"no recordings of people in {recordings_folder()}: name their folder in VOICEBOT_RECORDINGS")
    try:
        with Synthesiser() as synthesiser:
            measured = _measure_all(options, people, synthesiser)
    except VoicebotError as error:
        _tell(str(error))
        return 2
    figures = {
        "quick": options.quick,
        "notes": sets.NOTES,
        "models": [one.figures(_first_like(one, measured)) for one in measured],
    }
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL")
    parser.add_argument(
        "--leave-one-out", type=Path, nargs=2, action="append", default=[], metavar=("M", "F")
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if not options.models and not options.leave_one_out:
        options.models = [choose_model(None).path]
    return options


def _measure_all(
    options: argparse.Namespace, people: Path | None, synthesiser: Synthesiser
) -> list[Measured]:
    readers = ReadersWords(people) if people else None
    part = sets.quick if options.quick else sets.whole
    tests = [part(test) for test in _tests(people, synthesiser)] if options.models else []
    measured = [measure(model, tests, readers, _tell) for model in options.models]
    for models in options.leave_one_out:
        if people is None:
            raise UsageError("--leave-one-out needs the recordings of the readers")
        one, other = (
            measure(model, [part(test) for test in sets.of_unseen_reader(people, reader)], readers, _tell)
            for model, reader in zip(models, READERS, strict=True)
        )
        one.add(other)
        measured.append(one)
    return measured


def _first_like(one: Measured, measured: Sequence[Measured]) -> Measured:
    """Return the first model that was measured as this one was: on its own, or as a pair."""
    return next(other for other in measured if len(other.folders) == len(one.folders))


def _tests(people: Path | None, synthesiser: Synthesiser) -> Iterator[sets.TestSet]:
    if people:
        yield from sets.of_readers(people, READERS)
        yield from sets.of_others(people)
        yield from sets.of_people(people)
    mbrola = find_mbrola()
    if mbrola is None:
        _tell("no MBROLA voices: get them with `scripts/install-mbrola .mbrola`")
    yield from sets.of_voices(Voices(synthesiser, mbrola, CACHE), with_mbrola=mbrola is not None)
    yield from sets.of_lines(people)


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
