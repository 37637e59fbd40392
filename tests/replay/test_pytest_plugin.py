"""``pytest audio_fixtures/`` replays fixtures, tells failures readably, and leaves everything else alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from recordings import FIXTURES

pytestmark = pytest.mark.audio
pytest_plugins = ["pytester"]

GOOD = """\
call: Ophangen tijdens de begroeting
bot: webshop
turns:
  - caller: {hangs_up: true, at: 2s}
    expect: {event: CallerHungUp}
"""
BAD = f"""\
call: Toch geen mens
bot: webshop
turns:
  - caller: {{wav: {FIXTURES}/m1_medewerker.flac, at: 3s}}
    expect: {{intent: goodbye}}
"""


def test_fixtures_pass_fail_and_err(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("audio_fixtures")
    (folder / "goed.yaml").write_text(GOOD)
    (folder / "anders.yaml").write_text(BAD)
    ran = pytester.runpytest("audio_fixtures", "-p", "no:cacheprovider")
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(
        [
            "*Toch geen mens*",
            "*anders.yaml: Toch geen mens",
            "     0.0 s     bot  Goedendag, *",
            "*caller  medewerker",
            "*understood human",
            "  ✗ turn 1: intent: expected goodbye, got human",
            "FAILED audio_fixtures/anders.yaml::Toch geen mens*",
        ]
    )
    ran.stdout.no_fnmatch_line("*Traceback*")
    ran.stdout.no_fnmatch_line("*.py:*")


def test_a_mistake_in_a_fixture_is_one_sentence(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("ergens.yaml").write_text(GOOD.replace("event", "evnt"))
    ran = pytester.runpytest("-p", "no:cacheprovider")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*ergens.yaml:5: *unknown key 'evnt'; did you mean 'event'*"])


def test_without_real_recordings_their_fixtures_are_left_out_in_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_RECORDINGS", str(pytester.path / "people"))
    folder = pytester.mkdir("audio_fixtures")
    (folder / "goed.yaml").write_text(GOOD)
    for name in "ab":
        (folder / f"{name}.yaml").write_text(GOOD.replace("hangs_up: true", f"wav: 'recordings:{name}.flac'"))
    ran = pytester.runpytest_subprocess("-q", "audio_fixtures", "-p", "no:cacheprovider")
    ran.assert_outcomes(passed=1)
    lines = [line for line in ran.outlines if "left out" in line]
    assert len(lines) == 1
    assert lines[0].startswith("2 fixtures are left out: ")
    (pytester.path / "people").mkdir()
    ran = pytester.runpytest_subprocess("audio_fixtures", "-p", "no:cacheprovider")
    ran.assert_outcomes(errors=2)
    ran.stdout.fnmatch_lines(["*a.yaml:4: no such recording: recordings:a.flac in *people"])


def test_other_yaml_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("compose.yaml").write_text("services:\n  turns: {}\n")
    pytester.path.joinpath("wat.yaml").write_bytes(b"\xff\xfe: [")
    assert pytester.runpytest("-p", "no:cacheprovider").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_nothing_heavy_is_imported_without_fixtures(tmp_path: Path) -> None:
    (tmp_path / "test_niets.py").write_text(
        "import sys\ndef test(): assert not {'numpy', 'vosk', 'voicebot.replay'} & set(sys.modules)\n"
    )
    (tmp_path / "gewoon.yaml").write_text("a: 1\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(tmp_path), "--rootdir", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert "1 passed" in ran.stdout, ran.stdout
