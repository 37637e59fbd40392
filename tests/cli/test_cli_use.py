"""The command line as its user sees it: help with an example, one sentence for wrong use, exit codes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from recordings import FIXTURES

from voicebot.dialogue import shipped_bots

pytestmark = pytest.mark.audio

COMMANDS = ["serve", "demo", "doctor", "access", "call", "hear", "understand", "speak", "mood", "check"]
COMMANDS += ["dialplan"]


def voicebot(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voicebot", *arguments], capture_output=True, text=True, timeout=60, cwd=cwd
    )


@pytest.mark.parametrize(
    "command",
    [
        *COMMANDS,
        "models list",
        "models fetch",
        "models verify",
        "voices list",
        "voices fetch",
        "callbacks list",
        "callbacks done",
    ],
)
def test_help_has_an_example(command: str) -> None:
    ran = voicebot(*command.split(), "--help")
    assert ran.returncode == 0
    assert f"voicebot {command}" in ran.stdout.partition("Example:")[2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "No such command 'nope'"),
        (["hear"], "Missing argument 'WAV...'"),
        (["hear", "nope.wav"], "nope.wav: no such file"),
        (["hear", "--grammar", "[", "nope.wav"], "--grammar is one of"),
        (["demo", "--nope"], "No such option: --nope"),
        (["serve", "--config", "nope.yaml"], "nope.yaml: cannot be read: No such file or directory"),
        (["serve", "--bot", "nope"], "no such bot or folder"),
        (["understand", "--bot", "nope", "hallo"], "no such bot or folder"),
        (["speak", "--voice", "zz", "hallo"], "no Dutch voice 'zz'"),
        (["speak", "..."], "nothing to say"),
        (["call", "--to", "x", "--say", "hallo"], "not a SIP address"),
        (["models", "verify", "nope"], "no model is called nope"),
        (["voices", "fetch", "nope"], "no voice is called nope"),
        (["voices", "fetch", "mb-nl2"], "apt install espeak-ng mbrola-nl2"),
        (
            ["speak", "--voice", "nl_BE-nobody-low", "hallo"],
            "put nl_BE-nobody-low.onnx and nl_BE-nobody-low.onnx.json there",
        ),
        (["dialplan", "--bot", "nope"], "no such bot or folder"),
        (["callbacks", "done", "x"], "Invalid value for 'ID'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    ran = voicebot(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("voicebot: ")
    assert sentence in line


def test_bare_voicebot_shows_what_it_can() -> None:
    ran = voicebot()
    assert ran.returncode == 0
    assert all(command in ran.stdout for command in COMMANDS)


def test_hear_prints_a_line_per_file_in_order() -> None:
    files = [str(FIXTURES / f"{name}.flac") for name in ("medewerker", "een_twee_drie_vier_vijf")]
    lines = [json.loads(line) for line in voicebot("hear", *files).stdout.splitlines()]
    assert [(line["file"], line["text"]) for line in lines] == [
        (files[0], "een medewerker alstublieft"),
        (files[1], "een twee drie vier vijf"),
    ]
    assert all({"file", "text", "words", "seconds_cpu"} == line.keys() for line in lines)


def test_understand_prints_a_line_per_text_in_order() -> None:
    texts = ["waar is mijn bestelling nummer een twee drie vier vijf", "gaat het regenen vandaag"]
    first, second = (json.loads(line) for line in voicebot("understand", *texts).stdout.splitlines())
    assert (first["text"], first["intent"], first["slots"]) == (
        texts[0],
        "order_status",
        {"order_number": "12345"},
    )
    assert (second["text"], second["intent"], second["rejected"]) == (texts[1], None, True)


def test_check_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("name: x\ncompny: y\n")
    ran = voicebot("check", str(tmp_path))
    assert ran.returncode == 1
    assert ran.stderr == f"{tmp_path}/bot.yaml:2: unknown key 'compny'; did you mean 'company'?\n"
    assert voicebot("check").returncode == 0


def test_check_finds_the_line_of_a_wrong_template(tmp_path: Path) -> None:
    bot = tmp_path / "bot"
    shutil.copytree(shipped_bots()["webshop"], bot)
    intents = (
        (bot / "intents.yaml").read_text().replace("ordernummer) is {order_number}", "ordernummer) is {nr}")
    )
    (bot / "intents.yaml").write_text(intents)
    ran = voicebot("check", str(bot))
    assert ran.returncode == 1
    file, line, message = ran.stderr.split(":", 2)
    assert file == str(bot / "intents.yaml")
    assert "ordernummer) is {nr}" in intents.splitlines()[int(line) - 1]
    assert "{nr} is not a slot of this bot" in message


def test_doctor_says_what_to_mend(tmp_path: Path) -> None:
    config = tmp_path / "voicebot.yaml"
    config.write_text(f"data: {tmp_path}/data\nmodel: {tmp_path}/no-model\n")
    ran = voicebot("doctor", "--json", "--config", str(config))
    findings = {finding["what"]: finding for finding in map(json.loads, ran.stdout.splitlines())}
    assert ran.returncode == 1
    assert findings["speech model"]["state"] == "wrong"
    assert findings["voice"]["state"] == "ok"
    assert all(finding["mend"] for finding in findings.values() if finding["state"] != "ok")


def test_voices_are_listed_with_what_speaks_here() -> None:
    ran = voicebot("voices", "list", "--json")
    listed = {voice["name"]: voice for voice in map(json.loads, ran.stdout.splitlines())}
    assert listed["nl"]["speaks"]
    assert not listed["nl_BE-rdh-medium"]["speaks"], "it is not shipped"
    assert "CC0" in listed["nl_BE-rdh-medium"]["licence"]
