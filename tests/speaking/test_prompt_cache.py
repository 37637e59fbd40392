import stat
from pathlib import Path

import numpy as np
import pytest

from voicebot.speaking import PromptCache

pytestmark = pytest.mark.unit

PROMPT = np.arange(8000, dtype=np.int16)


def test_prompt_comes_back_as_it_was(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path / "prompts")
    cache.put(PROMPT, "espeak-ng 1.52", "nl", 140, "Hallo.")
    known = PromptCache(tmp_path / "prompts").get("espeak-ng 1.52", "nl", 140, "Hallo.")
    assert known is not None
    assert (known == PROMPT).all()


@pytest.mark.parametrize(
    "other", [("1.53", "nl", 140, "a"), ("1.52", "nl+f2", 140, "a"), ("1.52", "nl", 150, "a")]
)
def test_anything_different_is_a_miss(tmp_path: Path, other: tuple[str | int, ...]) -> None:
    cache = PromptCache(tmp_path)
    cache.put(PROMPT, "1.52", "nl", 140, "a")
    assert cache.get(*other) is None


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"x" * 4000])
def test_broken_file_is_a_miss(tmp_path: Path, damage: bytes) -> None:
    cache = PromptCache(tmp_path)
    cache.put(PROMPT, "a")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert cache.get("a") is None


def test_file_cut_short_is_a_miss(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    cache.put(PROMPT, "a")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-2000])
    assert cache.get("a") is None


def test_folder_is_private_and_tells_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    PromptCache(folder).put(PROMPT, "Hallo.")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = folder.iterdir()
    assert "Hallo" not in file.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_size_is_bounded(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, max_bytes=50_000)
    for number in range(10):
        cache.put(PROMPT, number)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 50_000
    assert cache.get(9) is not None
    assert cache.get(0) is None


def test_disk_that_refuses_breaks_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    cache = PromptCache(in_the_way)
    cache.put(PROMPT, "a")
    assert cache.get("a") is None
