"""The hand-over as a signed message to another system: once or more, never forged, never for ever.

The signature is that of Stripe's webhooks (docs.stripe.com/webhooks, "Verify manually"): an HMAC-SHA256 of
``<unix seconds>.<body>``, with the moment beside it, so that an old message cannot be sent again.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from typing import Final

import httpx

SIGNATURE: Final = "X-Voicebot-Signature"
ID: Final = "X-Voicebot-Id"
TIMEOUT_S: Final = 10.0
"""For one try as a whole."""
TOLERANCE_S: Final = 300
"""How far a receiver's clock and ours may be apart."""
FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 3600.0
GIVEN_UP_AFTER_S: Final = 48 * 3600.0
_SIGNED = re.compile(r"t=([0-9]{1,15}),v1=([0-9a-f]{64})")


def signature(secret: bytes, timestamp: int, body: bytes) -> str:
    """Return the value of `SIGNATURE` for a body that is sent at `timestamp`, Unix seconds."""
    return f"t={timestamp},v1={hmac.digest(secret, b'%d.%b' % (timestamp, body), hashlib.sha256).hex()}"


def verify(secret: bytes, header: str, body: bytes, now: float, *, tolerance_s: float = TOLERANCE_S) -> bool:
    """Return whether we signed `body`, and did so not longer than `tolerance_s` before or after `now`."""
    signed = _SIGNED.fullmatch(header)
    if signed is None or abs(now - int(signed[1])) > tolerance_s:
        return False
    return hmac.compare_digest(signature(secret, int(signed[1]), body), header)


async def deliver(
    client: httpx.AsyncClient, url: str, secret: bytes, id: str, body: bytes, now: float
) -> str:
    """Send a JSON `body` and return "" when the receiver took it, with any 2xx, or else why not, in short.

    `now` is in Unix seconds. A receiver that has seen `id` before must answer with a 2xx too: all else, a 409
    as well, is tried again. Redirects are not followed, as they could lead the body elsewhere, and of the
    answer only the status is read.
    """
    headers = {
        "Content-Type": "application/json",
        ID: id,
        SIGNATURE: signature(secret, int(now), body),
    }
    try:
        async with (
            asyncio.timeout(TIMEOUT_S),
            client.stream(
                "POST", url, content=body, headers=headers, follow_redirects=False, timeout=TIMEOUT_S
            ) as answer,
        ):
            return "" if answer.is_success else f"status {answer.status_code}"
    except TimeoutError:
        return "no answer in time"
    except Exception as error:
        return type(error).__name__  # its text may quote the address, which may hold a secret


def pause_s(tries: int) -> float | None:
    """Return how long to wait after so many failed tries; None when that would be over 48 hours in all."""
    pause = waited = 0.0
    for number in range(tries):
        pause = min(FIRST_PAUSE_S * 2**number, LONGEST_PAUSE_S)
        waited += pause
        if waited > GIVEN_UP_AFTER_S:
            return None
    return pause
