import stat
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voicebot.backends import FailedTries, LimitedBackend, Reply
from voicebot.errors import BackendError

pytestmark = pytest.mark.unit

NUMBER = "0612345678"
MOST, WITHHELD = 10, 60


class Clock:
    seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


class Shop:
    """Finds order 1."""

    actions = frozenset({"find", "hours"})

    def __init__(self) -> None:
        self.asked = 0

    def do(self, action: str, arguments: Mapping[str, str]) -> Reply:
        self.asked += 1
        return Reply("found" if arguments.get("order") == "1" else "not_found")


def backend(shop: Shop, tries: FailedTries, number: str = NUMBER) -> LimitedBackend:
    return LimitedBackend(shop, tries, lambda: number, {"find"})


def tries_in(folder: Path, now: Callable[[], float] = time.time) -> FailedTries:
    return FailedTries(folder, MOST, WITHHELD, now)


def guess(limited: LimitedBackend, order: str = "2") -> str:
    return limited.do("find", {"order": order}).outcome


def test_who_guesses_too_often_is_told_nothing_any_more(tmp_path: Path) -> None:
    shop, clock = Shop(), Clock()
    calls = [backend(shop, tries_in(tmp_path, clock)) for _ in range(2)]  # two workers
    for number in range(MOST):
        assert guess(calls[number % 2], "1") == "found"
        assert guess(calls[number % 2]) == "not_found"
    asked = shop.asked
    assert [guess(call, "1") for call in calls] == ["not_found", "not_found"]
    assert shop.asked == asked, "nothing is looked up"
    assert calls[0].do("hours", {"order": "1"}).outcome == "found"
    assert guess(backend(shop, tries_in(tmp_path, clock), "0687654321"), "1") == "found"
    clock.seconds += 3601
    assert guess(calls[0], "1") == "found"


def test_callers_without_a_number_share_their_tries(tmp_path: Path) -> None:
    shop, tries = Shop(), tries_in(tmp_path)
    for _ in range(WITHHELD):
        guess(backend(shop, tries, ""))
    assert guess(backend(shop, tries, ""), "1") == "not_found"
    assert guess(backend(shop, tries), "1") == "found"


def test_0_is_no_limit(tmp_path: Path) -> None:
    tries = FailedTries(tmp_path, 0, 0)
    for number in [NUMBER] * 20 + [""] * 100:
        tries.add(number)
        assert not tries.exhausted(number)


def test_no_number_is_on_disk_and_what_is_there_is_private(tmp_path: Path) -> None:
    guess(backend(Shop(), tries_in(tmp_path)))
    files = list(tmp_path.iterdir())
    assert {file.name for file in files} == {"failed-tries.db", "failed-tries.key"}
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert NUMBER.encode() not in file.read_bytes()


def test_each_site_has_its_own_key_and_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    tries_in(tmp_path)
    key = (tmp_path / "failed-tries.key").read_bytes()
    tries_in(tmp_path)
    tries_in(tmp_path / "other")
    assert (tmp_path / "failed-tries.key").read_bytes() == key
    assert (tmp_path / "other" / "failed-tries.key").read_bytes() != key


def test_workers_that_start_and_count_at_once_agree(tmp_path: Path) -> None:
    def fail(_: int) -> None:
        tries_in(tmp_path).add(NUMBER)

    with ThreadPoolExecutor(5) as workers:
        list(workers.map(fail, range(MOST)))
    assert tries_in(tmp_path).exhausted(NUMBER)


def test_what_cannot_be_counted_does_not_stop_a_call(tmp_path: Path) -> None:
    tries = tries_in(tmp_path)
    (tmp_path / "failed-tries.db").write_bytes(b"no database " * 100)
    with capture_logs() as logs:
        assert guess(backend(Shop(), tries), "1") == "found"
        assert guess(backend(Shop(), tries)) == "not_found"
    assert {entry["event"] for entry in logs} == {"tries_not_counted"}
    assert NUMBER not in str(logs)


def test_a_folder_that_is_not_ours_is_explained(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(BackendError, match="check its owner"):
        tries_in(tmp_path / "taken")
