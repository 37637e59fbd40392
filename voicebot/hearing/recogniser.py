"""Vosk: sound to words. Everything here blocks, and is meant for worker threads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voicebot.audio import RATE, Samples
from voicebot.errors import HearingError, ModelError
from voicebot.hearing.confidence import AS_IT_IS, Calibration, read_calibration

if TYPE_CHECKING:
    import vosk

UNKNOWN: Final = "[unk]"
"""What a grammar lists, and Vosk answers, for anything else than its phrases."""
_WORN: Final = 30 * RATE
"""Sound after which a decoder is not used again: what it remembers grows, to some 20 MB by then."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word."""

    word: str
    start: float
    """Seconds since the first sample."""
    end: float
    conf: float
    """0..1: the share of such words that are right, if the model was tuned (`hearing.confidence`).

    Else it is Vosk's, and not to be relied on: wrong words score 0.66-0.88 too.
    """


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was recognised, without what was not."""

    text: str
    words: tuple[Word, ...] = ()


class Model:
    """A loaded speech model, shared by all calls of a process."""

    def __init__(self, model: vosk.Model, calibration: Calibration = AS_IT_IS) -> None:
        self._model = model
        self.calibration = calibration
        """What its confidences are worth."""

    def knows(self, word: str) -> bool:
        """Say whether `word` is in the vocabulary."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def new_decoder(self, grammar: Sequence[str] | None) -> Any:
        """Return a fresh Vosk recogniser at the line's rate; `grammar` None hears the whole vocabulary."""
        import vosk

        choices = () if grammar is None else (json.dumps(list(grammar), ensure_ascii=False),)
        decoder = vosk.KaldiRecognizer(self._model, float(RATE), *choices)
        decoder.SetWords(True)
        return decoder


def load_model(path: Path) -> Model:
    """Load the Vosk model in folder `path`; raises ModelError when it cannot be."""
    import vosk

    vosk.SetLogLevel(-1)
    if not (path / "am" / "final.mdl").is_file():
        raise ModelError(f"no Vosk model in {path}: am/final.mdl is missing; run `voicebot models verify`")
    calibration = read_calibration(path)
    try:
        return Model(vosk.Model(str(path)), calibration)
    except Exception as error:  # vosk raises nothing narrower
        raise ModelError(f"Vosk cannot load the model in {path}; run `voicebot models verify`") from error


@dataclass(slots=True)
class _Decoder:
    """One of Vosk's, which begins anew after each utterance, but counts time on."""

    vosk: Any
    heard: int = 0
    """Samples since it was made."""
    earlier: int = 0
    """How many of these were of earlier utterances."""


class Recogniser:
    """Recognises the utterances of one call, one after another; not for two threads at once.

    A decoder finds its way in the graph as it goes, and need not find it again in the next utterance: that
    saves 8 to 25 % of the work, the longer the call. The words are the same (measured: 400 of 400
    utterances), a confidence moves by 0.02 at most.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._decoder: _Decoder | None = None
        self._with_grammar = False
        self._idle: _Decoder | None = None
        """One for the whole vocabulary that finished its utterance."""

    def start(self, grammar: Sequence[str] | None = None) -> None:
        """Begin an utterance; with a `grammar` (phrases, and `UNKNOWN` for the rest) only that can be heard.

        Raises HearingError when a word of the grammar is not in the model's vocabulary.
        """
        unknown = sorted({word for word in " ".join(grammar or ()).split() if not self._model.knows(word)})
        if unknown:
            raise HearingError(
                f"the speech model does not know {', '.join(unknown)}; leave it out of the grammar"
            )
        self._with_grammar = grammar is not None
        if self._idle and grammar is None:
            self._decoder, self._idle = self._idle, None
            self._decoder.earlier = self._decoder.heard
            return
        try:
            self._decoder = _Decoder(self._model.new_decoder(grammar))
        except Exception as error:
            raise HearingError(f"Vosk cannot start with grammar {grammar}") from error

    def accept(self, samples: Samples) -> str:
        """Hear more: int16 mono 8 kHz, shape (n,); return the text so far, which may still change."""
        decoder = self._started()
        try:
            decoder.vosk.AcceptWaveform(samples.tobytes())
            partial: str = json.loads(decoder.vosk.PartialResult())["partial"]
        except Exception as error:
            raise HearingError("Vosk failed in the middle of an utterance") from error
        decoder.heard += samples.size
        return _without_unknown(partial)

    def finish(self) -> Transcript:
        """End the utterance; the next call must be `start`."""
        decoder = self._started()
        try:
            result = json.loads(decoder.vosk.FinalResult())
        except Exception as error:
            raise HearingError("Vosk failed at the end of an utterance") from error
        self._decoder = None
        if not self._with_grammar and decoder.heard < _WORN:
            self._idle = decoder
        since = decoder.earlier / RATE
        words = tuple(self._word(item, since) for item in result.get("result", ()) if item["word"] != UNKNOWN)
        return Transcript(_without_unknown(result["text"]), words)

    def _started(self) -> _Decoder:
        if self._decoder is None:
            raise HearingError("an utterance must be started before it is heard")
        return self._decoder

    def _word(self, item: Mapping[str, Any], since: float) -> Word:
        share = self._model.calibration.share_right(item["conf"], with_grammar=self._with_grammar)
        start, end = (round(item[edge] - since, 4) for edge in ("start", "end"))
        return Word(item["word"], start, end, round(share, 6))


def _without_unknown(text: str) -> str:
    return " ".join(word for word in text.split() if word != UNKNOWN)
