"""Who may see what: the codes that people come in with, and the cookies that they get for them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.fernet import Fernet, InvalidToken

from voicebot.errors import RecordsError
from voicebot.logs import Refusals
from voicebot.records import open_key
from voicebot.secret_file import kept_secret

Role = Literal["supervisor", "agent"]
ROLES: tuple[Role, ...] = ("supervisor", "agent")
ROLE_S = 12 * 3600
"""How long somebody who gave a code stays in: a working day."""
CALL_S = 8 * 3600
"""How long who opened the link of one call can read it."""
MOST_WRONG = 10
"""Wrong codes from one address within `WRONG_S`; then none is looked at."""
WRONG_S = 600.0
MOST_ADDRESSES = 1000
"""Whose wrong codes are counted; the one that was silent longest makes way."""
_AGENT_PLACES = ("/agent/", "/handover/", "/commands/agent/")


@dataclass(frozen=True, slots=True)
class Pass:
    """What somebody may see and do."""

    role: Literal["supervisor", "agent", "call"]
    call_id: str = ""
    """The one call that may be read, for the role ``call``."""

    def opens(self, path: str) -> bool:
        """Whether what is at `path` may be seen."""
        if self.role == "supervisor" or path == "/logout":
            return True
        if self.role == "agent":
            return path == "/agent" or path.startswith(_AGENT_PLACES)
        return f"{path}/".startswith(f"/handover/{self.call_id}/")


class Access:
    """Checks codes and makes cookies; `codes` has the code of each role, `now` gives seconds since 1970."""

    def __init__(
        self, codes: Mapping[Role, str], cipher: Fernet, now: Callable[[], float] = time.time
    ) -> None:
        self.codes = codes
        self._cipher = cipher
        self._now = now

    @classmethod
    def in_folder(cls, data: Path) -> Access:
        """Return that of the voicebot whose data folder this is; makes codes at first; RecordsError."""
        try:
            codes = {role: kept_secret(data / f"{role}.code", _new_code).decode() for role in ROLES}
        except (OSError, UnicodeDecodeError) as error:
            raise RecordsError(
                f"the access codes in {data} cannot be read or made ({error}); check that folder"
            ) from None
        if not all(map(_plain, codes.values())):
            raise RecordsError(f"an access code in {data} is empty; remove that file for a new one")
        return cls(codes, open_key(data / "secret.key"))

    def check(self, code: str) -> Pass | None:
        """Return what this code gives; None for a wrong one."""
        given = _plain(code).encode()
        right = [role for role in ROLES if hmac.compare_digest(given, _plain(self.codes[role]).encode())]
        return Pass(right[0]) if right else None

    def seal(self, granted: Pass) -> str:
        """Return the cookie for it: of no use to who changes it, after its time, or with another code."""
        lasts_s = CALL_S if granted.role == "call" else ROLE_S
        told = {
            "role": granted.role,
            "call_id": granted.call_id,
            "until": self._now() + lasts_s,
            "code": self._mark(granted.role),
        }
        return self._cipher.encrypt(json.dumps(told).encode()).decode()

    def unseal(self, cookie: str) -> Pass | None:
        """Return what this cookie gives; None when it is not ours, too old, or of another code."""
        try:
            told = json.loads(self._cipher.decrypt(cookie.encode()))
            granted = Pass(told["role"], told["call_id"])
            fresh = told["until"] > self._now() and told["code"] == self._mark(granted.role)
        except (InvalidToken, ValueError, KeyError, TypeError):
            return None
        return granted if fresh else None

    def _mark(self, role: str) -> str:
        """Return what shows that a cookie was given for the code of now; a new code ends the old cookies."""
        code = self.codes.get(role, "")  # type: ignore[call-overload]
        return hashlib.sha256(_plain(code).encode()).hexdigest()[:16] if code else ""


class Attempts:
    """Counts the wrong codes of each address; `now` gives seconds that only go forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic, refusals: Refusals | None = None) -> None:
        self._now = now
        self._refusals = refusals
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def too_many(self, address: str) -> bool:
        """Whether this address gave so many wrong codes that it has to wait."""
        since = self._now() - WRONG_S
        return sum(at > since for at in self._wrong.get(address, ())) >= MOST_WRONG

    def wrong(self, address: str) -> None:
        """Count a wrong code, on the event loop."""
        if self._refusals is not None:
            self._refusals.add("wrong_code")
        self._wrong[address] = [*self._wrong.pop(address, []), self._now()][-MOST_WRONG:]
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)


def _new_code() -> bytes:
    """Return 100 bits as five groups of four letters and digits, which can be read out and typed."""
    letters = base64.b32encode(secrets.token_bytes(13)).decode().lower()[:20]
    return "-".join(letters[at : at + 4] for at in range(0, 20, 4)).encode()


def _plain(code: str) -> str:
    """Return a code as it is compared: hyphens, blanks and capitals do not matter."""
    return "".join(code.split()).replace("-", "").lower()
