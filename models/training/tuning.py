"""The stage that makes an exported model fit for use: what `[unk]` costs, what confidences are worth."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from training.confidence import calibrate, write_calibration
from training.manifest import Facts, Progress
from training.tuning_speech import TuningSpeech
from training.unknown import choose, draw_speech, set_costs, try_all
from training.workshop import Workshop


def tune(workshop: Workshop, folder: Path, on_progress: Progress) -> Facts:
    """Copy the exported model, and tune the copy; ``tried.json`` says how well each choice did."""
    settings, model = workshop.settings.tune, workshop.model
    shutil.copytree(workshop.exported, model, dirs_exist_ok=True)
    (model / "conf" / "confidence.json").unlink(missing_ok=True)
    random = np.random.default_rng((workshop.settings.seed, 7))
    speech = TuningSpeech(workshop, random)
    on_progress("speaking to tune by", 0, 1)
    drawn = draw_speech(speech, settings)
    tried = try_all(model, drawn, settings, workshop.jobs, partial(on_progress, "trying costs of [unk]"))
    (folder / "tried.json").write_text(json.dumps([asdict(one) for one in tried], indent=1))
    chosen = choose(tried, settings.recall)
    set_costs(model, chosen.entry, chosen.each)
    calibrated = calibrate(
        model, speech, settings.calibration, random, workshop.jobs, partial(on_progress, "calibrating")
    )
    write_calibration(calibrated, model)
    return {
        "items": len(tried),
        **{name.replace("_", " "): round(value, 4) for name, value in asdict(chosen).items()},
        "words judged": calibrated.words,
        "too sure by": round(calibrated.too_sure, 3),
    }
