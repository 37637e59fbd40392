"""The office: webhooks to a real server, call-backs, what is forgotten; and its process."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import SOCK_STREAM
from typing import Any

import pytest
from managers import FakeManager
from service import WITHIN_S, until

from voicebot.errors import ConfigError, RecordsError
from voicebot.handoff import ContextPackage, dialler, verify
from voicebot.records import Callbacks, Contexts, Outbox, Passages
from voicebot.serve import Settings, office
from voicebot.telephony import free_port

pytestmark = pytest.mark.unit

CALL, OTHER = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "11111111-2222-4333-8444-555555555555"
OFFICE = [sys.executable, "-m", "voicebot.serve.office"]


def now(**ago: float) -> str:
    return (datetime.now().astimezone() - timedelta(**ago)).isoformat()


@dataclass
class Receiver:
    """A system that is told of hand-overs; its answers are the statuses, the last one again and again."""

    statuses: list[int]
    url: str = ""
    letters: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Id, signature and body of each."""


@contextmanager
def receiver(*statuses: int) -> Iterator[Receiver]:
    one = Receiver(list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            one.letters.append((self.headers["X-Voicebot-Id"], self.headers["X-Voicebot-Signature"], body))
            self.send_response(one.statuses.pop(0) if len(one.statuses) > 1 else one.statuses[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        one.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield one
        finally:
            server.shutdown()
            thread.join()


def settings(folder: Path, **changes: Any) -> Settings:
    manager = {"address": f"127.0.0.1:{free_port(SOCK_STREAM)}", "secret": "nobody is there"}
    return Settings(**{"data": folder, "manager": manager, **changes})


def working(chosen: Settings, scenario: Callable[[], Awaitable[None]]) -> None:
    """Have an office work during a scenario; no part of it may end."""

    async def main() -> None:
        async with office.open_office(chosen) as parts:
            tasks = [asyncio.create_task(part()) for part in parts]
            try:
                await scenario()
                assert [task for task in tasks if task.done()] == []
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())


# ----------------------------------------------------------------- webhooks


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "LETTERS_S", 0.01)
    monkeypatch.setattr(office, "pause_s", lambda tries: 0.0)


@pytest.mark.usefixtures("quick")
def test_a_letter_is_sent_until_it_is_taken_and_then_no_more(tmp_path: Path) -> None:
    with receiver(500, 409, 204) as one, closing(Outbox.in_folder(tmp_path)) as outbox:
        id = outbox.add(CALL, '{"topic": "één klacht"}', now())

        async def scenario() -> None:
            await until(lambda: outbox.waiting() == 0)

        working(settings(tmp_path, webhook={"url": one.url}), scenario)
        assert [letter[0] for letter in one.letters] == [id, id, id]
        assert outbox.given_up() == 0
        key = tmp_path / "webhook.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        for _, signed, body in one.letters:
            assert verify(key.read_bytes(), signed, body, time.time())
            assert body.decode() == '{"topic": "één klacht"}'


@pytest.mark.usefixtures("quick")
def test_a_letter_that_nobody_takes_is_given_up_and_the_next_still_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "pause_s", lambda tries: 0.0 if tries < 3 else None)
    with receiver(500, 500, 500, 200) as one, closing(Outbox.in_folder(tmp_path)) as outbox:
        first = outbox.add(CALL, "{}", now())

        async def scenario() -> None:
            await until(lambda: outbox.given_up() == 1)
            second = outbox.add(OTHER, "{}", now())
            await until(lambda: outbox.waiting() == 0)
            assert [letter[0] for letter in one.letters] == [first, first, first, second]

        working(settings(tmp_path, webhook={"url": one.url}), scenario)
        assert outbox.given_up() == 1


def test_a_letter_that_failed_waits_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "LETTERS_S", 0.01)
    with receiver(500) as one, closing(Outbox.in_folder(tmp_path)) as outbox:
        for _ in range(office.MOST_LETTERS + 5):
            outbox.add(CALL, "{}", now())

        async def scenario() -> None:
            await until(lambda: outbox.due(now(), 99) == [])

        working(settings(tmp_path, webhook={"url": one.url}), scenario)
        assert len(one.letters) == outbox.waiting() == office.MOST_LETTERS + 5
        later = now(seconds=-11)
        assert {letter.tries for letter in outbox.due(later, 99)} == {1}


