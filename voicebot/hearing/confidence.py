"""What a recogniser's confidence in a word is worth: the share of such words that are right.

A model that was tuned has ``conf/confidence.json``::

    {"free": [[0.41, 0.2], [0.8, 0.55], [1.0, 0.97]], "grammar": [[0.5, 0.3], [1.0, 0.99]]}

Each pair is a confidence as Vosk gives it and the share of words of about that confidence that were said,
which never falls. Between pairs lies a straight line; beyond the first and the last it is level. `free` is
for the whole vocabulary, `grammar` for a few phrases.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from voicebot.errors import ModelError

_Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
_Pairs: TypeAlias = tuple[tuple[_Share, _Share], ...]


def _rising(pairs: _Pairs) -> _Pairs:
    if not all(one[0] < other[0] and one[1] <= other[1] for one, other in pairwise(pairs)):
        raise ValueError("confidences must rise, and shares must not fall")
    return pairs


_Curve: TypeAlias = Annotated[_Pairs, Field(min_length=1), AfterValidator(_rising)]


class Calibration(BaseModel):
    """From Vosk's confidences to shares of right words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    free: _Curve
    grammar: _Curve

    def share_right(self, confidence: float, *, with_grammar: bool) -> float:
        """Return how often words of such a confidence are right, 0..1."""
        confidences, shares = zip(*(self.grammar if with_grammar else self.free), strict=True)
        return float(np.interp(confidence, confidences, shares))


AS_IT_IS: Final = Calibration(free=((0, 0), (1, 1)), grammar=((0, 0), (1, 1)))
"""For a model that was not tuned."""


def read_calibration(model: Path) -> Calibration:
    """Read the calibration in a model's folder, `AS_IT_IS` when it has none; raises ModelError."""
    file = model / "conf" / "confidence.json"
    try:
        return Calibration.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return AS_IT_IS
    except ValidationError as problem:
        first = problem.errors()[0]
        reason = ": ".join([*map(str, first["loc"]), first["msg"]])
    except OSError as error:
        reason = str(error.strerror)
    raise ModelError(
        f"{file} cannot be used: {reason}; mend it, or remove it to have confidences as Vosk gives them"
    )
