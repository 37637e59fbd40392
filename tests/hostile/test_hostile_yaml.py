"""Any bot's or fixture's file: loaded, or refused in one sentence, soon."""

import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kept import tries
from recordings import FIXTURES

from voicebot.dialogue import load_bot, shipped_bots
from voicebot.errors import BotError, FixtureError, PlaceError
from voicebot.replay.fixture import load_fixture
from voicebot.strict_yaml import StrictYaml

pytestmark = pytest.mark.unit

FLOWS = (shipped_bots()["webshop"] / "flows.yaml").read_text()
FIXTURE = min(FIXTURES.glob("*.yaml"), key=lambda file: file.stat().st_size).read_text()
TOKENS = [
    "[",
    "{" * 60,
    "- ",
    ": ",
    "&a ",
    "*a",
    "!!python/object:os.system ",
    "\t",
    "\n",
    "'",
    "|",
    "~",
    "1e999",
    "-",
]

edits = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 30), st.sampled_from(TOKENS) | st.text(max_size=5)),
    min_size=1,
    max_size=4,
)


def edited(text: str, edits: list[tuple[int, int, str]]) -> bytes:
    for at, length, piece in edits:
        at %= len(text) + 1
        text = text[:at] + piece + text[at + length :]
    return text.encode(errors="surrogatepass")


def refused(load: object, error: type[PlaceError]) -> None:
    try:
        load()  # type: ignore[operator]
    except error as mistake:
        assert "\n" not in str(mistake)


@cache
def bot_folder(parent: Path) -> Path:
    return Path(shutil.copytree(shipped_bots()["webshop"], parent / "bot"))


@tries(150)
@given(edits)
@example([(FLOWS.index("- ask: order_number"), len("- ask: order_number"), "- order_number")])
def test_a_bot(tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]]) -> None:
    folder = bot_folder(tmp_path_factory.getbasetemp())
    (folder / "flows.yaml").write_bytes(edited(FLOWS, edits))
    refused(lambda: load_bot(folder), BotError)


@tries(200)
@given(edits)
def test_a_fixture(tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]]) -> None:
    file = tmp_path_factory.getbasetemp() / "fixture.yaml"
    file.write_bytes(edited(FIXTURE, edits))
    refused(lambda: load_fixture(file), FixtureError)


@tries(300)
@given(st.text(max_size=200).map(str.encode) | st.binary(max_size=200))
@example(b"a: " + b"[" * 5000)
@example(b"{a: " * 3000)
@example(b"a: &a [*a]")
@example(b"a: !!timestamp zz")
@example(b"a: 1" + b"0" * 5000)
def test_any_file(data: bytes) -> None:
    refused(lambda: StrictYaml(Path("any.yaml"), data, BotError), BotError)
