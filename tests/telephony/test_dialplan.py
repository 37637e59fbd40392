import re
import stat
import uuid
import wave
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue import load_bot
from voicebot.errors import ConfigError, UsageError
from voicebot.house import dialplan_of
from voicebot.telephony.dialplan import (
    REASON_LABELS,
    DialplanSettings,
    read_manager_secret,
    render,
    write_dialplan,
)
from voicebot.telephony.legs import callback_leg, first_leg, is_callback_leg
from voicebot.telephony.open_hours import OpenHours, written_hours
from voicebot.telephony.queue_prompts import QUEUE_PROMPTS, WAIT_STEPS, prompt_texts

pytestmark = pytest.mark.unit

HOURS = (OpenHours(("mon",), "08:00", "17:00"),)
PROMPTS = {name: np.full(80, 1000, dtype=np.int16) for name in prompt_texts(HOURS)}
HOME = Path("/etc/asterisk/voicebot")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = Path(__file__).parents[2] / "dialplans" / "example"


def extensions(settings: DialplanSettings | None = None) -> str:
    texts = render(HOME, settings or DialplanSettings())
    return texts["voicebot-extensions.conf"] + texts["voicebot-desk.conf"]


def steps(text: str) -> list[str]:
    """The lines that Asterisk acts on."""
    return [line.strip() for line in text.splitlines() if line and not line.startswith(";")]


def test_the_line_after_voicebot_is_the_human_unless_a_hang_up_was_earned() -> None:
    lines = steps(extensions())
    after = lines.index("same => n,TryExec(AudioSocket(${VB_CALL},127.0.0.1:9092))") + 1
    assert lines[after] == 'same => n,GotoIf($["${VB_OUTCOME}" = "hangup"]?done)'
    assert lines[after + 1].startswith("same => n,ExecIf(")
    assert lines[after + 2 : after + 5] == [
        "same => n(unanswered),Set(GROUP(voicebot)=)",
        "same => n,Set(GROUP(voicebot-caller)=)",
        "same => n,Goto(voicebot-queue,s,1)",
    ]


def test_limits_on_calls_at_once_are_left_out_when_they_are_0() -> None:
    limited = extensions(DialplanSettings(calls_per_caller=4, calls_withheld=12, max_calls=40))
    conditions = re.findall(r"GotoIf\(\$\[(.+)\]\?busy\)", limited)
    assert conditions == [
        '"${VB_NUMBER}" != "" & 0${GROUP_COUNT(${VB_NUMBER}@voicebot-caller)} > 4',
        '"${VB_NUMBER}" = "" & 0${GROUP_COUNT(withheld@voicebot-caller)} > 12',
        "0${GROUP_COUNT(all@voicebot)} > 40",
    ]
    assert extensions().count("?busy)") == 1
    assert "?busy)" not in extensions(DialplanSettings(calls_per_caller=0))


def test_every_reason_has_a_label_that_fits_beside_a_number() -> None:
    text = extensions()
    for reason, label in REASON_LABELS.items():
        assert f'"${{VB_REASON}}" = "{reason}"]?Set(VB_LABEL={label})' in text
        assert label.isascii()
        assert len(f"{label} +31612345678901") <= 40


def sounds_named(texts: Mapping[str, str]) -> set[str]:
    """The sounds that the files play, with every place and wait that they may fill in."""
    named = set(re.findall(r"/sounds/([\w${}]+)", "".join(texts.values())))
    places = {name for name in QUEUE_PROMPTS if name.startswith("position_")}
    waits = {f"wait_{minutes}" for minutes in (*WAIT_STEPS, "many")}
    return named - {"position_${VB_POSITION}", "wait_${VB_MINUTES}"} | places | waits


@pytest.mark.parametrize("hours", [(), HOURS])
def test_every_sound_played_is_written_and_every_sound_written_is_played(
    tmp_path: Path, hours: tuple[OpenHours, ...]
) -> None:
    settings = DialplanSettings(hours=hours)
    sounds = tmp_path / "sounds"
    files = (path for path in write_dialplan(tmp_path, settings, PROMPTS) if path.suffix == ".wav")
    written = {path.relative_to(sounds).with_suffix("").parts[0] for path in files}
    assert sounds_named(render(tmp_path, settings)) == written
    assert written == {*prompt_texts(hours), "tone", "hold"}


def test_prompts_are_8_khz_16_bit_mono(tmp_path: Path) -> None:
    write_dialplan(tmp_path, DialplanSettings(), PROMPTS)
    with wave.open(str(tmp_path / "sounds" / "no_agent.wav")) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (8000, 2, 1)
        assert np.array_equal(np.frombuffer(sound.readframes(99), dtype="<i2"), PROMPTS["no_agent"])


