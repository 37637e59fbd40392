"""The settings of a training run: one YAML file, `settings.yaml`, which says what each of them is for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
)

from voicebot.errors import PlaceError, UsageError
from voicebot.strict_yaml import StrictYaml

DEFAULT_SETTINGS: Final = Path(__file__).with_name("settings.yaml")

Share = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0, le=0.6)]
"""The logarithm of a factor lies evenly within this distance of 0."""
Range = tuple[float, float]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSettings(_Strict):
    """What is read and what is synthesised."""

    readers: tuple[str, ...]
    reader_share: Annotated[float, Field(gt=0, le=1)]
    held_out_last_digits: tuple[int, ...]
    ambiences: str
    word_list: str
    sentences: PositiveInt
    templates: Share
    northern: Share
    voices: PositiveInt
    voice_variants: tuple[str, ...]
    words_per_minute: Range
    pitch: Range


class ForeignSettings(_Strict):
    """People who speak another language."""

    recordings: dict[str, str]
    """By folder of the recordings, the language that is spoken there."""
    prompts: dict[str, str]
    """By package of prompts, the same; see `prompts`."""
    share: Annotated[float, Field(gt=0, le=1)]


class SpeakerSpread(_Strict):
    """How far invented speakers are from the recorded one."""

    changed: Share
    pitch: Spread
    intonation: Spread
    tempo: Spread
    formants: Spread
    single_formant: Spread
    breath: Share
    timbre_db: Annotated[float, Field(ge=0)]
    timbre_bends: PositiveInt


SAME_SPEAKER: Final = SpeakerSpread(
    changed=0,
    pitch=0,
    intonation=0,
    tempo=0,
    formants=0,
    single_formant=0,
    breath=0,
    timbre_db=0,
    timbre_bends=1,
)
"""The recorded speaker."""


class LineSpread(_Strict):
    """How different telephone lines are; chances, and ranges that are drawn from evenly."""

    room: Share
    handset: Share
    snr_db: Range
    band: Share
    hiss: Share
    hiss_snr_db: Range
    peak_dbfs: Range
    clipping: Share
    codecs: dict[Literal["alaw", "ulaw", "gsm", "none"], PositiveFloat]
    packet_loss: Share


class StreamSettings(_Strict):
    """How often each utterance is used, each time by another speaker over another line."""

    shards: PositiveInt
    reader_copies: PositiveInt
    foreign_copies: Annotated[int, Field(ge=0)]
    piece_copies: PositiveInt
    synthetic_copies: PositiveInt
    nonspeech_minutes: PositiveFloat
    worst_aligned: Share
    people: SpeakerSpread
    synthetic: SpeakerSpread
    line: LineSpread


class NetworkSettings(_Strict):
    """The size of the factorised time-delay network."""

    width: PositiveInt
    bottleneck: PositiveInt
    output_bottleneck: PositiveInt
    offsets: tuple[Literal[0, 1, 3], ...]
    dropout: Annotated[float, Field(ge=0, lt=1)]

    @field_validator("offsets")
    @classmethod
    def _slow_after_fast(cls, offsets: tuple[int, ...]) -> tuple[int, ...]:
        """From the first 3 on, the network runs once in 30 ms, so nothing smaller can follow."""
        if 3 not in offsets or set(offsets[offsets.index(3) :]) != {3}:
            raise ValueError("layers of offset 0 or 1, then layers of offset 3, at least one")
        return offsets


class MaskSettings(_Strict):
    """SpecAugment: what is hidden from the network in each piece it learns from."""

    times: Annotated[int, Field(ge=0)]
    longest_frames: PositiveInt
    bands: Annotated[int, Field(ge=0)]
    widest_mels: PositiveInt


class InheritedSettings(_Strict):
    """How the layers learn that came with the start."""

    rate: PositiveFloat
    after_epochs: Annotated[float, Field(ge=0)]


class TrainSettings(_Strict):
    """One course of training."""

    start: Literal["scratch", "korean"]
    precision: Literal["bfloat16", "float32"]
    epochs: PositiveFloat
    cross_entropy_epochs: Annotated[float, Field(ge=0)]
    batch: PositiveInt
    chunk_frames: PositiveInt
    tolerance: PositiveInt
    learning_rate: PositiveFloat
    inherited: InheritedSettings
    weight_decay: Annotated[float, Field(ge=0)]
    cross_entropy: Annotated[float, Field(ge=0)]
    output_l2: Annotated[float, Field(ge=0)]
    mask: MaskSettings
    save_every: PositiveInt


class GuideSettings(_Strict):
    """The network that first finds out when the readers say what; it hears synthetic voices only."""

    sentences: PositiveInt
    epochs: PositiveFloat
    learning_rate: PositiveFloat
    network: NetworkSettings


class TutorSettings(_Strict):
    """The guide after it has heard the readers too: it says once more, and better, when they say what."""

    reader_copies: PositiveInt
    epochs: PositiveFloat
    learning_rate: PositiveFloat


class AverageSettings(_Strict):
    """Which checkpoints become the model."""

    last: PositiveInt
    calibration_batches: PositiveInt


class ExportSettings(_Strict):
    """How the exported model decodes, and what it knows before it is adapted to a bot."""

    acoustic_scale: PositiveFloat
    sentences: PositiveInt
    drawn_weight: PositiveFloat
    written: Share


class TuneSettings(_Strict):
    """What `[unk]` costs, and what confidences are worth."""

    entry: Annotated[tuple[float, ...], Field(min_length=1)]
    each: Annotated[tuple[float, ...], Field(min_length=1)]
    recall: Share
    requests: PositiveInt
    others: Annotated[int, Field(ge=2)]
    digits: PositiveInt
    answers: PositiveInt
    calibration: PositiveInt


class Settings(_Strict):
    """Everything that decides what comes out, apart from the recordings."""

    seed: int
    data: DataSettings
    foreign: ForeignSettings
    guide: GuideSettings
    tutor: TutorSettings
    stream: StreamSettings
    network: NetworkSettings
    train: TrainSettings
    average: AverageSettings
    export: ExportSettings
    tune: TuneSettings


def load_settings(file: Path = DEFAULT_SETTINGS) -> Settings:
    """Read `file`; raises PlaceError with its line when something in it is wrong."""
    try:
        source = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the settings {file}: {error.strerror}") from error
    yaml = StrictYaml(file, source, PlaceError)
    try:
        return Settings.model_validate(yaml.keys)
    except ValidationError as problem:
        raise yaml.explain(problem, Settings) from None


def fingerprint(*parts: BaseModel | str | int) -> str:
    """Return a short name for these values: equal for equal values only."""
    plain = [part.model_dump(mode="json") if isinstance(part, BaseModel) else part for part in parts]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:8]
