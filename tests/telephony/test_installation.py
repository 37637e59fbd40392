from pathlib import Path

import pytest

from voicebot.telephony.installation import (
    REQUIRED_MODULES,
    AsteriskInstall,
    find_asterisk,
    inspect_asterisk,
)

pytestmark = pytest.mark.unit


def unpacked(folder: Path, answer: str = "Asterisk 22.10.1+dfsg-1", *, without: str = "") -> Path:
    """A folder as scripts/install-asterisk makes it, with an Asterisk that only tells its version."""
    binary = folder / "bin" / "asterisk"
    modules = folder / "root/usr/lib/x86_64-linux-gnu/asterisk/modules"
    modules.mkdir(parents=True)
    (folder / "root/usr/share/asterisk/documentation").mkdir(parents=True)
    for name in REQUIRED_MODULES.keys() - {without}:
        (modules / f"{name}.so").touch()
    binary.parent.mkdir()
    binary.write_text(f"#!/bin/sh\necho '{answer}'\n")
    binary.chmod(0o755)
    return folder


def nowhere(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path / "empty")}


def test_the_projects_own_folder_is_found(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / ".asterisk")
    install = find_asterisk(tmp_path, nowhere(tmp_path))
    assert install is not None
    assert (install.binary, install.version, install.major) == (folder / "bin/asterisk", "22.10.1", 22)
    assert install.missing_modules() == []


def test_one_on_path_that_lacks_a_module_is_passed_over(tmp_path: Path) -> None:
    system = unpacked(tmp_path / "system", "Asterisk 16.28.0", without="app_audiosocket")
    path = {"PATH": str(system / "bin")}
    found = find_asterisk(tmp_path, path)
    assert found is not None
    assert found.missing_modules() == ["app_audiosocket"]  # nothing better: doctor tells what it lacks

    unpacked(tmp_path / ".asterisk")
    better = find_asterisk(tmp_path, path)
    assert better is not None
    assert better.major == 22


def test_what_the_environment_names_decides(tmp_path: Path) -> None:
    unpacked(tmp_path / ".asterisk")
    other = unpacked(tmp_path / "other", "Asterisk certified/20.7-cert4")
    for named in (other, other / "bin" / "asterisk"):
        install = find_asterisk(tmp_path, nowhere(tmp_path) | {"VOICEBOT_ASTERISK": str(named)})
        assert install is not None
        assert install.major == 20
    absent = {"VOICEBOT_ASTERISK": str(tmp_path / "absent")}
    assert find_asterisk(tmp_path, nowhere(tmp_path) | absent) is None


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    install = inspect_asterisk(unpacked(tmp_path / "a", without="app_audiosocket"))
    assert install is not None
    assert install.missing_modules() == ["app_audiosocket"]


def test_what_does_not_start_is_passed_over(tmp_path: Path) -> None:
    broken = unpacked(tmp_path / "broken", "Segmentation fault")
    assert inspect_asterisk(broken) is None
    assert inspect_asterisk(tmp_path / "absent") is None
    (broken / "bin/asterisk").write_text("#!/bin/sh\nexit 1\n")
    assert inspect_asterisk(broken) is None


@pytest.mark.parametrize(
    ("version", "whole"),
    [
        ("18.26.4", False),
        ("20.13.0", False),
        ("20.14.0", True),
        ("22.3.0", False),
        ("22.10.1", True),
        ("23.0.0", True),
    ],
)
def test_old_audiosockets_are_known(version: str, whole: bool) -> None:
    assert AsteriskInstall(Path("a"), version, Path("m"), Path("d")).is_whole is whole
