"""What is made ready for a human: each part by itself, none of them in the caller's way."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recordings import NOW

from voicebot.audio import Samples, read_audio
from voicebot.clock import Run, VirtualClock, WallClock, run_virtual
from voicebot.errors import ManagerError, RecordsError, SpeakingError
from voicebot.events import Transfer
from voicebot.handoff import ContextPackage
from voicebot.handover import MOST_AT_ONCE, HandoverContext, HandoverDesk
from voicebot.records import Contexts, Outbox

pytestmark = pytest.mark.unit

CALL = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
PACKAGE = ContextPackage(
    call_id=CALL,
    bot="webshop",
    caller="0612345678",
    reason="asked_for_human",
    queue="klantenservice",
    briefing="De beller wil een mens.",
    callback_briefing="U belt iemand terug.",
    paragraph="De beller noemde bestelling 12345.",
    slots={"order_number": "12345"},
)


@dataclass
class Surroundings:
    """All that a desk works with; what is in `broken` fails."""

    folder: Path
    broken: frozenset[str] = frozenset()
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    announced: list[Mapping[str, str]] = field(default_factory=list)

    def desk(self, run: Run | None = None, *, webhook: bool = True) -> HandoverDesk:
        clock = VirtualClock(NOW)
        return HandoverDesk(
            pages="http://host",
            briefings=self.folder / "briefings",
            keeper=Keeper(self),
            sender=Sender(self) if webhook else None,
            speak=self.speak,
            announce=self.announce,
            run=run or clock.run,
            now=clock.now,
        )

    def fail(self, name: str, error: Exception) -> None:
        if name in self.broken:
            raise error

    def speak(self, text: str) -> Samples:
        self.fail("briefing", SpeakingError("no voice"))
        return np.full(len(text), 1000, np.int16)

    async def announce(self, fields: Mapping[str, str]) -> None:
        self.fail("announcement", ManagerError("no link"))
        self.announced.append(fields)

    @property
    def made(self) -> set[str]:
        """Which parts there are."""
        parts = {"page": self.kept, "webhook": self.sent, "announcement": self.announced}
        files = (self.folder / "briefings").glob("*.wav")
        there = {name for name, part in parts.items() if part}
        return there | (
            {"briefing"} if {file.stem for file in files} == {CALL, f"{CALL}-callback"} else set()
        )


@dataclass
class Keeper:
    around: Surroundings

    def add(self, call_id: str, token: str, body: str, at: str) -> None:
        self.around.fail("page", RecordsError("database is locked"))
        self.around.kept[token] = call_id, body


@dataclass
class Sender:
    around: Surroundings

    def add(self, call_id: str, body: str, at: str) -> str:
        self.around.fail("webhook", RecordsError("database is locked"))
        self.around.sent.append((call_id, body))
        return "id"


def prepare(desk: HandoverDesk) -> Mapping[str, str]:
    async def main() -> Mapping[str, str]:
        variables = desk.prepare(PACKAGE)
        await desk.close()
        return variables

    return run_virtual(main())


PARTS = {"page", "webhook", "briefing", "announcement"}


@pytest.mark.parametrize("broken", [set(), *({part} for part in sorted(PARTS)), PARTS])
def test_what_fails_leaves_the_rest(tmp_path: Path, broken: set[str]) -> None:
    around = Surroundings(tmp_path, frozenset(broken))
    variables = prepare(around.desk())
    assert set(variables) == {"VB_PAGE", "VB_BRIEFING"}
    assert around.made == PARTS - broken


def test_the_variables_lead_to_what_was_made(tmp_path: Path) -> None:
    around = Surroundings(tmp_path)
    variables = prepare(around.desk())
    ((token, kept),) = around.kept.items()
    assert kept == (CALL, PACKAGE.to_json())
    assert around.sent == [kept]
    assert variables["VB_PAGE"] == f"http://host/h/{token}"
    briefing = Path(variables["VB_BRIEFING"])
    for sound, text in (
        (briefing, PACKAGE.briefing),
        (Path(f"{briefing}-callback"), PACKAGE.callback_briefing),
    ):
        file = sound.with_name(f"{sound.name}.wav")
        assert len(read_audio(file)) == len(text)
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(briefing.parent.stat().st_mode) & 0o007 == 0


def test_each_call_has_a_token_that_cannot_be_guessed(tmp_path: Path) -> None:
    around = Surroundings(tmp_path)
    pages = {prepare(around.desk())["VB_PAGE"] for _ in range(20)}
    assert len(pages) == 20
    assert all(len(page.removeprefix("http://host/h/")) >= 22 for page in pages)


def test_others_are_told_no_personal_values_and_no_token(tmp_path: Path) -> None:
    around = Surroundings(tmp_path)
    token = prepare(around.desk())["VB_PAGE"].rpartition("/")[2]
    (told,) = around.announced
    assert (told["CallUUID"], told["Reason"]) == (CALL, "asked_for_human")
    for private in ("12345", "0612345678", token):
        assert private not in json.dumps(told)


def test_without_a_webhook_nothing_waits_to_be_sent(tmp_path: Path) -> None:
    around = Surroundings(tmp_path)
    prepare(around.desk(webhook=False))
    assert around.made == PARTS - {"webhook"}


def test_a_folder_that_cannot_be_written_costs_the_briefing_only(tmp_path: Path) -> None:
    (tmp_path / "briefings").write_text("in the way")
    around = Surroundings(tmp_path)
    assert "VB_PAGE" in prepare(around.desk())
    assert around.made == PARTS - {"briefing"}


def test_what_hangs_holds_nobody_up_and_is_bounded(tmp_path: Path) -> None:
    async def hangs(work: object) -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        desk = Surroundings(tmp_path).desk(hangs)  # type: ignore[arg-type]
        told = [desk.prepare(PACKAGE) for _ in range(MOST_AT_ONCE + 3)]
        assert [bool(variables) for variables in told] == [True] * MOST_AT_ONCE + [False] * 3
        loop = asyncio.get_running_loop()
        before = loop.time()
        await desk.close()
        assert loop.time() - before == 5

    run_virtual(main())


def test_there_is_room_again_when_parts_are_made(tmp_path: Path) -> None:
    async def main() -> None:
        desk = Surroundings(tmp_path).desk()
        for _ in range(MOST_AT_ONCE):
            desk.prepare(PACKAGE)
        assert desk.prepare(PACKAGE) == {}
        await desk.close()
        assert desk.prepare(PACKAGE) != {}
        await desk.close()

    run_virtual(main())


def test_the_event_loop_is_never_blocked(tmp_path: Path) -> None:
    speaking, may_end = threading.Event(), threading.Event()

    class Slow(Surroundings):
        def speak(self, text: str) -> Samples:
            speaking.set()
            assert may_end.wait(30)
            return super().speak(text)

    async def main() -> Slow:
        around = Slow(tmp_path)
        desk = around.desk(WallClock().run)
        desk.prepare(PACKAGE)
        await asyncio.to_thread(speaking.wait, 30)
        assert "briefing" not in around.made
        may_end.set()
        await desk.close()
        return around

    assert asyncio.run(main()).made == PARTS


# ----------------------------------------------------------------- the context of one call

TRANSFER = Transfer("klantenservice", "asked_for_human", "complaint", skill="rustig", priority=10)
BARE = {
    "VB_REASON": "asked_for_human",
    "VB_INTENT": "complaint",
    "VB_SUMMARY": "",
    "VB_QUEUE": "klantenservice",
    "VB_PRIORITY": "10",
    "VB_SKILL": "rustig",
    "VB_PHONE": "",
}


def test_a_context_is_made_once_for_each_hand_over_whoever_takes_it() -> None:
    made: list[str] = []

    def note(package: ContextPackage) -> Mapping[str, str]:
        made.append(package.reason)
        return {"VB_PAGE": f"page {len(made)}"}

    async def main() -> None:
        context = HandoverContext(CALL, VirtualClock(NOW).run, note)
        for _ in range(3):
            context.begin(TRANSFER, [])
        taken = replace(TRANSFER, phone="PJSIP/sanne")
        variables = await context.variables(taken, [])
        assert (variables["VB_PAGE"], variables["VB_PHONE"]) == ("page 1", "PJSIP/sanne")
        other = await context.variables(replace(TRANSFER, reason="fault"), [])
        assert (other["VB_PAGE"], other["VB_REASON"]) == ("page 2", "fault")
        assert made == ["asked_for_human", "fault"]

    run_virtual(main())


def test_the_caller_does_not_wait_for_a_context_that_hangs() -> None:
    async def hangs(work: object) -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        context = HandoverContext(CALL, hangs, lambda package: {})  # type: ignore[arg-type]
        assert await context.variables(TRANSFER, []) == BARE
        assert asyncio.get_running_loop().time() == 0.5
        context.close()

    run_virtual(main())


@pytest.mark.parametrize("where", ["build", "prepare"])
def test_a_context_that_fails_still_tells_why_and_where(where: str) -> None:
    async def fails(work: object) -> None:
        raise RuntimeError("a bug")

    def refuses(package: ContextPackage) -> Mapping[str, str]:
        raise RecordsError("database is locked")

    async def main() -> None:
        run: Any = fails if where == "build" else VirtualClock(NOW).run
        assert await HandoverContext(CALL, run, refuses).variables(TRANSFER, []) == BARE

    run_virtual(main())


def test_what_is_kept_is_what_the_page_and_the_office_find(tmp_path: Path) -> None:
    with closing(Contexts.in_folder(tmp_path)) as contexts, closing(Outbox.in_folder(tmp_path)) as outbox:
        desk = Surroundings(tmp_path).desk()
        desk.keeper, desk.sender = contexts, outbox
        token = prepare(desk)["VB_PAGE"].rpartition("/")[2]
        assert contexts.claim(token, NOW.isoformat()) == CALL
        body = contexts.get(CALL)
        assert body is not None
        assert ContextPackage.from_json(body) == PACKAGE
        (letter,) = outbox.due(NOW.isoformat(), 5)
        assert ContextPackage.from_json(letter.body) == PACKAGE
