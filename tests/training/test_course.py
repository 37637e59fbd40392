"""A course learns, and goes on where it was cut off as if nothing had happened."""

from pathlib import Path

import numpy as np
import pytest
import torch
from training.batches import Batches
from training.course import Course
from training.network import Network
from training.settings import NetworkSettings, TrainSettings, load_settings
from training.shard import Shard

pytestmark = pytest.mark.unit

SMALL = NetworkSettings(width=16, bottleneck=4, output_bottleneck=8, offsets=(1, 3), dropout=0.1)
SETTINGS = load_settings().train.model_copy(
    update={"epochs": 2, "cross_entropy_epochs": 1, "batch": 4, "chunk_frames": 60, "save_every": 3}
)


class CutOffError(Exception):
    """The power went."""


def stream(seed: int, frames: int) -> Batches:
    """Return a stream in which each phone sounds like itself."""
    random = np.random.default_rng(seed)
    starts = np.arange(0, frames, 12)
    phones = random.integers(0, 6, starts.size).astype(np.uint8)
    phones[1:][(phones[1:] == 0) & (phones[:-1] == 0)] = 3
    sound = np.eye(30)[np.repeat(phones, 12)[:frames]] * 8
    features = (sound + random.standard_normal((frames, 30))).astype(np.float16)
    return Batches(Shard(features, starts, phones), 60, 2, Network(SMALL).context)


def course(settings: TrainSettings = SETTINGS) -> Course:
    torch.manual_seed(0)
    return Course(Network(SMALL), settings, 7, stream(1, 1500), stream(2, 600))


def test_a_cut_changes_nothing(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    checkpoints = course().run(whole, lambda done, total, told: None)

    def cut_off(done: int, total: int, told: str) -> None:
        if done == 8:
            raise CutOffError

    with pytest.raises(CutOffError):
        course().run(cut, cut_off)
    again = course().run(cut, lambda done, total, told: None)
    assert [file.name for file in checkpoints] == [file.name for file in again]
    assert checkpoints[-1].name == f"checkpoint-{course().iterations:06}.pt"
    states = [torch.load(files[-1], weights_only=True) for files in (checkpoints, again)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def moved(folder: Path, **changes: object) -> tuple[float, float]:
    """Return how far the first layer and the outputs come in a course, beside how large they were."""
    taught = course(SETTINGS.model_copy(update={"weight_decay": 0.0, **changes}))
    parts = (taught.network.first.weight, taught.network.chain.narrow)
    before = [part.detach().clone() for part in parts]
    folder.mkdir()
    taught.run(folder, lambda done, total, told: None)
    first, outputs = (
        ((now - then).norm() / then.norm()).item() for now, then in zip(parts, before, strict=True)
    )
    return first, outputs


def test_layers_that_came_with_the_start_learn_slowly_and_late(tmp_path: Path) -> None:
    inherited = SETTINGS.inherited
    slow = inherited.model_copy(update={"rate": 0.1, "after_epochs": 0})
    never = inherited.model_copy(update={"after_epochs": SETTINGS.epochs})
    as_fast, outputs = moved(tmp_path / "scratch", start="scratch", inherited=slow)
    slower, same_outputs = moved(tmp_path / "slow", start="korean", inherited=slow)
    assert 0 < slower < 0.3 * as_fast
    assert same_outputs == pytest.approx(outputs, rel=0.5)
    at_rest, moving = moved(tmp_path / "rest", start="korean", inherited=never)
    assert at_rest == 0 < moving


def test_a_course_learns(tmp_path: Path) -> None:
    changes = {"start": "scratch", "epochs": 12, "learning_rate": 0.01, "save_every": 1000}
    longer = SETTINGS.model_copy(update=changes)
    taught = course(longer)
    before = taught.validate()
    taught.run(tmp_path, lambda done, total, told: None)
    after = taught.validate()
    assert after.hits > 0.3 > before.hits
    assert after.mmi > before.mmi + 0.3
