"""Codes and the cookies for them."""

import stat
from pathlib import Path

import pytest
from web_office import CALL, SUPERVISOR, access

from voicebot.errors import RecordsError
from voicebot.web import Access
from voicebot.web.access import CALL_S, MOST_ADDRESSES, MOST_WRONG, ROLE_S, WRONG_S, Attempts, Pass

pytestmark = pytest.mark.unit


def test_codes_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    codes = Access.in_folder(tmp_path / "data").codes
    assert Access.in_folder(tmp_path / "data").codes == codes
    assert len({*codes.values()}) == 2
    assert all(len(code) == 24 for code in codes.values())
    for file in (tmp_path / "data").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_cannot_hold_codes_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordsError, match="access codes"):
        Access.in_folder(tmp_path / "file")
    (tmp_path / "agent.code").touch()
    with pytest.raises(RecordsError, match="empty"):
        Access.in_folder(tmp_path)


@pytest.mark.parametrize("code", [SUPERVISOR, SUPERVISOR.upper(), f" {SUPERVISOR.replace('-', ' ')}\n"])
def test_a_code_may_be_typed_in_many_ways(code: str) -> None:
    assert access().check(code) == Pass("supervisor")


@pytest.mark.parametrize("code", ["", "-", SUPERVISOR[:-1], f"{SUPERVISOR}a", "é", "\0"])
def test_other_codes_give_nothing(code: str) -> None:
    assert access().check(code) is None


@pytest.mark.parametrize(
    ("granted", "lasts_s"),
    [(Pass("supervisor"), ROLE_S), (Pass("agent"), ROLE_S), (Pass("call", CALL), CALL_S)],
)
def test_a_cookie_lasts_its_time(granted: Pass, lasts_s: int) -> None:
    now = [0.0]
    keeper = access(lambda: now[0])
    cookie = keeper.seal(granted)
    now[0] = lasts_s - 1
    assert keeper.unseal(cookie) == granted
    now[0] = lasts_s
    assert keeper.unseal(cookie) is None


def test_a_new_code_ends_the_cookies_of_the_old_one() -> None:
    old = access()
    new = Access({**old.codes, "supervisor": "zzzz"}, old._cipher, lambda: 1_000_000.0)
    assert new.unseal(old.seal(Pass("supervisor"))) is None
    assert new.unseal(old.seal(Pass("agent"))) == Pass("agent")


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"null", b'{"role": "supervisor"}', b"\xff"])
def test_only_our_own_cookies_count(text: bytes) -> None:
    keeper = access()
    assert keeper.unseal(keeper._cipher.encrypt(text).decode()) is None
    assert keeper.unseal(text.decode("latin-1")) is None
    assert keeper.unseal(keeper.seal(Pass("supervisor"))[:-2]) is None


@pytest.mark.parametrize(
    ("granted", "path", "opens"),
    [
        (Pass("supervisor"), "/", True),
        (Pass("supervisor"), "/commands/call/end", True),
        (Pass("agent"), "/agent", True),
        (Pass("agent"), "/agent/live", True),
        (Pass("agent"), f"/handover/{CALL}", True),
        (Pass("agent"), "/commands/agent/pause", True),
        (Pass("agent"), "/", False),
        (Pass("agent"), "/live", False),
        (Pass("agent"), "/agents", False),
        (Pass("agent"), "/api/calls", False),
        (Pass("agent"), "/commands/call/end", False),
        (Pass("call", CALL), f"/handover/{CALL}", True),
        (Pass("call", CALL), f"/handover/{CALL}/feedback", True),
        (Pass("call", CALL), f"/handover/{CALL}0", False),
        (Pass("call", CALL), "/handover/", False),
        (Pass("call", CALL), "/agent", False),
        (Pass("call", CALL), "/", False),
    ],
)
def test_what_a_pass_opens(granted: Pass, path: str, opens: bool) -> None:
    assert granted.opens(path) is opens


def test_wrong_codes_count_for_their_address_and_for_a_time() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(MOST_WRONG):
        assert not attempts.too_many("a")
        attempts.wrong("a")
    assert attempts.too_many("a")
    assert not attempts.too_many("b")
    now[0] = WRONG_S
    assert not attempts.too_many("a")


def test_the_addresses_that_are_counted_are_bounded() -> None:
    attempts = Attempts(lambda: 0.0)
    for _ in range(MOST_WRONG):
        attempts.wrong("first")
    for number in range(MOST_ADDRESSES):
        attempts.wrong(str(number))
    assert not attempts.too_many("first")
