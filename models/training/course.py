"""One course of training, from a stream to checkpoints; cut off, it goes on at its last checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.batches import Batch, Batches
from training.manifest import whole_file
from training.masking import Mask
from training.mmi import LatticeFreeMmi, phone_language_model
from training.network import Network
from training.settings import TrainSettings
from voicebot.errors import ModelError, UsageError

_WARM_UP: Final = 50
"""Iterations in which the learning rate rises."""
_LAST_RATE: Final = 0.02
"""What is left of the learning rate at the end."""
_LARGEST_GRADIENT: Final = 5.0
_CONSTRAIN_EVERY: Final = 4
_VALIDATED: Final = 512
"""Chunks at most that are validated on."""


@dataclass(frozen=True, slots=True)
class Losses:
    """How far a batch, or the mean of several, is from what it should be."""

    mmi: float
    """LF-MMI per output; 0 while only cross-entropy counts."""
    cross_entropy: float
    hits: float
    """Share of outputs whose likeliest state is of the aligned phone in its context."""


def mean(losses: Sequence[Losses]) -> Losses:
    """Return the mean of each figure."""
    return Losses(*np.mean([list(asdict(one).values()) for one in losses], axis=0).tolist())


class Course:
    """Trains `network` on a stream, and looks at another stream now and then.

    Raises UsageError when there is too little to learn from or to validate on.
    """

    def __init__(
        self, network: Network, settings: TrainSettings, seed: int, training: Batches, validation: Batches
    ) -> None:
        self.network, self._settings, self._seed = network, settings, seed
        self._training, self._validation = training, validation
        self.phone_model = phone_language_model(training.phone_sequences())
        self.frequencies = training.frequencies()
        self._mmi = LatticeFreeMmi(self.phone_model, self.frequencies)
        self._mask = Mask(settings.mask, network.mean)
        outputs = network.outputs()
        new = {id(part) for part in outputs}
        inherited = [part for part in network.parameters() if id(part) not in new]
        self._optimiser = torch.optim.AdamW(
            [{"params": outputs}, {"params": inherited}],
            settings.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=settings.weight_decay,
        )
        self._batches = training.chunks // settings.batch
        if not self._batches or not validation.chunks:
            raise UsageError(
                f"too little speech: {training.chunks} chunks to learn from, {validation.chunks} to try; "
                f"take more sentences, or batches smaller than {settings.batch}"
            )
        self.iterations = max(1, round(settings.epochs * self._batches))
        self._plain = round(settings.cross_entropy_epochs * self._batches)

    def run(self, folder: Path, on_progress: Callable[[int, int, str], None]) -> list[Path]:
        """Train to the end; return the checkpoints, oldest first.

        `on_progress` is told iterations done, iterations in all, and how validation went.
        """
        done = self._resume(folder)
        order: NDArray[np.int64] | None = None
        told = ""
        while done < self.iterations:
            epoch, place = divmod(done, self._batches)
            if order is None or place == 0:
                order = self._training.epoch(self._random(epoch), self._settings.batch)
            self._step(done, self._training.batch(order[place]))
            done += 1
            if done % self._settings.save_every == 0 or done == self.iterations:
                losses = self.validate()
                told = f"mmi {losses.mmi:.4f} ce {losses.cross_entropy:.3f} hits {losses.hits:.3f}"
                self._save(folder, done, losses)
            on_progress(done, self.iterations, told)
        return sorted(folder.glob("checkpoint-*.pt"))

    def validate(self) -> Losses:
        """Return the losses on the validation stream, the same chunks each time."""
        starts = self._validation.epoch(self._random(0), 1)[:_VALIDATED].ravel()
        parts = np.array_split(starts, max(1, len(starts) // self._settings.batch))
        self.network.eval()
        with torch.no_grad():
            return mean([self._losses(self._validation.batch(part), is_plain=False)[1] for part in parts])

    def some_batches(self, count: int) -> Iterator[Batch]:
        """Yield the first batches that a course begins with, at most `count`."""
        for starts in self._training.epoch(self._random(0), self._settings.batch)[:count]:
            yield self._training.batch(starts)

    def _step(self, done: int, batch: Batch) -> None:
        """Learn from one batch; all chance in it follows from the seed and the iteration."""
        torch.manual_seed(self._seed + done)
        masked = self._mask.hide(batch.features, self._random(done, 1))
        outputs, inherited = self._optimiser.param_groups
        outputs["lr"] = self._settings.learning_rate * self._rate(done)
        inherited["lr"] = outputs["lr"] * self._inherited_rate(done)
        self.network.train()
        total, _ = self._losses(batch, is_plain=done < self._plain, features=masked)
        self._optimiser.zero_grad()
        torch.autograd.backward(total)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        if not bool(norm.isfinite()):
            raise ModelError(f"training diverged at iteration {done}: lower learning_rate in the settings")
        self._optimiser.step()
        if done % _CONSTRAIN_EVERY == 0:
            self.network.keep_semi_orthogonal()

    def _losses(
        self, batch: Batch, *, is_plain: bool, features: Tensor | None = None
    ) -> tuple[Tensor, Losses]:
        """Return what to descend, and the figures; `is_plain` is cross-entropy alone, for both outputs.

        The value of the first means nothing during LF-MMI; its gradient does.
        """
        with torch.autocast("cpu", torch.bfloat16, enabled=self._settings.precision == "bfloat16"):
            outputs = self.network(batch.features if features is None else features)
        chain, side = (output.float() for output in outputs)
        labels = batch.labels.flatten()
        cross_entropy = functional.cross_entropy(side.flatten(0, 1), labels)
        hits = (side.argmax(2) // 2 == batch.labels // 2).float().mean().item()
        if is_plain:
            total = cross_entropy + functional.cross_entropy(chain.flatten(0, 1), labels)
            return total, Losses(0.0, cross_entropy.item(), hits)
        objective = self._mmi(chain, batch)
        total = (chain * objective.gradient).sum()
        total = total + self._settings.output_l2 * (chain**2).mean()
        total = total + self._settings.cross_entropy * cross_entropy
        return total, Losses(objective.per_output, cross_entropy.item(), hits)

    def _rate(self, done: int) -> float:
        """Return the factor for the learning rate: up in the first iterations, then down in a line."""
        return min(1.0, (done + 1) / _WARM_UP) * max(_LAST_RATE, 1 - done / self.iterations)

    def _inherited_rate(self, done: int) -> float:
        """Return how fast the layers below the outputs learn, beside those.

        What a start from another language knows of people is forgotten where they learn as fast (Ghahremani
        et al., ASRU 2017), or while the outputs are still far off (Kumar et al., ICLR 2022).
        """
        if self._settings.start == "scratch":
            return 1.0
        inherited = self._settings.inherited
        return inherited.rate if done >= inherited.after_epochs * self._batches else 0.0

    def _random(self, *which: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, *which))

    def _save(self, folder: Path, done: int, losses: Losses) -> None:
        with whole_file(folder / f"checkpoint-{done:06}.pt") as out:
            torch.save(self.network.state_dict(), out)
        with whole_file(folder / "resume.pt") as out:
            torch.save(
                {
                    "done": done,
                    "network": self.network.state_dict(),
                    "optimiser": self._optimiser.state_dict(),
                },
                out,
            )
        with (folder / "validation.jsonl").open("a") as log:
            print(json.dumps({"iteration": done, **asdict(losses)}), file=log)

    def _resume(self, folder: Path) -> int:
        """Go on where `folder` stopped; return how many iterations are done."""
        file = folder / "resume.pt"
        if not file.is_file():
            return 0
        state = torch.load(file, weights_only=True)
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        return int(state["done"])
