"""The Asterisk files that put voicebot in front of a human queue.

`write_dialplan` makes include files only: a site adds them to its own
configuration and nothing of the site's is touched. What the files promise is
in the comments of ``templates/voicebot-extensions.conf``.
"""

from __future__ import annotations

import math
import re
import secrets
import wave
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ConfigError, UsageError
from voicebot.telephony.hold_music import HOLD_MUSIC_S, hold_music
from voicebot.telephony.installation import REQUIRED_MODULES
from voicebot.telephony.legs import CALLBACK_LEG
from voicebot.telephony.open_hours import OpenHours
from voicebot.telephony.queue_prompts import CALLBACK_KEY, POSITIONS, WAIT_STEPS, prompt_texts
from voicebot.telephony.transport import RATE

REASON_LABELS: Mapping[str, str] = {
    "asked_for_human": "Vraagt om medewerker",
    "not_understood": "Niet begrepen",
    "no_input": "Geen reactie",
    "not_identified": "Niet geidentificeerd",
    "backend_failed": "Systeem werkt niet",
    "out_of_scope": "Andere vraag",
    "fault": "Storing assistent",
    "time_limit": "Gesprek duurt te lang",
    "frustrated": "Ontevreden beller",
    "risk": "Gevoelig onderwerp",
    "vip": "VIP",
    "hard_to_hear": "Slecht te verstaan",
    "declined": "Wil niet verder",
    "taken_over": "Overgenomen",
    "busy": "Te veel gesprekken",
}
"""Reason of a transfer -> what the agent's telephone shows: ASCII, as old telephones show nothing else."""

UNKNOWN_REASON = "Onbekende reden"

_MARK = "; Written by `voicebot dialplan`"
_FILES = (
    "voicebot-extensions.conf",
    "voicebot-desk.conf",
    "voicebot-queues.conf",
    "voicebot-musiconhold.conf",
    "voicebot-modules.conf",
)
_MANAGER_FILE = "voicebot-manager.conf"
SKILL_SHARE = 0.6
"""Of the time that a caller waits, how long for agents who have the skill; then for all of the department."""
FEEDBACK_KEYS = 9
"""Subjects that an agent can choose from by key."""


@dataclass(frozen=True, slots=True)
class AgentCodes:
    """What an agent dials."""

    log_in: str = "*11"
    pause: str = "*12"
    resume: str = "*13"
    log_out: str = "*14"
    feedback: str = "*15"
    """The bot had it wrong in my last call."""


@dataclass(frozen=True, slots=True)
class DeskAgent:
    """Someone who answers calls."""

    key: str
    """The name of the SIP account."""
    name: str
    queues: tuple[tuple[str, int], ...]
    """Queue and penalty: 0 answers first; see `penalties`."""

    @property
    def phone(self) -> str:
        """What Asterisk rings."""
        return f"PJSIP/{self.key}"


URGENT = "voorrang"
"""What everybody is good at: callers with priority who need no skill."""


def penalties(
    queues: Collection[str], skills: Collection[str], skilled: Collection[tuple[str, str]]
) -> tuple[tuple[str, int], ...]:
    """Return the queues of an agent who serves `queues` and has these `skills`, each with a penalty.

    `skilled` has all pairs of a queue and a skill. Who lacks the skill is in that queue too, behind those
    who have it: so a caller never waits for a skill while somebody is free.
    """
    mine = [(queue, skill) for queue, skill in skilled if queue in queues]
    return (
        *((queue, 0) for queue in queues),
        *((f"{queue}_{skill}", int(skill not in (*skills, URGENT))) for queue, skill in mine),
    )