def test_no_line_of_ours_logs_who_calls() -> None:
    lines = steps(extensions())
    assert not [line for line in lines if re.search(r"\b(NoOp|Verbose|Log|DumpChan)\(", line)]
    # The number comes in through a filter only: a caller's telephone can call itself anything.
    assert all("FILTER(0-9+," in line for line in lines if "${CALLERID" in line)


def test_hours_are_checked_in_the_bots_time_zone_and_end_a_minute_early() -> None:
    hours = (OpenHours(("mon", "tue"), "08:00", "21:00"), OpenHours(("sat",), "00:00", "24:00"))
    lines = steps(extensions(DialplanSettings(hours=hours, timezone="Europe/Brussels")))
    first = lines.index("same => n,GotoIfTime(08:00-20:59,mon&tue,*,*,Europe/Brussels?open)")
    assert lines[first + 1] == "same => n,GotoIfTime(00:00-23:59,sat,*,*,Europe/Brussels?open)"
    assert lines[first + 2 : first + 4] == [
        "same => n,Set(VB_WHY=closed)",
        "same => n,Goto(voicebot-fallback,s,1)",
    ]
    assert any(f"?Playback({HOME}/sounds/closed&{HOME}/sounds/opening_hours))" in line for line in lines)


def test_without_hours_the_queue_never_closes() -> None:
    assert "GotoIfTime" not in extensions()
    assert "sounds/closed" not in extensions()


def test_closed_doors_tell_when_they_open() -> None:
    week = OpenHours(("mon", "tue", "wed", "thu", "fri"), "08:00", "21:00")
    assert written_hours([week, OpenHours(("sat",), "09:30", "24:00")]) == (
        "Wij zijn bereikbaar van maandag tot en met vrijdag van 8:00 tot 21:00, "
        "en op zaterdag van 9:30 tot middernacht."
    )
    assert written_hours([OpenHours(("thu", "mon"), "10:00", "12:00")]) == (
        "Wij zijn bereikbaar op maandag en donderdag van 10:00 tot 12:00."
    )
    assert "elke dag van" in written_hours([OpenHours(tuple(reversed(DAYS)), "10:00", "12:00")])


def test_whoever_gets_no_human_leaves_a_number_and_else_a_message() -> None:
    lines = steps(extensions(DialplanSettings(hours=HOURS)))
    leg = lines.index("same => n,TryExec(AudioSocket(${VB_LEG},127.0.0.1:9092))")
    assert "same => n,Set(VB_OUTCOME=)" in lines[lines.index("[voicebot-fallback]") : leg]
    assert lines[leg + 1] == 'same => n,GotoIf($["${VB_OUTCOME}" = "hangup"]?done)'
    assert lines[leg + 2].startswith("same => n,ExecIf(")
    assert lines[leg + 3] == 'same => n(unanswered),GotoIf($["${VB_PHONE}" != ""]?voicebot-queue,s,1)'
    assert lines[leg + 4] == "same => n,Goto(voicebot-message,s,1)"
    reasons = [line for line in lines if "Set(VB_WHY=" in line]
    assert len(reasons) == lines.count("same => n,Goto(voicebot-fallback,s,1)") == 5
    assert [line for line in lines if "voicebot-message" in line] == [lines[leg + 4], "[voicebot-message]"]


def test_the_leg_that_takes_a_number_is_named_after_its_call() -> None:
    call = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
    (made,) = re.findall(r"Set\(VB_LEG=\${VB_CALL:0:(\d+)}(.)\${VB_CALL:(\d+)}\)", extensions())
    assert callback_leg(call) == call[: int(made[0])] + made[1] + call[int(made[2]) :]
    assert uuid.UUID(callback_leg(call)).version == 8
    assert (is_callback_leg(callback_leg(call)), is_callback_leg(call)) == (True, False)
    assert first_leg(callback_leg(call)) == first_leg(call) == call


@given(opens=st.integers(0, 1438), minutes=st.integers(1, 1440))
def test_any_part_of_a_day_keeps_its_minutes(opens: int, minutes: int) -> None:
    closes = min(opens + minutes, 1440)
    part = OpenHours(("mon",), *(f"{time // 60:02}:{time % 60:02}" for time in (opens, closes)))
    span = re.search(r"GotoIfTime\((\d\d):(\d\d)-(\d\d):(\d\d),", extensions(DialplanSettings(hours=(part,))))
    assert span is not None
    first_h, first_m, last_h, last_m = map(int, span.groups())
    assert (60 * first_h + first_m, 60 * last_h + last_m + 1) == (opens, closes)


