"""Checks that everything voicebot needs is here. Each finding says how to mend it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from voicebot.dialogue import load_bot
from voicebot.errors import ManagerError, VoicebotError
from voicebot.hearing import choose_model, open_registry, verify_model
from voicebot.serve.settings import Address, Settings
from voicebot.speaking import Synthesiser, Voice
from voicebot.telephony import MIN_VERSION, ManagerClient, find_asterisk

NEEDED_ACTIONS = (
    "Setvar",
    "QueueStatus",
    "Ping",
    "Status",
    "UserEvent",
    "Originate",
    "Redirect",
    "QueueAdd",
    "QueuePause",
)
"""What our Manager user must be allowed to do."""
MANAGER_S = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "warning", "wrong"]
    detail: str
    mend: str = ""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield a finding for each part, in the order that a call needs them."""
    yield _asterisk()
    yield await _manager(settings)
    yield _bot(settings)
    yield _model(settings)
    yield await asyncio.to_thread(_voice, settings)
    for name, address in (("audiosocket", settings.audiosocket), ("web", settings.web)):
        yield _port(name, address)
    yield _data(settings)


def _asterisk() -> Finding:
    install = find_asterisk()
    if install is None:
        return Finding(
            "Asterisk",
            "warning",
            "none on this machine; fine when it runs elsewhere",
            "scripts/install-asterisk .asterisk",
        )
    if install.major < MIN_VERSION:
        return Finding(
            "Asterisk",
            "wrong",
            f"{install.version} has no AudioSocket",
            f"install Asterisk {MIN_VERSION} or newer",
        )
    if missing := install.missing_modules():
        mend = "install these modules, and load them (see voicebot-modules.conf from `voicebot dialplan`)"
        return Finding("Asterisk", "wrong", f"{install.version} lacks {', '.join(missing)}", mend)
    if not install.is_whole:
        detail = f"{install.version}: its AudioSocket passes no keys on, and a call may end when the bot does"
        return Finding("Asterisk", "wrong", detail, "install Asterisk 20.14, 21.9, 22.4 or newer")
    return Finding("Asterisk", "ok", f"{install.version} ({install.binary})")


async def _manager(settings: Settings) -> Finding:
    address = settings.manager.address
    what = "Asterisk Manager"
    user = settings.manager.user
    client = ManagerClient(address.host, address.port, user, settings.manager.secret.get_secret_value())
    try:
        allowed = await _allowed_actions(client)
    except (VoicebotError, TimeoutError) as problem:
        mend = (
            "check `manager:` in the configuration, and that manager.conf includes voicebot-manager.conf; "
            "without it calls are still answered, but agents get no context and calls end in the queue"
        )
        return Finding(what, "warning", f"{address}: {problem or 'no answer'}", mend)
    if refused := [action for action in NEEDED_ACTIONS if action.lower() not in allowed]:
        mend = "run `voicebot dialplan` again, and reload the manager: voicebot-manager.conf has the rights"
        return Finding(what, "wrong", f"user {user} may not do {', '.join(refused)}", mend)
    return Finding(what, "ok", f"{address} as {user}")


async def _allowed_actions(client: ManagerClient) -> set[str]:
    running = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(MANAGER_S):
            while not client.connected:
                await asyncio.sleep(0.05)
            return {name.lower() for name in await client.action("ListCommands")}
    except TimeoutError:
        raise ManagerError("no answer, or the login was refused") from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _bot(settings: Settings) -> Finding:
    try:
        bot = load_bot(settings.bot)
    except VoicebotError as problem:
        return Finding("bot", "wrong", str(problem), f"voicebot check {settings.bot}")
    return Finding("bot", "ok", f"{bot.name} {bot.version}")


def _model(settings: Settings) -> Finding:
    try:
        registry = open_registry()
        choice = choose_model(settings.model, registry)
        listed = [entry for entry in registry.entries if entry.name == choice.name]
        wrong = [line for entry in listed for line in verify_model(entry, choice.path)]
    except VoicebotError as problem:
        return Finding(
            "speech model", "wrong", str(problem), "voicebot models fetch vosk-model-small-nl-0.22"
        )
    if wrong:
        return Finding("speech model", "wrong", "; ".join(wrong), "voicebot models fetch")
    if choice.is_ours:
        mend = "voicebot models fetch vosk-model-small-nl-0.22"
        return Finding(
            "speech model", "warning", f"{choice.name}: our own small one, for demo and tests", mend
        )
    return Finding("speech model", "ok", choice.name)


def _voice(settings: Settings) -> Finding:
    try:
        name = load_bot(settings.bot).voice.name
        with Synthesiser(workers=1) as synthesiser:
            samples = synthesiser.speak("goedendag", Voice(name))
    except VoicebotError as problem:
        return Finding(
            "voice", "wrong", str(problem), "choose a voice that speaks here: voicebot voices list"
        )
    return Finding("voice", "ok", f"{name} ({len(samples) / 8000:.1f} s for one word)")


def _port(name: str, address: Address) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as problem:
            mend = f"stop what uses it (voicebot itself?), or set `{name}:` to another port"
            return Finding(f"port for {name}", "warning", f"{address}: {problem.strerror}", mend)
    return Finding(f"port for {name}", "ok", f"{address} is free")


def _data(settings: Settings) -> Finding:
    existing = next(_existing_parents(settings))
    if not os.access(existing, os.W_OK):
        return Finding("data folder", "wrong", f"{settings.data} cannot be written", "set `data:` elsewhere")
    return Finding("data folder", "ok", str(settings.data))


def _existing_parents(settings: Settings) -> Iterator[os.PathLike[str]]:
    return (folder for folder in (settings.data, *settings.data.absolute().parents) if folder.exists())