@dataclass(frozen=True, slots=True)
class DialplanSettings:
    """What differs between sites."""

    audiosocket: str = "127.0.0.1:9092"
    """Where voicebot answers calls, ``host:port``."""
    queue: str = "klantenservice"
    other_queues: tuple[str, ...] = ()
    """Where callers go for whom voicebot names another queue; all keep the hours of the first."""
    skilled: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Queue and skill that its callers may need, or `URGENT` -> the priority that such callers have."""
    agents: tuple[DeskAgent, ...] = ()
    """Who may log in by telephone; without any, every telephone that can dial the codes."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """Intent -> what it is about, in Dutch: what an agent may choose from when the bot had it wrong."""
    outbound: str = ""
    """How to dial a caller who is called back: ``PJSIP/{number}@trunk``. Empty: people do that themselves."""
    hours: tuple[OpenHours, ...] = ()
    """When the queue takes calls; without hours it never closes."""
    timezone: str = "Europe/Amsterdam"
    wait_seconds: int = 30
    """How long a caller waits for an agent; then voicebot takes a number to call back."""
    callback_wait_seconds: int = 600
    """How long a call to an agent waits in the place of a caller who is called back."""
    callback_ring_seconds: int = 30
    """How long the telephone of who is called back may ring."""
    reminder_seconds: int = 20
    """How long between two offers of a call-back to who waits."""
    max_waiting: int = 25
    """Callers waiting at once; of one more voicebot takes a number right away."""
    calls_per_caller: int = 3
    """Calls that one number may have with the bot at once; 0 is no limit. One more goes to the queue."""
    calls_withheld: int = 0
    """The same for all callers without a number together. No limit by default: with a provider that passes
    no numbers on, that is everybody."""
    max_calls: int = 0
    """The same for all callers together, whatever the workers can take; 0 is no limit."""
    messages: Path = Path("/var/spool/asterisk/voicebot")
    """Folder on the Asterisk machine for what callers leave after the tone."""
    home: Path | None = None
    """Folder on the Asterisk machine where these files will stand; None: where they are written."""

    @property
    def queues(self) -> tuple[str, ...]:
        """All queues but those for a skill."""
        return self.queue, *self.other_queues

    @property
    def all_queues(self) -> tuple[str, ...]:
        """Those for a skill too."""
        return *self.queues, *(f"{queue}_{skill}" for queue, skill in self.skilled)

    @property
    def prompts(self) -> Mapping[str, str]:
        """What is said in these files: name of the sound -> plain Dutch text."""
        return prompt_texts(self.hours, tuple(self.topics.values())[:FEEDBACK_KEYS])


def write_dialplan(
    out: Path, settings: DialplanSettings, prompts: Mapping[str, NDArray[np.int16]]
) -> list[Path]:
    """Write the include files and the prompts into `out`; return what was written, in order.

    `prompts` holds the samples (int16 mono 8 kHz, shape (n,)) of each name in `settings.prompts`.
    Files of an earlier run are replaced; the manager's password stays. Raises
    ConfigError for settings that Asterisk would misread, and UsageError for a missing prompt or
    when a file of that name exists that voicebot did not write.
    """
    out = out.absolute()
    texts = render(out, settings)
    names = settings.prompts
    if missing := names.keys() - prompts.keys():
        raise UsageError(f"no sound was given for the prompts {', '.join(sorted(missing))}")
    for name in (*texts, _MANAGER_FILE):
        _refuse_foreign(out / name)
    sounds = out / "sounds"
    (sounds / "hold").mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
        written.append(out / name)
    manager = out / _MANAGER_FILE
    secret = read_manager_secret(manager)[1] if manager.exists() else secrets.token_urlsafe(24)
    _write_private(manager, _render_manager(out, settings, secret))
    written.append(manager)
    for name in names:
        written.append(_write_wav(sounds / f"{name}.wav", prompts[name]))
    written.append(_write_wav(sounds / "tone.wav", _tone()))
    written.append(_write_wav(sounds / "hold" / "music.wav", hold_music()))
    return written


def render(out: Path, settings: DialplanSettings) -> dict[str, str]:
    """Return name -> text of the include files that hold no secret, as `write_dialplan` writes them."""
    _check(out, settings)
    skilled = {f"{queue}_{skill}": weight for (queue, skill), weight in settings.skilled.items()}
    values = {
        "mark": _MARK,
        "home": settings.home or out,
        "settings": settings,
        "sounds": f"{settings.home or out}/sounds",
        "open_times": [part.condition(settings.timezone) for part in settings.hours],
        "positions": POSITIONS,
        "places": [*range(1, POSITIONS + 1), "many"],
        "waits": ["unknown", *WAIT_STEPS, "many"],
        "music_rounds": 1 + math.ceil(settings.wait_seconds / HOLD_MUSIC_S),
        "queue_options": "cb(voicebot-agent-headers^s^1)",
        "skill_seconds": round(SKILL_SHARE * settings.wait_seconds),
        "why_no_human": _why_no_human(f"{settings.home or out}/sounds", closes=bool(settings.hours)),
        "wait_steps": sorted(WAIT_STEPS.items(), reverse=True),
        "callback_key": CALLBACK_KEY,
        "callback_leg": CALLBACK_LEG,
        "too_many": _too_many(settings),
        "labels": REASON_LABELS,
        "unknown_reason": UNKNOWN_REASON,
        "modules": REQUIRED_MODULES,
        "connect_seconds": 2,
        "retry_seconds": 5,
        "queues": settings.all_queues,
        "skilled": skilled,
        "urgent": URGENT,
        "codes": AgentCodes(),
        "feedback_keys": list(enumerate(settings.topics, start=1))[:FEEDBACK_KEYS],
        "feedback_seconds": 5,
        "take_over_seconds": 20,
        "silence_seconds": 8,
        "message_seconds": 120,
    }
    return {name: render_template(name, values) for name in _FILES}


def render_template(name: str, values: Mapping[str, object]) -> str:
    """Return the template `name` of this room's ``templates/`` filled with `values`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("voicebot.telephony"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(values)