@pytest.mark.parametrize(
    "settings",
    [
        DialplanSettings(audiosocket="127.0.0.1:9092)\n same => n,System(x)"),
        DialplanSettings(audiosocket="nowhere"),
        DialplanSettings(queue="a,b"),
        DialplanSettings(timezone="Europe/Amsterdam?done"),
        DialplanSettings(messages=Path("relative")),
        DialplanSettings(home=Path("/srv/${X}")),
        DialplanSettings(wait_seconds=0),
        DialplanSettings(reminder_seconds=0),
        DialplanSettings(calls_per_caller=-1),
        DialplanSettings(hours=(OpenHours(("mon",), "22:00", "02:00"),)),
        DialplanSettings(hours=(OpenHours(("mon",), "8:00", "12:00"),)),
        DialplanSettings(hours=(OpenHours(("mon",), "08:00", "24:01"),)),
        DialplanSettings(hours=(OpenHours(("monday",), "08:00", "12:00"),)),
        DialplanSettings(hours=(OpenHours((), "08:00", "12:00"),)),
    ],
)
def test_what_asterisk_would_misread_is_refused(settings: DialplanSettings) -> None:
    with pytest.raises(ConfigError, match=r"^dialplan: "):
        render(HOME, settings)


def test_the_password_is_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "voicebot-manager.conf"
    assert path in write_dialplan(tmp_path, DialplanSettings(), PROMPTS)
    user, secret = read_manager_secret(path)
    assert (user, len(secret)) == ("voicebot", 32)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    write_dialplan(tmp_path, DialplanSettings(queue="storingen"), PROMPTS)
    assert read_manager_secret(path) == (user, secret)
    assert "[storingen]" in (tmp_path / "voicebot-queues.conf").read_text()


def test_each_site_gets_its_own_password(tmp_path: Path) -> None:
    for site in ("a", "b"):
        write_dialplan(tmp_path / site, DialplanSettings(), PROMPTS)
    assert len({read_manager_secret(tmp_path / site / "voicebot-manager.conf") for site in ("a", "b")}) == 2


def test_the_manager_may_do_no_more_than_it_must(tmp_path: Path) -> None:
    write_dialplan(tmp_path, DialplanSettings(), PROMPTS)
    rights = dict(line.split(" = ") for line in steps((tmp_path / "voicebot-manager.conf").read_text())[1:])
    assert (rights["read"], rights["write"]) == ("user,agent", "call,user,agent,originate")
    assert (rights["deny"], rights["permit"]) == ("0.0.0.0/0.0.0.0", "127.0.0.1/255.255.255.255")


@pytest.mark.parametrize("text", [None, "", "[voicebot]\n", "secret = x\n"])
def test_a_manager_file_without_a_password_is_explained(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "voicebot-manager.conf"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match="voicebot dialplan"):
        read_manager_secret(path)


def test_a_sites_own_file_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "voicebot-queues.conf"
    own.write_text("[klantenservice]\n")
    with pytest.raises(UsageError, match="left alone"):
        write_dialplan(tmp_path, DialplanSettings(), PROMPTS)
    assert own.read_text() == "[klantenservice]\n"
    assert list(tmp_path.iterdir()) == [own]


def test_a_missing_prompt_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no_agent"):
        write_dialplan(tmp_path, DialplanSettings(), {k: v for k, v in PROMPTS.items() if k != "no_agent"})


def test_files_can_be_made_for_another_machine(tmp_path: Path) -> None:
    write_dialplan(tmp_path, DialplanSettings(home=HOME), PROMPTS)
    for path in tmp_path.glob("*.conf"):
        assert f'#include "{HOME}/{path.name}"' in path.read_text()
        assert str(tmp_path) not in path.read_text()


def test_every_file_says_first_that_it_is_generated(tmp_path: Path) -> None:
    write_dialplan(tmp_path, DialplanSettings(), PROMPTS)
    files = list(tmp_path.glob("*.conf"))
    assert len(files) == 6
    assert all(path.read_text().startswith("; Written by `voicebot dialplan`") for path in files)


def test_the_example_in_the_repository_is_what_voicebot_writes() -> None:
    hours = (
        OpenHours(("mon", "tue", "wed", "thu", "fri"), "08:00", "21:00"),
        OpenHours(("sat",), "09:00", "17:00"),
    )
    texts = render(EXAMPLE, replace(dialplan_of(load_bot("webshop")), hours=hours, home=HOME))
    assert {name: (EXAMPLE / name).read_text() for name in texts} == texts
