"""A bot's folder: what is right loads, what is wrong is one sentence at its place."""

from datetime import datetime
from pathlib import Path

import pytest

from voicebot.dialogue import load_bot, shipped_bots
from voicebot.errors import BotError

pytestmark = pytest.mark.unit

GOOD = """\
name: mini
company: Mini
queue: mensen
queues: {mensen: {}}
prompts:
  disclosure: Ik ben een computer. Zeg medewerker.
  opening: Waarmee?
  no_match: Wat?
  no_input: Hallo?
  anything_else: Nog iets?
  goodbye: Dag.
  handoff: {default: Een collega.}
intents:
  hours: {label: Open, templates: ["open"]}
flows:
  hours:
    - say: Altijd open.
"""


def write(folder: Path, text: str) -> Path:
    (folder / "bot.yaml").write_text(text)
    return folder


@pytest.mark.parametrize("name", shipped_bots())
def test_shipped_bots_are_right(name: str) -> None:
    bot = load_bot(name)
    assert bot.name == name
    assert len(bot.version) == 16
    assert bot.prompts.disclosure in bot.static_prompts()
    assert all("{" not in text for text in bot.static_prompts())


def test_every_file_counts_for_the_version(tmp_path: Path) -> None:
    before = load_bot(write(tmp_path, GOOD)).version
    (tmp_path / "extra.yaml").write_text("respell: {klant: klant}\n")
    assert load_bot(tmp_path).version != before


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("company: Mini", "compny: Mini", 2, "unknown key 'compny'; did you mean 'company'?"),
        ("  opening: Waarmee?\n", "", 5, "key 'opening' is missing in prompts"),
        ("  goodbye: Dag.", "  goedbye: Dag.", 11, "unknown key 'goedbye'; did you mean 'goodbye'?"),
        ("    - say: Altijd open.", "    - zeg: Altijd open.", 17, "a step needs one of these keys"),
        ("    - say: Altijd open.", "    - {say: Ja., often: 2}", 17, "unknown key 'often'"),
        ("    - say: Altijd open.", "    - ask: number", 16, "asks 'number', which is not a slot"),
        ("    - say: Altijd open.", "    - say: '{dag} open.'", 16, "says {dag}, which is neither"),
        ("goodbye: Dag.", "goodbye: Dag {naam}.", 11, "'goodbye' has the place {naam}"),
        ("    - say: Altijd open.", "    - {call: x, on: {}}", 16, "calls 'x', which is not an action"),
        ("queue: mensen", "queue: niemand", 3, "'niemand' is not among the queues"),
        ("  hours:\n    - say", "  uren:\n    - say", 14, "'hours' has no flow"),
        ("Ik ben een computer.", "Met Anna.", 6, "must say that a machine speaks"),
        (
            "{mensen: {}}",
            '{mensen: {hours: [{days: [mon], opens: "21:00", closes: "08:00"}]}}',
            4,
            "before it opens",
        ),
        ("Zeg medewerker.", "Zeg niets.", 6, 'the disclosure must say that "medewerker" always works'),
        ("{default: Een collega.}", "{x: Een collega.}", 12, 'the handoff prompts need one named "default"'),
        ("company: Mini", "company: [", 4, "not valid YAML"),
        (
            "    - say: Altijd open.",
            "    - {confirm: x, say: Goed?}",
            16,
            "confirms 'x', which is not a slot",
        ),
        ("    - say: Altijd open.", "    - {finish: klaar, say: Dag.}", 17, "finish"),
        ("company: Mini", "company: Mini\nbegins_with: uren", 3, "'uren' is not a flow"),
        (
            "company: Mini",
            "company: Mini\ncallback: {offer: Goed?}",
            3,
            "'offer' must read {phone_number} back",
        ),
        ("company: Mini", "company: Mini\ncallback: {done: 'Dag {naam}.'}", 3, "'done' has the place {naam}"),
        ("company: Mini", "company: Mini\ncallback: {disclosure: Dag.}", 3, "that a machine speaks"),
        ("company: Mini", "company: Mini\ncallback: {handoff: {x: Dag.}}", 3, 'need one named "default"'),
    ],
)
def test_a_mistake_is_one_sentence_at_its_place(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(BotError, match=r"^[^\n]*$") as caught:
        load_bot(write(tmp_path, GOOD.replace(old, new)))
    assert message in caught.value.message
    assert (caught.value.file, caught.value.line) == (tmp_path / "bot.yaml", line)


def test_a_key_stands_in_one_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "more.yaml").write_text("company: Ook\n")
    with pytest.raises(BotError, match=r"more\.yaml:1: 'company' stands in bot\.yaml too"):
        load_bot(tmp_path)


def test_a_bot_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BotError, match=r"no such bot or folder; shipped bots: .*webshop"):
        load_bot(tmp_path / "nowhere")
    with pytest.raises(BotError, match=r"no \.yaml files"):
        load_bot(tmp_path)


def test_a_file_of_a_bot_is_not_the_bot(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(BotError, match="a bot is a folder"):
        load_bot(tmp_path / "bot.yaml")


@pytest.mark.parametrize(
    ("when", "open_then"),
    [
        ("2026-11-20T07:59", False),
        ("2026-11-20T08:00", True),
        ("2026-11-20T20:59", True),
        ("2026-11-20T21:00", False),
        ("2026-11-21T09:00", True),
        ("2026-11-22T12:00", False),
    ],
)
def test_a_queue_is_open_from_its_first_minute_to_its_last(when: str, open_then: bool) -> None:
    bot = load_bot("webshop")
    assert bot.queues[bot.queue].is_open(datetime.fromisoformat(when)) is open_then


def test_a_queue_without_hours_never_closes(tmp_path: Path) -> None:
    assert (
        load_bot(write(tmp_path, GOOD)).queues["mensen"].is_open(datetime.fromisoformat("2026-11-22T03:00"))
    )
