"""How well frustration is heard in the voice: clips, calls, other lines, CPU.

    PYTHONPATH=models python benchmarks/mood.py [--json FILE]

clips   EMO-DB over a clean A-law line (8 kHz, 300-3400 Hz). Each speaker is scored by what is learnt from the
        others (leave one speaker out), each sentence by what is learnt from the others, and both at once.
        With a baseline of three other neutral clips of the speaker, and without.
calls   turns of one speaker put together, over six lines, of which five are noisy, tilted, echoing ...; the
        same speakers left out. Dutch readers are scored by the model that is shipped, which never heard them.
lines   the same clip changed, beside a baseline on the unchanged line: how far its score moves
CPU     of everything from samples to score, per second of speech

Only where a sentence alone is left out did a model learn from the speaker whom it scores. Needs the
recordings (VOICEBOT_RECORDINGS).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from mood_calls import emodb_calls, reader_calls
from mood_figures import Figure, separated, share
from mood_lines import changes
from numpy.typing import NDArray
from training.mood import SEED, Flags, calibrate, train
from training.mood_speech import Clips, as_row, read_clips, with_tempo
from training.readers import manifest_rows, read_ambiences

from voicebot.audio import RATE, Samples, read_audio, to_samples
from voicebot.mood import Baseline, Prosody, Scorer, load_scorer, measure
from voicebot.replay import recordings_folder

BASELINE = 3
"""Neutral clips of a baseline."""
READ = 160
"""Sentences of each Dutch reader."""
FASTER = 1.3
Scores = NDArray[np.float64]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    recordings = recordings_folder()
    _tell("measuring EMO-DB over six lines")
    clips = read_clips(recordings, SEED)
    sounds = [read_audio(recordings / "emodb" / row["file"]) for row in manifest_rows(recordings / "emodb")]
    _tell("learning from all speakers but one, ten times")
    scorers = learnt_without(clips, clips.speakers)
    figures: dict[str, dict[str, Any]] = {"clips": on_clips(clips, scorers)}
    _tell("calls")
    figures["calls: alarms"] = emodb_calls(clips, scorers, _hurried(clips, sounds))
    readers = {reader: _read(recordings / reader) for reader in ("flemishguy", "nathalie")}
    figures["readers"] = reader_calls(readers, load_scorer())
    _tell("other lines")
    figures["lines"] = on_other_lines(clips, scorers, sounds, read_ambiences(recordings / "noise"))
    figures["CPU"] = cost(sounds[:60])
    for part, rows in figures.items():
        print(part)
        for name, row in rows.items():
            print(f"  {name:62}", "  ".join(_cell(key, value) for key, value in row.items()))
    print(json.dumps(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


def learnt_without(clips: Clips, groups: NDArray[np.str_]) -> dict[str, Scorer]:
    """Return, for each group (shape (clips,)), the scorer learnt from the others, threshold and all."""
    return {
        str(group): calibrate(train(clips, groups != group), clips, groups != group)
        for group in np.unique(groups)
    }


def on_clips(clips: Clips, scorers: dict[str, Scorer]) -> dict[str, dict[str, Figure]]:
    """Return how well angry clips stand apart, for each way of leaving out."""
    others = [str(label) for label in np.unique(clips.labels) if label != "angry"]
    found: dict[str, dict[str, Figure]] = {}
    for compared, told in ((True, "baseline of 3 neutral clips"), (False, "no baseline")):
        by_speaker = np.full(clips.labels.size, np.nan)
        for speaker, scorer in scorers.items():
            by_speaker = _scored(clips, clips.speakers == speaker, scorer, compared, by_speaker)
        by_sentence, by_both = by_speaker * np.nan, by_speaker * np.nan
        for sentence in np.unique(clips.sentences):
            same = clips.sentences == sentence
            by_sentence = _scored(clips, same, train(clips, ~same), compared, by_sentence)
            for speaker in scorers:
                theirs = clips.speakers == speaker
                by_both = _scored(clips, same & theirs, train(clips, ~same & ~theirs), compared, by_both)
        for left_out, scores in (
            ("speaker", by_speaker),
            ("sentence", by_sentence),
            ("speaker and sentence", by_both),
        ):
            found[f"angry - neutral, {told}, {left_out} left out"] = _apart(clips, scores, ["neutral"])
        found[f"angry - all others, {told}, speaker left out"] = _apart(clips, by_speaker, others)
        found[f"angry - joyful, {told}, speaker left out"] = _apart(clips, by_speaker, ["happy"])
        for label in ("angry", "neutral", "boredom", "sad", "happy"):
            flagged = _by_speaker(clips, by_speaker >= 0.5, clips.labels == label, by_speaker)
            found[f"{label} taken for frustrated, {told}"] = {"share": share(flagged)}
    return found


def on_other_lines(
    clips: Clips, scorers: dict[str, Scorer], sounds: list[Samples], ambiences: list[Samples]
) -> dict[str, dict[str, float]]:
    """Return, for angry and neutral clips, how far scores move and flags flip when the line changes."""
    of_interest = np.isin(clips.labels, ["angry", "neutral"])
    before = np.full(clips.labels.size, np.nan)
    for speaker, scorer in scorers.items():
        theirs = of_interest & (clips.speakers == speaker)
        before = _scored(clips, theirs, scorer, True, before)
    found: dict[str, dict[str, float]] = {}
    every: list[tuple[Scores, Flags]] = []
    for name, change in changes(ambiences).items():
        measured = clips.measured.copy()
        for index in np.flatnonzero(of_interest):
            measured[index, 0] = as_row(change(sounds[index]))
        after = np.full(clips.labels.size, np.nan)
        for speaker, scorer in scorers.items():
            theirs = of_interest & (clips.speakers == speaker)
            after = _scored(clips, theirs, scorer, True, after, changed=measured)
        both = of_interest & ~np.isnan(before) & ~np.isnan(after)
        moved = np.abs(after - before)[both]
        flips = ((after >= 0.5) != (before >= 0.5))[both]
        every.append((moved, flips))
        found[name] = _moved(moved, flips)
        found[name]["no score"] = int((of_interest & ~np.isnan(before) & np.isnan(after)).sum())
    found["all of these"] = _moved(*(np.concatenate(parts) for parts in zip(*every, strict=True)))
    return found


def cost(sounds: list[Samples]) -> dict[str, dict[str, float]]:
    """Return the CPU from samples to score, in ms per second of speech."""
    scorer, baseline = load_scorer(), Baseline()
    scorer.score(measure(sounds[0]), baseline)
    started = time.process_time()
    for sound in sounds:
        scorer.score(measure(sound), baseline)
    spent = time.process_time() - started
    seconds = sum(sound.size for sound in sounds) / RATE
    return {"samples to score": {"ms per second": round(1000 * spent / seconds, 2), "seconds": seconds}}


def _scored(
    clips: Clips,
    which: Flags,
    scorer: Scorer,
    compared: bool,
    scores: Scores,
    changed: NDArray[np.float64] | None = None,
) -> Scores:
    """Return `scores` with those of the clips `which` on the first line filled in; baselines never change."""
    random = np.random.default_rng(3)
    measured = clips.measured if changed is None else changed
    filled = scores.copy()
    for index in np.flatnonzero(which):
        baseline = Baseline()
        if compared:
            calm = (clips.speakers == clips.speakers[index]) & (clips.labels == "neutral")
            calm &= ~np.isnan(clips.measured[:, 0, 0])
            calm[index] = False
            for row in clips.measured[random.permutation(np.flatnonzero(calm))[:BASELINE], 0]:
                baseline = baseline.heard(Prosody(*row))
        if not np.isnan(measured[index, 0, 0]):
            score = scorer.score(Prosody(*measured[index, 0]), baseline).score
            filled[index] = np.nan if score is None else score
    return filled


def _moved(moved: Scores, flips: Flags) -> dict[str, float]:
    p50, p95 = np.percentile(moved, (50, 95))
    return {
        "p50": round(float(p50), 3),
        "p95": round(float(p95), 3),
        "flips": round(float(flips.mean()), 3),
        "n": moved.size,
    }


def _apart(clips: Clips, scores: Scores, others: list[str]) -> dict[str, Figure]:
    angry = _by_speaker(clips, scores, clips.labels == "angry", scores)
    return separated(angry, _by_speaker(clips, scores, np.isin(clips.labels, others), scores))


def _by_speaker(clips: Clips, values: NDArray[Any], which: Flags, scores: Scores) -> dict[str, NDArray[Any]]:
    return {
        str(speaker): values[which & (clips.speakers == speaker) & ~np.isnan(scores)]
        for speaker in np.unique(clips.speakers)
    }


def _hurried(clips: Clips, sounds: list[Samples]) -> dict[str, list[Prosody | None]]:
    neutral = np.flatnonzero(clips.labels == "neutral")
    turns: dict[str, list[Prosody | None]] = {}
    for index in neutral:
        fast = to_samples(with_tempo(sounds[index].astype(np.float64), FASTER))
        turns.setdefault(str(clips.speakers[index]), []).append(measure(fast))
    return turns


def _read(folder: Path) -> list[Samples]:
    return [read_audio(folder / row["file"]) for row in manifest_rows(folder)[:READ]]


def _cell(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"{key} {value['value']:.3f} [{value['low']:.3f}-{value['high']:.3f}] n {value['n']}"
    return f"{key} {value}"


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
