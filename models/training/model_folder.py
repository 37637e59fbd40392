"""A Vosk model folder from a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.callers import Callers
from training.features import telephone
from training.network import Network
from training.nnet3 import final_mdl
from voicebot.errors import ModelError
from voicebot.modelling import (
    CLASS_OF,
    CLASSES,
    PHONES,
    Espeak,
    GraphSize,
    PhoneLoop,
    Variants,
    common_dutch,
    first_pdf,
    pronounce_words,
    write_graph,
    write_phone_loop,
)

_CONF: Final = """\
--min-active=50
--max-active=3000
--beam=11.0
--lattice-beam=5.0
--frames-per-chunk=63
--acoustic-scale={acoustic_scale:g}
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""


def write_network(folder: Path, network: Network, loop: PhoneLoop, acoustic_scale: float) -> None:
    """Write all of a Vosk model that does not depend on its words."""
    for part in ("am", "conf"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "am" / "final.mdl").write_bytes(final_mdl(network))
    write_phone_loop(loop, folder / "am" / "unk_phone_lm.txt")
    (folder / "conf" / "mfcc.conf").write_text(telephone.conf())
    (folder / "conf" / "model.conf").write_text(_CONF.format(acoustic_scale=acoustic_scale))


def write_callers(folder: Path, loop: PhoneLoop, callers: Callers) -> GraphSize:
    """Write the graph of a model that expects what `callers` say; raises ModelError for a mute word."""
    variants = Variants.of_regions()
    with Espeak() as espeak:
        spoken = pronounce_words(
            callers.words, variants.expand_all(common_dutch()), espeak.pronounce, variants
        )
    if spoken.mute:
        raise ModelError(
            f"no pronunciation for {', '.join(spoken.mute)}: give them one in voicebot/modelling"
        )
    return write_graph(folder / "graph", spoken.lexicon, callers.language_model(spoken.lexicon), loop)


def phone_loop(frequencies: NDArray[np.float64], phone_model: NDArray[np.float64]) -> PhoneLoop:
    """Return the loop of [unk]: P(phone | class of the one before), without silence.

    The phones of a class count by how often they begin; what came before them is averaged out.
    """
    begins = frequencies.reshape(-1, 2)[:, 0]
    share = np.array(
        [sum(begins[first_pdf(kind, phone) // 2] for kind in range(CLASSES)) for phone in range(len(PHONES))]
    )
    share[0] = begins[0]
    after_phone = phone_model.mean(axis=0)
    is_of_class = np.array(CLASS_OF) == np.arange(CLASSES)[:, None]
    after_class: NDArray[np.float64] = (is_of_class * share) @ after_phone
    after_class[:, 0] = 0
    after_class /= after_class.sum(axis=1, keepdims=True)
    return PhoneLoop(after_class)
