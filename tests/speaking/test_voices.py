import hashlib
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from voicebot.errors import DownloadError, UsageError
from voicebot.speaking import VOICES, VoiceEntry, fetch_voice, voice_entry

pytestmark = pytest.mark.unit

MODEL = b"a neural voice"
CONFIG = b'{"espeak": {"voice": "nl"}}'
ENTRY = replace(voice_entry(), size=len(MODEL), sha256=hashlib.sha256(MODEL).hexdigest())


def fetch(entry: VoiceEntry, model: bytes = MODEL, config: bytes = CONFIG, status: int = 200) -> Path:
    """Fetch from a server that answers with these."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=config if request.url.path.endswith(".json") else model)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return fetch_voice(entry, client, lambda done, total: None)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICEBOT_VOICES", str(tmp_path / "voices"))
    return tmp_path / "voices"


def test_a_voice_is_fetched_whole(folder: Path) -> None:
    assert fetch(ENTRY) == folder / f"{ENTRY.name}.onnx"
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        f"{ENTRY.name}.onnx": MODEL,
        f"{ENTRY.name}.onnx.json": CONFIG,
    }


@pytest.mark.parametrize(
    ("model", "config", "status", "says"),
    [
        (MODEL, CONFIG, 404, "404"),
        (b"another voice!", CONFIG, 200, "not the listed voice"),
        (bytes(100), CONFIG, 200, "far more than listed"),
        (MODEL, b"<html>", 200, "does not describe a voice"),
        (MODEL, b"[]", 200, "does not describe a voice"),
        (MODEL, b'{"espeak": {"voice": "en-us"}}', 200, "en-us, not Dutch"),
    ],
)
def test_anything_else_leaves_nothing_behind(
    folder: Path, model: bytes, config: bytes, status: int, says: str
) -> None:
    with pytest.raises(DownloadError, match=says):
        fetch(ENTRY, model, config, status)
    assert list(folder.iterdir()) == []


def test_a_voice_that_is_installed_is_not_fetched() -> None:
    with pytest.raises(UsageError, match="apt install"):
        fetch(voice_entry("mb-nl2"))


def test_the_list_tells_licence_and_how_to_get_each() -> None:
    assert [entry.name for entry in VOICES][:2] == ["nl", "mb-nl2"]
    assert all(entry.licence and entry.how for entry in VOICES)
    with pytest.raises(UsageError, match="nl, mb-nl2"):
        voice_entry("nobody")
