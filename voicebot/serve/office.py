"""The office: a process that sees to what goes on after the bot's part of a call.

It notes how callers passed to a human (the proof), calls back, delivers webhooks, takes what agents key in,
and forgets what is old. No call needs it: when it is gone, callers get their human all the same.

Started as ``python -m voicebot.serve.office``; reads its settings as one JSON line on stdin, which stays open
as long as the parent lives. Its heartbeat is on stdout.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import structlog

from voicebot.clock import WallClock
from voicebot.dialogue import load_bot
from voicebot.errors import ConfigError, ManagerError, RecordsError, VoicebotError
from voicebot.handoff import ContextPackage, Dialler, Policy, QueueState, QueueWatch, deliver, pause_s
from voicebot.heartbeat import beat, when_parent_is_gone
from voicebot.logs import log_to_stderr
from voicebot.records import Callbacks, Contexts, Feedback, Outbox, Passages
from voicebot.secret_file import kept_secret
from voicebot.serve.passing import Passing
from voicebot.serve.settings import Settings
from voicebot.telephony import ManagerClient

KEPT = timedelta(days=2)
"""How long what agents could see, hear and were sent is kept."""
LETTERS_KEPT = timedelta(days=9)
"""The same for webhooks: those that were given up are to be seen for a week."""
WISHES_KEPT = timedelta(days=30)
"""Call-backs that are over, with the numbers of who was not reached."""
PROOF_KEPT = timedelta(days=90)
HOLD_MUSIC = "voicebot"
"""The class with nothing but music (voicebot-musiconhold.conf)."""
MOST_SETTING = 20
"""Channels at once that wait for Asterisk's word on their music."""
TIDY_S = 600.0
LETTERS_S = 1.0
MOST_LETTERS = 20

log = structlog.get_logger(__name__)

Part = Callable[[], Coroutine[None, None, None]]


async def work(settings: Settings) -> None:
    """Run the office until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    when_parent_is_gone(stop.set)
    async with open_office(settings) as parts:
        running = [asyncio.create_task(part()) for part in parts]
        running.append(asyncio.create_task(beat(dict, sys.stdout.fileno())))
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopping, *running], return_when=asyncio.FIRST_COMPLETED)
        for task in (stopping, *running):
            task.cancel()
        await asyncio.gather(stopping, *running, return_exceptions=True)
        for task in done - {stopping}:  # a part that ended has failed; another office begins anew
            task.result()


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[list[Part]]:
    """Give what is to be run, side by side, for as long as the office is open."""
    access, clock = settings.manager, WallClock()
    manager = ManagerClient(
        access.address.host, access.address.port, access.user, access.secret.get_secret_value()
    )
    watch = QueueWatch(manager, QueueState(time.monotonic))
    data = settings.data
    with (
        closing(Passages.in_folder(data)) as passages,
        closing(Feedback.in_folder(data)) as feedback,
        closing(Contexts.in_folder(data)) as contexts,
        closing(Outbox.in_folder(data)) as outbox,
        closing(Callbacks.in_folder(data)) as callbacks,
    ):
        manager.subscribe(HoldMusic(manager).hear)
        passing = Passing(manager, watch.snapshot, passages, feedback, callbacks, clock.run, clock.now)
        tidy = _Tidying(settings, contexts, outbox, passages, callbacks)
        tidying = partial(_every, TIDY_S, lambda: clock.run(tidy.up))
        parts: list[Part] = [manager.run, watch.run, passing.run, tidying]
        if settings.webhook is not None:
            parts.append(_Post(settings, outbox, clock).run)
        if settings.callbacks.automatic:
            dialler = Dialler(
                manager,
                callbacks,
                clock.run,
                clock.now,
                watch.snapshot,
                lambda call_id: _renewed(contexts, settings.pages, call_id, clock.now()),
                settings.briefings_folder,
                load_bot(settings.bot).queue,
                Policy(settings.callbacks.tries, settings.callbacks.pause_minutes),
            )
            parts.append(dialler.run)
        yield parts


def _renewed(
    contexts: Contexts, pages: str, call_id: str, now: datetime
) -> tuple[ContextPackage, str] | None:
    """Return a call's package and the address of its page, under a fresh token: the old one may be used."""
    body = contexts.get(call_id)
    if body is None:
        return None
    try:
        package = ContextPackage.from_json(body)
    except ValueError as problem:
        log.warning("called back without what the bot knew", call=call_id, error=str(problem))
        return None
    token = secrets.token_urlsafe(16)
    contexts.add(call_id, token, body, now.isoformat())
    return package, f"{pages}/h/{token}"


