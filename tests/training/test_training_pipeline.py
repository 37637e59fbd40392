"""All stages, small: from recordings to a model that Vosk loads, and again without doing anything twice."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soxr
from training.corpus import read_utterances
from training.manifest import read_manifest
from training.pipeline import STAGES, open_workshop, run_stages
from training.settings import Settings, load_settings
from training.sound_stages import READERS as READERS_FILE
from training.sound_stages import ShardOrder, open_ingredients, order_readers
from training.workshop import Workshop

from voicebot.audio import to_samples, write_audio
from voicebot.errors import UsageError
from voicebot.hearing import load_model
from voicebot.hearing.confidence import AS_IT_IS
from voicebot.modelling import Espeak, read_phone_loop

pytestmark = pytest.mark.audio

READERS = {"flemishguy": "nl+m3", "nathalie": "nl+f4"}
TEXTS = [
    "Waar is mijn pakket?",
    "De trein naar Gent komt om zeven uur.",
    "Zij heeft een mooie tuin.",
    "Het regent al de hele dag.",
    "Morgen gaan wij met de boot naar het eiland.",
    "Ik wil graag een kop koffie.",
    "Dat boek heb ik vorig jaar gelezen.",
    "Hij zoekt zijn sleutels.",
]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two synthetic readers, who stand in for the people, and a place."""
    folder: Path = tmp_path_factory.mktemp("recordings")
    with Espeak() as espeak:
        for reader, voice in READERS.items():
            rows = []
            for number, text in enumerate(TEXTS):
                spoken = espeak.speak(text, voice)
                rows.append({"file": f"{number}.wav", "transcript": text, "prompt_id": str(number)})
                sound = soxr.resample(spoken.samples, spoken.rate, 16000)
                write(folder / reader, f"{number}.wav", sound, 16000)
            manifest(folder / reader, rows)
        spoken = espeak.speak("Das will sie am Mittwoch abgeben.", "de+m2")
        write(folder / "germans", "a.wav", soxr.resample(spoken.samples, spoken.rate, 16000), 16000)
        row = {"file": "a.wav", "transcript": "Das will sie am Mittwoch abgeben.", "speaker": "a"}
        manifest(folder / "germans", [row])
    hiss = np.random.default_rng(0).integers(-300, 300, 16000).astype(np.int16)
    write(folder / "noise", "street.wav", hiss, 8000)
    manifest(folder / "noise", [{"file": "street.wav", "label": "ambience:street", "licence": "CC0"}])
    return folder


def write(folder: Path, name: str, sound: np.ndarray, rate: int) -> None:
    folder.mkdir(exist_ok=True)
    write_audio(folder / name, to_samples(sound.astype(float)), rate)


def manifest(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "manifest.csv").open("w", newline="") as lines:
        table = csv.DictWriter(lines, rows[0])
        table.writeheader()
        table.writerows(rows)


def tiny() -> Settings:
    """The settings, with hardly any work in them."""
    whole = load_settings()
    network = {"width": 32, "bottleneck": 8, "output_bottleneck": 16, "offsets": (1, 3, 3)}
    small = whole.network.model_copy(update=network)
    changes: dict[str, dict[str, object]] = {
        "data": {"sentences": 16, "voices": 2, "voice_variants": ("m1",), "word_list": ""},
        "guide": {"sentences": 16, "epochs": 2, "network": small},
        "tutor": {"reader_copies": 1, "epochs": 1},
        "stream": {
            "shards": 2,
            "reader_copies": 1,
            "piece_copies": 1,
            "synthetic_copies": 1,
            "nonspeech_minutes": 0.2,
        },
        "foreign": {"recordings": {"germans": "de"}, "prompts": {}},
        "network": network,
        "train": {
            "start": "scratch",
            "epochs": 1,
            "cross_entropy_epochs": 0.5,
            "batch": 4,
            "chunk_frames": 60,
            "save_every": 4,
        },
        "average": {"last": 2, "calibration_batches": 2},
        "export": {"sentences": 300},
        "tune": {
            "entry": (0.0, 4.0),
            "each": (0.5,),
            "requests": 4,
            "others": 4,
            "digits": 4,
            "answers": 4,
            "calibration": 8,
        },
    }
    parts = {name: getattr(whole, name).model_copy(update=change) for name, change in changes.items()}
    return whole.model_copy(update=parts)


