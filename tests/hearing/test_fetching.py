import hashlib
import io
import zipfile
from pathlib import Path

import httpx
import pytest

from voicebot.errors import DownloadError, ModelError
from voicebot.hearing import ModelEntry, Registry, fetch_model

pytestmark = pytest.mark.unit

CONTENT = b"acoustic model"
ENTRY = ModelEntry(
    "official",
    "nl",
    "Apache-2.0",
    len(CONTENT) * 20,
    {"am/final.mdl": hashlib.sha256(CONTENT).hexdigest()},
    "https://models.test/official.zip",
)


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def fetch(tmp_path: Path, body: bytes, status: int = 200, entry: ModelEntry = ENTRY) -> list[int]:
    """Fetch `entry` from a server that answers `body`; return the progress told."""
    told: list[int] = []
    registry = Registry(tmp_path, tmp_path / "fetched", (entry,))
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=body))
    with httpx.Client(transport=transport) as client:
        path = fetch_model(entry, registry, client, lambda done, total: told.append(done))
    assert path == tmp_path / "fetched" / entry.name
    return told


GOOD = zipped({"official/am/final.mdl": CONTENT, "official/conf/model.conf": b"--beam=12"})


def test_a_model_is_fetched_whole(tmp_path: Path) -> None:
    assert fetch(tmp_path, GOOD)[-1] == len(GOOD)
    assert (tmp_path / "fetched/official/am/final.mdl").read_bytes() == CONTENT
    assert [file.name for file in (tmp_path / "fetched").iterdir()] == ["official"]


def test_a_broken_one_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "fetched/official").mkdir(parents=True)
    (tmp_path / "fetched/official/leftover").touch()
    fetch(tmp_path, GOOD)
    assert not (tmp_path / "fetched/official/leftover").exists()


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"not found", 404, "404"),
        (b"<html>log in first</html>", 200, "not a zip"),
        (zipped({"official/am/final.mdl": b"other"}), 200, "not the listed one"),
        (zipped({"official/readme": b""}), 200, "missing"),
        (zipped({"official/am/final.mdl": CONTENT, "../../escaped": b"x"}), 200, "outside its folder"),
        (zipped({"official/am/final.mdl": CONTENT, "/escaped": b"x"}), 200, "outside its folder"),
        (zipped({"official/am/final.mdl": bytes(100_000)}), 200, "far more than|unpacks to more"),
        (bytes(100_000), 200, "far more than"),
    ],
)
def test_anything_else_leaves_nothing_behind(tmp_path: Path, body: bytes, status: int, says: str) -> None:
    with pytest.raises((ModelError, DownloadError), match=says):
        fetch(tmp_path, body, status)
    assert list((tmp_path / "fetched").iterdir()) == []
    assert not (tmp_path / "escaped").exists()


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("official/am/final.mdl", bytes(1_000_000))
    entry = ModelEntry("official", "nl", "Apache-2.0", 2_000, ENTRY.files, ENTRY.url)
    with pytest.raises(ModelError, match="unpacks to more"):
        fetch(tmp_path, stream.getvalue(), entry=entry)


def test_our_own_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="shipped"):
        fetch(tmp_path, b"", entry=ModelEntry("ours", "nl", "CC0", 1, {}))
