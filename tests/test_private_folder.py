"""A folder of one process: private, gone with it, and swept away when it was killed."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from voicebot.private_folder import PrivateFolder, sweep

pytestmark = pytest.mark.unit

OWNER = """
from voicebot.private_folder import PrivateFolder
folder = PrivateFolder("test")
print(folder.path, flush=True)
input()
"""


def test_only_this_user_can_enter_and_nothing_is_left() -> None:
    with PrivateFolder("test") as folder:
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        (folder.path / "sound.wav").write_bytes(b"secret")
        sweep()
        assert (folder.path / "sound.wav").exists()
    assert not folder.path.exists()
    folder.close()


def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    with (
        PrivateFolder("test") as ours,
        subprocess.Popen([sys.executable, "-c", OWNER], stdin=-1, stdout=-1, text=True) as owner,
    ):
        assert owner.stdout is not None
        left = Path(owner.stdout.readline().strip())
        (left / "sound.wav").write_bytes(b"secret")
        sweep()
        assert (left / "sound.wav").exists(), "its owner lives"
        owner.kill()
        owner.wait()
        sweep()
        assert not left.exists()
        assert ours.path.exists()