@pytest.fixture(scope="module")
def workshop(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A finished run that did not hear nathalie."""
    made = open_workshop(tmp_path_factory.mktemp("training"), recordings, tiny(), "nathalie", jobs=1)
    for _ in run_stages(made, lambda what, done, total: None):
        pass
    return made


def test_the_model_loads_and_knows_the_words(workshop: Workshop) -> None:
    model = load_model(workshop.model)
    assert model.knows("medewerker")
    assert not model.knows("onbekend")
    model.new_decoder(["ja", "nee", "[unk]"]).AcceptWaveform(bytes(16000))
    assert model.calibration is not AS_IT_IS


def test_every_stage_says_what_it_did(workshop: Workshop) -> None:
    facts = {}
    for stage in STAGES:
        done = read_manifest(workshop.place(stage.name))
        assert done is not None
        facts[stage.name] = done.facts
    assert facts["readers"]["items"] == 2 * len(TEXTS)
    assert facts["rough"]["not aligned"] == facts["align"]["not aligned"] == 0
    assert facts["foreign"]["items"] == 1
    # the prompts 3 and 7 are held out, and nathalie is not heard
    assert (
        facts["stream"]["readers' sentences"] == len(TEXTS) - 2 - 1
    )  # and the worst aligned one is left out
    assert facts["train"]["validation cross_entropy"] < np.log(702)


def test_the_tutor_aligns_the_same_sentences_otherwise_than_the_guide(workshop: Workshop) -> None:
    rough, again = (read_utterances(workshop.place(stage) / READERS_FILE) for stage in ("rough", "align"))
    assert [(one.name, one.text) for one in rough] == [(one.name, one.text) for one in again]
    assert [one.segments for one in rough] != [one.segments for one in again]


def test_the_tuned_model_has_the_chosen_costs_and_the_exported_one_is_left_as_it_was(
    workshop: Workshop,
) -> None:
    done = read_manifest(workshop.place("tune"))
    assert done is not None
    assert done.facts["items"] == 2
    loop = read_phone_loop(workshop.model / "am" / "unk_phone_lm.txt")
    assert (loop.entry, loop.each) == (done.facts["entry"], done.facts["each"])
    assert read_phone_loop(workshop.exported / "am" / "unk_phone_lm.txt").entry == 2.0
    assert not (workshop.exported / "conf" / "confidence.json").exists()


def test_what_is_done_is_not_done_again(workshop: Workshop) -> None:
    def nothing_to_do(what: str, done: int, total: int) -> None:
        raise AssertionError(what)

    folder = workshop.model.parents[1]
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}
    assert [stage.name for stage, _ in run_stages(workshop, nothing_to_do)] == [
        stage.name for stage in STAGES
    ]
    assert before == {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def changed_stages(workshop: Workshop, settings: Settings, left_out: str | None) -> set[str]:
    other = open_workshop(workshop.model.parents[1], workshop.recordings, settings, left_out)
    return {stage.name for stage in STAGES if other.place(stage.name) != workshop.place(stage.name)}


def test_runs_share_what_they_have_in_common(workshop: Workshop) -> None:
    after_rough = {"tutor", "align", "stream", "train", "average", "export", "tune"}
    assert changed_stages(workshop, tiny(), "nathalie") == set()
    assert changed_stages(workshop, tiny(), None) == after_rough
    longer = tiny().train.model_copy(update={"epochs": 3})
    changed = tiny().model_copy(update={"train": longer})
    assert changed_stages(workshop, changed, "nathalie") == {"train", "average", "export", "tune"}
    stricter = tiny().stream.model_copy(update={"worst_aligned": 0.2})
    changed = tiny().model_copy(update={"stream": stricter})
    assert changed_stages(workshop, changed, "nathalie") == after_rough
    dearer = tiny().tune.model_copy(update={"entry": (3.0,)})
    changed = tiny().model_copy(update={"tune": dearer})
    assert changed_stages(workshop, changed, "nathalie") == {"tune"}
    reseeded = tiny().model_copy(update={"seed": 2})
    assert changed_stages(workshop, reseeded, "nathalie") == {stage.name for stage in STAGES}


def test_who_is_left_out_teaches_no_network(workshop: Workshop, tmp_path: Path) -> None:
    def speakers(orders: list[ShardOrder]) -> set[str]:
        people = open_ingredients(workshop).people.utterances
        return {people[item.index].speaker for order in orders for item in order.items}

    *learnt, tried = order_readers(workshop, tmp_path, copies=2)
    assert speakers(learnt) == {"flemishguy"}
    assert speakers([tried]) == {"nathalie"}


def test_only_a_reader_can_be_left_out(workshop: Workshop) -> None:
    with pytest.raises(UsageError, match="cannot leave out jan: the readers are flemishguy, nathalie"):
        changed_stages(workshop, tiny(), "jan")


def test_another_network_learns_from_the_same_stream(tmp_path: Path) -> None:
    other = tiny().model_copy(update={"network": load_settings().network})
    one, two = (open_workshop(tmp_path, tmp_path, settings) for settings in (tiny(), other))
    assert one.place("stream") == two.place("stream")
    assert one.place("train") != two.place("train")