@pytest.mark.usefixtures("quick")
def test_a_database_that_fails_holds_letters_up_but_does_not_end_the_office(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(200) as one, closing(Outbox.in_folder(tmp_path)) as outbox:
        outbox.add(CALL, "{}", now())
        failures, due = iter(range(3)), Outbox.due

        def failing(self: Outbox, at: str, limit: int) -> Any:
            for _ in failures:
                raise RecordsError("database is locked")
            return due(self, at, limit)

        monkeypatch.setattr(Outbox, "due", failing)

        async def scenario() -> None:
            await until(lambda: outbox.waiting() == 0)

        working(settings(tmp_path, webhook={"url": one.url}), scenario)
        assert len(one.letters) == 1


@pytest.mark.usefixtures("quick")
def test_the_secret_can_be_the_sites_own(tmp_path: Path) -> None:
    own = tmp_path / "shared.key"
    own.write_text("afgesproken\n")
    with receiver(200) as one, closing(Outbox.in_folder(tmp_path)) as outbox:
        outbox.add(CALL, "{}", now())

        async def scenario() -> None:
            await until(lambda: outbox.waiting() == 0)

        working(settings(tmp_path, webhook={"url": one.url, "secret_file": own}), scenario)
        ((_, signed, body),) = one.letters
        assert verify(b"afgesproken", signed, body, time.time())
    assert not (tmp_path / "webhook.key").exists()


def test_letters_are_never_signed_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "webhook.key").write_text("\n")
    (tmp_path / "folder").mkdir()

    async def scenario() -> None:
        raise AssertionError

    for secret_file in (None, tmp_path / "folder"):
        webhook = {"url": "http://127.0.0.1:1/", "secret_file": secret_file}
        with pytest.raises(ConfigError, match=r"^webhook: [^\n]*$"):
            working(settings(tmp_path, webhook=webhook), scenario)


# ----------------------------------------------------------------- calling back


class Exchange(FakeManager):
    """An Asterisk with one agent."""

    def __init__(self) -> None:
        super().__init__()
        member = {"Queue": "klantenservice", "Name": "Anja", "Location": "PJSIP/anja", "Status": "1"}
        self.lists["QueueStatus"] = [("QueueParams", {"Queue": "klantenservice"}), ("QueueMember", member)]

    async def run(self) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (ContextPackage(call_id=CALL, reason="vip").to_json(), True),
        ('{"priority": "veel"}', False),
        ("nothing", False),
        (None, False),
    ],
)
def test_who_is_called_back_is_called_whatever_is_left_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str | None, told: bool
) -> None:
    exchange = Exchange()
    monkeypatch.setattr(office, "ManagerClient", lambda *_: exchange)
    monkeypatch.setattr(dialler, "LOOK_S", 0.01)
    with closing(Contexts.in_folder(tmp_path)) as contexts, closing(Callbacks.in_folder(tmp_path)) as book:
        if body is not None:
            contexts.add(CALL, "used", body, now())
            assert contexts.claim("used", now()) == CALL
        book.add(CALL, "0612345678", now())

        async def scenario() -> None:
            await until(lambda: bool(exchange.actions))
            ((name, fields),) = exchange.actions
            assert name == "Originate"
            assert "__VB_NUMBER=0612345678" in fields["Variable"]
            assert ("__VB_REASON=vip" in fields["Variable"]) is told
            page = fields["Variable"].partition("__VB_PAGE=http://127.0.0.1:8080/h/")[2]
            assert contexts.claim(page, now()) == (CALL if told else None)

        working(settings(tmp_path, callbacks={"automatic": True}), scenario)


def test_nobody_is_called_back_where_people_do_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = Exchange()
    monkeypatch.setattr(office, "ManagerClient", lambda *_: exchange)
    monkeypatch.setattr(dialler, "LOOK_S", 0.01)
    with closing(Callbacks.in_folder(tmp_path)) as book, closing(Passages.in_folder(tmp_path)) as passages:
        book.add(CALL, "0612345678", now())

        async def scenario() -> None:
            exchange.user_event("VoicebotQueue", CallUUID=CALL, Uniqueid="1.1")
            await until(lambda: passages.of(CALL) is not None)
            assert book.due(now(), 9) != []

        working(settings(tmp_path), scenario)
    assert exchange.actions == []


# ----------------------------------------------------------------- what is forgotten