def read_manager_secret(path: Path) -> tuple[str, str]:
    """Return (user, secret) from a ``voicebot-manager.conf``; raises ConfigError when it has none."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} with the manager's password cannot be read ({error.strerror}); "
            "`voicebot dialplan` makes it"
        ) from error
    user = re.search(r"^\[([^\]]+)\]", text, re.MULTILINE)
    secret = re.search(r"^secret\s*=\s*(\S+)", text, re.MULTILINE)
    if user is None or secret is None:
        raise ConfigError(f"{path} has no user with a secret; remove it and run `voicebot dialplan` again")
    return user[1], secret[1]


def _render_manager(out: Path, settings: DialplanSettings, secret: str) -> str:
    values = {"mark": _MARK, "home": settings.home or out, "secret": secret}
    return render_template(_MANAGER_FILE, values)


def _check(out: Path, settings: DialplanSettings) -> None:
    """Refuse what the dialplan's own syntax would take for something else."""
    rules = (
        ("audiosocket", settings.audiosocket, r"([\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}", "host:port"),
        ("queue", settings.queue, r"[A-Za-z0-9_-]{1,40}", "up to 40 letters, digits, - and _"),
        *(
            ("other_queues", name, r"[a-z0-9_]{1,40}", "up to 40 small letters, digits and _")
            for name in settings.other_queues
        ),
        *(
            ("skilled", name, r"[a-z0-9_]{1,40}", "up to 40 small letters, digits and _")
            for _, name in settings.skilled
        ),
        *(("topics", name, r"[a-z0-9_]{1,40}", "intents") for name in settings.topics),
        *(("agents", agent.key, r"[\w.-]{1,40}", "the names of SIP accounts") for agent in settings.agents),
        *(
            ("agents", agent.name, r"(?u:[^\W_]([^\W_]|[ '.-]){0,39})", "names of letters, digits and blanks")
            for agent in settings.agents
        ),
        (
            "outbound",
            settings.outbound,
            r"|\w+/[\w@.:/+-]*(\{number\})?[\w@.:/+-]*",
            "a channel such as PJSIP/{number}@trunk",
        ),
        ("timezone", settings.timezone, r"[A-Za-z0-9_+/-]+", "a name such as Europe/Amsterdam"),
        ("messages", str(settings.messages), r"/[\w./ -]*", "an absolute folder without special characters"),
        ("home", str(settings.home or out), r"/[\w./ -]*", "an absolute folder without special characters"),
    )
    for name, value, pattern, wanted in rules:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ConfigError(f"dialplan: {name} is {value!r}; it must be {wanted}")
    for agent in settings.agents:
        for queue, _ in agent.queues:
            if queue not in settings.all_queues:
                there = ", ".join(settings.queues)
                raise ConfigError(f"dialplan: agents: {agent.key} is to answer {queue!r}; there is {there}")
    times = (settings.wait_seconds, settings.callback_wait_seconds, settings.reminder_seconds)
    if min(*times, settings.max_waiting) < 1:
        raise ConfigError("dialplan: max_waiting and all seconds must be at least 1")
    if min(settings.calls_per_caller, settings.calls_withheld, settings.max_calls) < 0:
        raise ConfigError("dialplan: a limit on calls must be at least 1, or 0 for none")


def _why_no_human(sounds: str, *, closes: bool) -> Mapping[str, str]:
    """Return what a caller hears who gets no human, by why that is."""
    told = {why: f"{sounds}/{why}" for why in ("no_agent", "full", "waited_long", "asked")}
    return {**told, "closed": f"{sounds}/closed&{sounds}/opening_hours"} if closes else told


def _too_many(settings: DialplanSettings) -> list[str]:
    """Return when a call is one too many; the 0 in front keeps it false without ``func_groupcount``."""
    with_number = "0${GROUP_COUNT(${VB_NUMBER}@voicebot-caller)}"
    without = "0${GROUP_COUNT(withheld@voicebot-caller)}"
    limits = {
        f'"${{VB_NUMBER}}" != "" & {with_number}': settings.calls_per_caller,
        f'"${{VB_NUMBER}}" = "" & {without}': settings.calls_withheld,
        "0${GROUP_COUNT(all@voicebot)}": settings.max_calls,
    }
    return [f"{count} > {limit}" for count, limit in limits.items() if limit]


def _refuse_foreign(path: Path) -> None:
    if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(_MARK):
        raise UsageError(
            f"{path} was not written by voicebot and is left alone; move it, or choose another --out"
        )


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from the first byte on."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def _write_wav(path: Path, samples: NDArray[np.int16]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def _tone() -> NDArray[np.int16]:
    """Return the tone to speak after, 0.4 s of 1 kHz at -15 dBFS: Asterisk's own may not be installed."""
    times = np.arange(int(0.4 * RATE)) / RATE
    return (5800 * np.sin(2 * np.pi * 1000 * times)).astype(np.int16)