class HoldMusic:
    """Has whom an agent puts on hold hear music: the caller's own class would tell their place once more."""

    def __init__(self, manager: ManagerClient) -> None:
        self._manager = manager
        self._setting: set[asyncio.Task[None]] = set()

    def hear(self, event: str, fields: Mapping[str, str]) -> None:
        """Take an event of the Manager."""
        channel = fields.get("Channel", "")
        if event == "AgentConnect" and channel and len(self._setting) < MOST_SETTING:
            task = asyncio.create_task(self._set(channel))
            self._setting.add(task)
            task.add_done_callback(self._setting.discard)

    async def _set(self, channel: str) -> None:
        with contextlib.suppress(ManagerError):
            await self._manager.action(
                "Setvar", Channel=channel, Variable="CHANNEL(musicclass)", Value=HOLD_MUSIC
            )


class _Post:
    """Delivers webhooks."""

    def __init__(self, settings: Settings, outbox: Outbox, clock: WallClock) -> None:
        assert settings.webhook is not None
        self._url = settings.webhook.url
        self._secret = _webhook_secret(settings.webhook.secret_file or settings.data / "webhook.key")
        self._outbox = outbox
        self._clock = clock

    async def run(self) -> None:
        async with httpx.AsyncClient() as client:
            await _every(LETTERS_S, lambda: self._deliver_all(client))

    async def _deliver_all(self, client: httpx.AsyncClient) -> None:
        clock, outbox = self._clock, self._outbox
        letters = await clock.run(lambda: outbox.due(clock.now().isoformat(), MOST_LETTERS))
        for letter in letters:
            wrong = await deliver(
                client, self._url, self._secret, letter.id, letter.body.encode(), time.time()
            )
            now = clock.now()
            if not wrong:
                await clock.run(partial(outbox.delivered, letter.id, now.isoformat()))
                continue
            pause = pause_s(letter.tries + 1)
            later = None if pause is None else (now + timedelta(seconds=pause)).isoformat()
            log.warning("webhook not delivered", error=wrong, tries=letter.tries + 1, given_up=later is None)
            await clock.run(partial(outbox.failed, letter.id, wrong, later))


def _webhook_secret(file: Path) -> bytes:
    try:
        secret = kept_secret(file, lambda: secrets.token_urlsafe(32).encode()).strip()
    except OSError as problem:
        raise ConfigError(f"webhook: {file} with the secret cannot be used: {problem.strerror}") from None
    if not secret:
        raise ConfigError(f"webhook: {file} must hold the secret, and is empty; remove it to have one made")
    return secret


class _Tidying:
    """Forgets what is old."""

    def __init__(
        self,
        settings: Settings,
        contexts: Contexts,
        outbox: Outbox,
        passages: Passages,
        callbacks: Callbacks,
    ) -> None:
        self._settings = settings
        self._contexts, self._outbox = contexts, outbox
        self._passages, self._callbacks = passages, callbacks

    def up(self) -> None:
        now = datetime.now().astimezone()
        kept = max(KEPT, self._settings.callbacks.lives)
        self._contexts.forget((now - kept).isoformat())
        self._outbox.forget((now - LETTERS_KEPT).isoformat())
        self._callbacks.forget((now - WISHES_KEPT).isoformat())
        self._passages.forget((now - PROOF_KEPT).isoformat())
        for sound in self._settings.briefings_folder.glob("*.wav"):
            with contextlib.suppress(FileNotFoundError):
                if sound.stat().st_mtime < (now - kept).timestamp():
                    sound.unlink()


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do this again and again; a failing database is tried again too."""
    while True:
        try:
            await work()
        except RecordsError as problem:
            log.warning("office: not done", error=str(problem))
        await asyncio.sleep(seconds)


def main() -> None:
    """Run the office."""
    log_to_stderr()
    settings = Settings.model_validate_json(sys.stdin.readline())
    try:
        asyncio.run(work(settings))
    except VoicebotError as error:
        sys.exit(f"the office cannot start: {error}")


if __name__ == "__main__":
    main()
