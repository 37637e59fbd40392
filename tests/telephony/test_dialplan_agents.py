"""Agents, skills and the outbound line in the generated dialplan, and what is refused there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import ConfigError
from voicebot.telephony import URGENT, DeskAgent, DialplanSettings, penalties
from voicebot.telephony.dialplan import FEEDBACK_KEYS, render

pytestmark = pytest.mark.unit

HOME = Path("/etc/asterisk/voicebot")
SKILLED = {("klanten", "rustig"): 10, ("klanten", "zakelijk"): 1, ("verkoop", URGENT): 20}
PLAIN = DialplanSettings(queue="klanten", other_queues=("verkoop",), skilled=SKILLED)
ANJA = DeskAgent("anja", "Anja", (("klanten", 0), ("klanten_rustig", 1)))


def desk(settings: DialplanSettings) -> list[str]:
    """The lines of the desk's file that Asterisk acts on."""
    text = render(HOME, settings)["voicebot-desk.conf"]
    return [line.strip() for line in text.splitlines() if line and not line.startswith(";")]


# ----------------------------------------------------------------- penalties


def test_who_lacks_a_skill_is_behind_those_who_have_it() -> None:
    assert penalties(["klanten"], ["rustig", "unheard of"], SKILLED) == (
        ("klanten", 0),
        ("klanten_rustig", 0),
        ("klanten_zakelijk", 1),
    )
    assert penalties([], ["rustig"], SKILLED) == ()
    assert penalties(["klanten"], ["rustig"], []) == (("klanten", 0),)
    assert penalties(["verkoop"], [], SKILLED) == (("verkoop", 0), ("verkoop_voorrang", 0))


@given(
    st.sets(st.sampled_from(["klanten", "verkoop", "other"])),
    st.sets(st.sampled_from(["rustig", "zakelijk"])),
)
def test_an_agent_is_in_every_queue_of_a_department_once(served: set[str], skills: set[str]) -> None:
    found = dict(placed := penalties(served, skills, SKILLED))
    assert len(found) == len(placed)
    assert set(found) == served | {f"{queue}_{skill}" for queue, skill in SKILLED if queue in served}
    assert {found[queue] for queue in served} <= {0}
    assert {name.partition("_")[2] for name, penalty in placed if penalty}.isdisjoint(skills | {URGENT})


# ----------------------------------------------------------------- what is written


def test_each_agent_logs_in_to_their_own_queues() -> None:
    renee = DeskAgent("renee.k", "Renée O'Brien-Jansen", (("verkoop", 0),))
    lines = desk(replace(PLAIN, agents=(ANJA, renee)))
    assert [line for line in lines if "AddQueueMember" in line] == [
        "exten => anja,1,AddQueueMember(klanten,PJSIP/anja,0,,Anja)",
        "same => n,AddQueueMember(klanten_rustig,PJSIP/anja,1,,Anja)",
        "exten => renee.k,1,AddQueueMember(verkoop,PJSIP/renee.k,0,,Renée O'Brien-Jansen)",
    ]


def test_there_is_a_queue_for_each_skill_and_a_way_out_of_all() -> None:
    texts = render(HOME, PLAIN)
    names = ["klanten", "verkoop", "klanten_rustig", "klanten_zakelijk", "verkoop_voorrang"]
    assert re.findall(r"^\[(\w+)\]", texts["voicebot-queues.conf"], re.MULTILINE) == names
    left = re.findall(r"RemoveQueueMember\((\w+),", texts["voicebot-desk.conf"])
    assert left == names


@pytest.mark.parametrize(
    ("outbound", "dialled"),
    [
        ("PJSIP/{number}@trunk", "Dial(PJSIP/${VB_NUMBER}@trunk,"),
        ("PJSIP/trunk/sip:{number}@10.0.0.1:5060", "Dial(PJSIP/trunk/sip:${VB_NUMBER}@10.0.0.1:5060,"),
        ("DAHDI/g0/+{number}", "Dial(DAHDI/g0/+${VB_NUMBER},"),
    ],
)
def test_who_is_called_back_is_dialled_over_the_line_of_the_site(outbound: str, dialled: str) -> None:
    assert any(dialled in line for line in desk(replace(PLAIN, outbound=outbound)))


def test_without_a_line_nobody_is_dialled() -> None:
    assert not any("${VB_NUMBER}" in line and "Dial(" in line for line in desk(PLAIN))


def test_an_agent_can_choose_from_as_many_subjects_as_there_are_keys() -> None:
    topics = {f"topic_{number}": f"onderwerp {number}" for number in range(FEEDBACK_KEYS + 5)}
    lines = desk(replace(PLAIN, topics=topics))
    chosen = re.findall(r'"\$\{VB_CHOICE\}" = "(\d+)"\]\?Set\(VB_RIGHT=(\w+)\)', "\n".join(lines))
    assert chosen == [(str(number + 1), f"topic_{number}") for number in range(FEEDBACK_KEYS)]


# ----------------------------------------------------------------- what is refused


def named(**changes: object) -> DialplanSettings:
    return replace(PLAIN, agents=(replace(ANJA, **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (named(key="anja,x"), "agents"),
        (named(key=""), "agents"),
        (named(key="a" * 41), "agents"),
        (named(key="ánja"), "agents"),
        (named(name="Anja,Bram"), "agents"),
        (named(name="Anja)\n same => n,System(x)"), "agents"),
        (named(name="${SHELL(x)}"), "agents"),
        (named(name="-Anja"), "agents"),
        (named(name=""), "agents"),
        (named(queues=(("inkoop", 0),)), "agents"),
        (replace(PLAIN, outbound="PJSIP/{nummer}@trunk"), "outbound"),
        (replace(PLAIN, outbound="PJSIP/{number}@{number}"), "outbound"),
        (replace(PLAIN, outbound="{number}"), "outbound"),
        (replace(PLAIN, outbound="PJSIP/{number}@trunk,30,g"), "outbound"),
        (replace(PLAIN, outbound="PJSIP/{number}@trunk&PJSIP/x"), "outbound"),
        (replace(PLAIN, outbound="PJSIP/{number}@${X}"), "outbound"),
        (replace(PLAIN, outbound="PJSIP/{number}\n"), "outbound"),
        (replace(PLAIN, skilled={("klanten", "Rustig"): 1}), "skilled"),
        (replace(PLAIN, skilled={("klanten", ""): 1}), "skilled"),
        (replace(PLAIN, skilled={("klanten", "a]"): 1}), "skilled"),
        (replace(PLAIN, other_queues=("a]\n[b",)), "other_queues"),
        (replace(PLAIN, topics={"a)": "x"}), "topics"),
        (replace(PLAIN, callback_wait_seconds=0), "seconds"),
    ],
)
def test_what_asterisk_would_misread_is_one_clear_error(settings: DialplanSettings, what: str) -> None:
    with pytest.raises(ConfigError, match=rf"^dialplan: [^\n]*{what}[^\n]*$"):
        render(HOME, settings)
