"""Learns how frustration sounds, and writes `voicebot/mood/model.json`.

    cd models && python -m training.mood [--recordings FOLDER] [--out FILE]

Two signed ridge logistic regressions on `voicebot.mood.FEATURES`: one on turns compared with calm turns of
the same speaker, one on turns compared with people in general. A weight may not go against what the
literature says of anger: where the data disagree, it is 0. Everything is the same at each run.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from training.mood_speech import LINES, Clips, read_clips
from voicebot.mood import FEATURES, MODEL, Baseline, Population, Prosody, Scorer, Weights, deviations, to_json
from voicebot.replay import recordings_folder

SEED: Final = 1
LOWER_IN_ANGER: Final = ("hammarberg", "pauses")
"""All other features are higher (sources: `Prosody`)."""
SHARES: Final = {"neutral": 0.5, "happy": 0.2, "boredom": 0.1, "sad": 0.1, "fearful": 0.05, "disgust": 0.05}
"""What calm and other turns weigh beside angry ones, which weigh 1 together: calm callers are the most,
joyful ones are not to be taken for angry, fear and disgust are no calm either."""
RIDGE: Final = 0.3
"""Strong: from 0.003 to 1 the AUC on speakers left out stays within 0.003, and this spreads the weights."""
OTHER_LINE: Final = 0.25
"""The chance that a baseline was heard over another line: in the midst of a call the line may change."""
MOST_TURNS: Final = 4
"""Turns of a baseline at most."""
CALM: Final = ("neutral", "boredom", "sad")
THRESHOLD: Final = 0.5
FALSE_WITH_SELF: Final = 0.03
FALSE_AMONG_PEOPLE: Final = 0.01
"""Share of the calm turns of speakers left out that reach the threshold: fewer without a baseline, as a high
voice is high at each turn."""

_SIGNS: Final = np.array([-1.0 if feature in LOWER_IN_ANGER else 1.0 for feature in FEATURES])
Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


def train(clips: Clips, used: Flags) -> Scorer:
    """Return a scorer learnt from the clips that are `used`, shape (clips,)."""
    population = population_of(clips, used)
    with_self, among_people = (_fit(clips, used, population, compared) for compared in (True, False))
    return Scorer(population, among_people, with_self, THRESHOLD)


def calibrate(scorer: Scorer, clips: Clips, used: Flags) -> Scorer:
    """Return `scorer` with intercepts such that so many calm turns reach the threshold as may.

    Counted on each speaker among `used` by what is learnt from the others, over all lines.
    """
    speakers = np.unique(clips.speakers[used])
    intercepts: list[float] = []
    for compared, share in ((True, FALSE_WITH_SELF), (False, FALSE_AMONG_PEOPLE)):
        sums: list[Values] = []
        for speaker in speakers:
            left_out = used & (clips.speakers == speaker)
            others = used & ~left_out
            population = population_of(clips, others)
            weights = _fit(clips, others, population, compared)
            calm = left_out & np.isin(clips.labels, CALM)
            far, _ = examples(clips, calm, population, compared=compared, calm_from=left_out)
            sums.append(far @ weights.features)
        intercepts.append(-float(np.quantile(np.concatenate(sums), 1 - share)))
    return Scorer(
        scorer.population,
        Weights(intercepts[1], scorer.among_people.features),
        Weights(intercepts[0], scorer.with_self.features),
        scorer.threshold,
    )


def population_of(clips: Clips, used: Flags) -> Population:
    """Return how the speakers among `used` speak when neutral, over all lines; each counts the same."""
    means: list[Values] = []
    residuals: list[Values] = []
    seconds: list[float] = []
    neutral = used & (clips.labels == "neutral")
    for speaker in np.unique(clips.speakers[neutral]):
        for line in range(LINES):
            rows = _measured(clips.measured[neutral & (clips.speakers == speaker), line])
            if len(rows) > 1:
                means.append(rows[:, 1:].mean(axis=0))
                residuals.append((rows[:, 1:] - means[-1]) * np.sqrt(len(rows) / (len(rows) - 1)))
                seconds += list(rows[:, 0])
    within = np.mean(np.concatenate(residuals) ** 2, axis=0)
    between = np.var(means, axis=0, ddof=1)
    between = np.maximum(between - within * len(means) / len(seconds), 0.05 * within)
    return Population(np.mean(means, axis=0), np.sqrt(within), np.mean(seconds) * within / between)


def examples(
    clips: Clips, used: Flags, population: Population, *, compared: bool, calm_from: Flags | None = None
) -> tuple[Values, NDArray[np.intp]]:
    """Return the deviations of the clips that are `used` on each line, and which clip each row is of.

    If `compared`, from a baseline of 1 to 4 neutral turns of the same speaker among `calm_from` (default:
    `used`), else from the population. Shapes (examples, features), (examples,).
    """
    random = np.random.default_rng(SEED)
    neutral = (used if calm_from is None else calm_from) & (clips.labels == "neutral")
    rows: list[Values] = []
    indices: list[int] = []
    for line in range(LINES):
        for index in np.flatnonzero(used & ~np.isnan(clips.measured[:, line, 0])):
            baseline = Baseline()
            if compared:
                heard_on = int(random.integers(LINES)) if random.random() < OTHER_LINE else line
                others = neutral & (clips.speakers == clips.speakers[index])
                others[index] = False
                baseline = baseline_of(random, clips.measured[others, heard_on])
            rows.append(deviations(Prosody(*clips.measured[index, line]), baseline, population))
            indices.append(int(index))
    return np.array(rows), np.array(indices)


def baseline_of(random: np.random.Generator, rows: Values, most: int = MOST_TURNS) -> Baseline:
    """Return the baseline of one to `most` of the measured turns `rows`, drawn by chance."""
    chosen = random.permutation(_measured(rows))[: random.integers(1, most + 1)]
    baseline = Baseline()
    for row in chosen:
        baseline = baseline.heard(Prosody(*row))
    return baseline


def _measured(rows: Values) -> Values:
    return rows[~np.isnan(rows[:, 0])]


def _fit(clips: Clips, used: Flags, population: Population, compared: bool) -> Weights:
    far, indices = examples(clips, used, population, compared=compared)
    labels = clips.labels[indices]
    angry = (labels == "angry").astype(np.float64)
    masses = angry / (2 * angry.sum())
    for label, share in SHARES.items():
        masses[labels == label] = share / 2 / max(1, np.sum(labels == label))
    signed = far * _SIGNS

    def loss(parameters: Values) -> tuple[float, Values]:
        logits = parameters[0] + signed @ parameters[1:]
        slopes = masses * (1 / (1 + np.exp(-logits)) - angry)
        cost = np.sum(masses * (np.logaddexp(0, logits) - angry * logits))
        penalty = RIDGE / 2 * np.sum(parameters[1:] ** 2)
        gradient = np.concatenate([[slopes.sum()], signed.T @ slopes + RIDGE * parameters[1:]])
        return float(cost + penalty), gradient

    bounds = [(None, None)] + [(0, None)] * len(FEATURES)
    found = minimize(loss, np.zeros(1 + len(FEATURES)), jac=True, method="L-BFGS-B", bounds=bounds).x
    return Weights(float(found[0]), found[1:] * _SIGNS)


def main() -> int:
    """Train on everyone and write the model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--recordings", type=Path, default=recordings_folder(), help="default: VOICEBOT_RECORDINGS"
    )
    parser.add_argument("--out", type=Path, default=MODEL, help="the file to write")
    options = parser.parse_args()
    clips = read_clips(options.recordings, SEED)
    everyone = np.ones(clips.labels.size, np.bool_)
    scorer = calibrate(train(clips, everyone), clips, everyone)
    options.out.write_text(json.dumps(to_json(scorer), indent=1) + "\n", encoding="utf-8")
    print(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
