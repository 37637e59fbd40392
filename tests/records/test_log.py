import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from voicebot.clock import VirtualClock, run_virtual
from voicebot.errors import RecordsError
from voicebot.events import CallEnded, Entry, IntentRecognised, UtteranceEnded
from voicebot.records import EventLog
from voicebot.values import Personal

pytestmark = pytest.mark.unit

CLOCK = VirtualClock(datetime(2026, 11, 20, tzinfo=UTC))


class MemoryStore:
    def __init__(self, failures: int = 0) -> None:
        self.batches: list[list[Entry]] = []
        self.tried_at: list[float] = []
        self.failures = failures

    def append(self, entries: Sequence[Entry]) -> None:
        self.tried_at.append(round(asyncio.get_running_loop().time(), 3))
        if len(self.tried_at) <= self.failures:
            raise RecordsError("disk full")
        self.batches.append(list(entries))

    def seqs(self) -> list[int]:
        return [entry.seq for batch in self.batches for entry in batch]


def entry(seq: int, text: str = "ja", call_id: str = "c1") -> Entry:
    return Entry(call_id, seq, seq, UtteranceEnded(text, 0, 1))


async def running(log: EventLog, seconds: float) -> None:
    task = asyncio.create_task(log.run())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_what_is_noted_is_written_in_batches() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        log = EventLog(store, CLOCK.run)
        for seq in range(450):
            log.note(entry(seq))
        await running(log, 0.01)
        assert [len(batch) for batch in store.batches] == [200, 200, 50]
        assert store.seqs() == list(range(450))

    run_virtual(scenario())


def test_a_few_entries_wait_for_each_other() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        log = EventLog(store, CLOCK.run)
        task = asyncio.create_task(log.run())
        for seq in range(4):
            log.note(entry(seq))
            await asyncio.sleep(0.06)
        task.cancel()
        assert store.tried_at == [0.2]
        assert store.seqs() == [0, 1, 2, 3]

    run_virtual(scenario())


def test_nothing_reaches_store_or_listeners_unredacted() -> None:
    async def scenario() -> None:
        store, heard = MemoryStore(), list[Entry]()
        log = EventLog(store, CLOCK.run, on_redacted=[heard.append])
        log.note(entry(1, "bestelling 12345"))
        log.note(Entry("c1", 2, 2, IntentRecognised("x", 1.0, {"nr": Personal("nr", "12345")})))
        await log.flush()
        assert store.batches == [heard]
        assert heard == [
            entry(1, "bestelling <number:1>"),
            Entry("c1", 2, 2, IntentRecognised("x", 1.0, {"nr": Personal("nr", "<nr:1>")})),
        ]

    run_virtual(scenario())


def test_tokens_are_of_one_call_and_are_forgotten_with_it() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        log = EventLog(store, CLOCK.run)
        log.note(entry(1, "12345"))
        log.note(entry(2, "67890"))
        log.note(entry(1, "67890", call_id="c2"))
        log.note(Entry("c1", 3, 3, CallEnded("contained")))
        log.note(entry(4, "67890"))
        await log.flush()
        texts = [e.message.text for e in store.batches[0] if isinstance(e.message, UtteranceEnded)]
        assert texts == ["<number:1>", "<number:2>", "<number:1>", "<number:1>"]

    run_virtual(scenario())


def test_a_failing_store_is_tried_again_with_growing_pauses_and_loses_nothing() -> None:
    async def scenario() -> None:
        store = MemoryStore(failures=3)
        log = EventLog(store, CLOCK.run)
        log.note(entry(1))
        await running(log, 5)
        pauses = [later - earlier for earlier, later in zip(store.tried_at, store.tried_at[1:], strict=False)]
        assert len(pauses) == 3
        assert pauses == sorted(pauses)
        assert store.seqs() == [1]
        assert log.failures == 0

    with capture_logs() as told:
        run_virtual(scenario())
    assert [line["error"] for line in told] == ["disk full"]


def test_over_the_limit_is_dropped_and_counted() -> None:
    async def scenario() -> None:
        store = MemoryStore(failures=1)
        log = EventLog(store, CLOCK.run, limit=3)
        for seq in range(5):
            log.note(entry(seq))
        with pytest.raises(RecordsError):
            await log.flush()
        assert (log.dropped, log.failures) == (2, 1)
        await log.flush()
        assert store.seqs() == [0, 1, 2]

    run_virtual(scenario())


def test_noting_does_not_wait_for_a_slow_store() -> None:
    async def scenario() -> None:
        store, gate = MemoryStore(), asyncio.Event()

        async def slowly(work: Callable[[], None]) -> None:
            await gate.wait()
            work()

        log = EventLog(store, slowly)
        log.note(entry(1))
        writing = asyncio.create_task(log.flush())
        await asyncio.sleep(1)
        log.note(entry(2))
        assert store.batches == []
        gate.set()
        await writing
        assert store.seqs() == [1, 2]

    run_virtual(scenario())