def test_what_is_old_is_forgotten_and_the_proof_is_kept_longer(tmp_path: Path) -> None:
    sounds = tmp_path / "briefings"
    sounds.mkdir()
    for name, days in (("old", 2.1), ("new", 1.9)):
        (sounds / f"{name}.wav").touch()
        at = time.time() - days * 86_400
        os.utime(sounds / f"{name}.wav", (at, at))
    with (
        closing(Contexts.in_folder(tmp_path)) as contexts,
        closing(Outbox.in_folder(tmp_path)) as outbox,
        closing(Passages.in_folder(tmp_path)) as passages,
    ):
        for call_id, days in ((CALL, 2.1), (OTHER, 1.9)):
            contexts.add(call_id, call_id, "{}", now(days=days))
        for call_id, slack in ((CALL, 0.1), (OTHER, -0.1)):
            outbox.add(call_id, "{}", now(days=office.LETTERS_KEPT.days + slack))
        passages.note(CALL, "queued", now(days=91))
        passages.note(OTHER, "queued", now(days=89))

        async def scenario() -> None:
            await until(lambda: not (sounds / "old.wav").exists())

        working(settings(tmp_path), scenario)
        assert (contexts.get(CALL), contexts.get(OTHER)) == (None, "{}")
        assert [letter.call_id for letter in outbox.due(now(), 9)] == [OTHER]
        assert [passage.call_id for passage in passages.latest(9)] == [OTHER]
        assert [sound.name for sound in sounds.iterdir()] == ["new.wav"]


def test_what_a_call_back_needs_is_kept_as_long_as_it_may_come(tmp_path: Path) -> None:
    with closing(Contexts.in_folder(tmp_path)) as contexts, closing(Outbox.in_folder(tmp_path)) as outbox:
        contexts.add(CALL, "a", "{}", now(days=4))
        contexts.add(OTHER, "b", "{}", now(days=6))

        async def scenario() -> None:
            await until(lambda: contexts.get(OTHER) is None)

        working(settings(tmp_path, callbacks={"expire_hours": 120}), scenario)
        assert contexts.get(CALL) == "{}"
        assert outbox.waiting() == 0


# ----------------------------------------------------------------- the process


@contextmanager
def process(chosen: Settings) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(OFFICE, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as one:
        assert one.stdin
        one.stdin.write(f"{chosen.model_dump_json()}\n")
        one.stdin.flush()
        try:
            yield one
        finally:
            one.kill()


@pytest.mark.parametrize("how", ["stdin ends", "told to stop"])
def test_the_process_beats_delivers_and_ends_when_it_should(tmp_path: Path, how: str) -> None:
    with receiver(200) as one, closing(Outbox.in_folder(tmp_path)) as outbox:
        outbox.add(CALL, "{}", now())
        with process(settings(tmp_path, webhook={"url": one.url})) as running:
            assert running.stdin
            assert running.stdout
            assert [running.stdout.readline() for _ in range(3)] == ["beat {}\n"] * 3
            asyncio.run(until(lambda: outbox.waiting() == 0))
            if how == "stdin ends":
                running.stdin.close()
            else:
                running.send_signal(signal.SIGTERM)
            assert running.wait(WITHIN_S) == 0
            assert running.stderr
            assert "Traceback" not in running.stderr.read()
    assert len(one.letters) == 1


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("calls.db", "cannot open the event store"),
        ("webhook.key", "webhook: "),
    ],
)
def test_an_office_that_cannot_start_says_so_in_one_line(tmp_path: Path, broken: str, sentence: str) -> None:
    (tmp_path / broken).mkdir()
    with process(settings(tmp_path, webhook={"url": "http://127.0.0.1:1/"})) as running:
        assert running.wait(WITHIN_S) == 1
        assert running.stderr
        (line,) = running.stderr.read().splitlines()
        assert line.startswith("the office cannot start: ")
        assert sentence in line


def test_a_part_that_ends_ends_the_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Exchange):
        async def run(self) -> None:
            raise RuntimeError("a bug")

    monkeypatch.setattr(office, "ManagerClient", lambda *_: Broken())
    reading, writing = os.pipe()
    stdin, stdout = os.fdopen(reading), os.fdopen(os.dup(writing), "w")
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "stdout", stdout)
    with stdin, stdout, pytest.raises(RuntimeError, match="a bug"):
        asyncio.run(office.work(settings(tmp_path)))
    os.close(writing)
