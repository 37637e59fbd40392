"""Any request and any datagram of the feed: the pages answer, let no stranger in, and stay bounded."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import example, given
from hypothesis import strategies as st
from kept import tries

from voicebot.clock import run_virtual
from voicebot.event_json import encode
from voicebot.events import CallStarted, PromptStarted, UtteranceEnded
from voicebot.handoff import Agent, QueueSnapshot, Waiting
from voicebot.records import FeedReceiver, ServiceStatus
from voicebot.web import Access, LiveCalls, Readiness, create_app

pytestmark = pytest.mark.unit

QUEUES = (
    QueueSnapshot(
        "<b>",
        "<b>",
        (Waiting("<script>", 1, 3, 0, "<script>"),),
        3,
        (Agent("<script>", "vrij", '"><script>'),),
    ),
)
OPEN = ["/login", "/ready", "/health", "/static/live.js"]
PATHS = ["/", "/live", "/agent", "/agent/live", "/api/calls", "/api/queue", *OPEN]
CODE = "aaaa-bbbb-cccc-dddd-eeee"
MESSAGES = [
    CallStarted("c", "webshop", "b", "0.1", "2026-11-20T10:15:03+01:00", topics={"order_status": "x"}),
    UtteranceEnded("waar is mijn pakket", 0, 900),
    PromptStarted(1, "opening", "Uw {dag} is {dag}.", {"dag": "vandaag"}),
]

SUPERVISOR = [("host", "localhost"), ("authorization", f"Bearer {CODE}")]

tokens = st.text(max_size=30)
headers = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "host",
                "origin",
                "content-length",
                "transfer-encoding",
                "range",
                "cookie",
                "content-type",
                "authorization",
            ]
        ),
        tokens,
    ),
    max_size=4,
)


def answered(live: LiveCalls, method: str, path: str, headers: list[tuple[str, str]]) -> tuple[int, bytes]:
    """The status and body of the answer to one request."""
    access = Access({"supervisor": CODE, "agent": "2222"}, Fernet(Fernet.generate_key()))
    app = create_app(live, lambda: QUEUES, lambda: Readiness("<i>"), access=access)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(errors="replace"),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def main() -> None:
        await app(scope, receive, send)

    asyncio.run(main())
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@tries(250)
@given(
    st.sampled_from(["GET", "GET", "HEAD", "POST", "TRACE"]) | tokens,
    st.sampled_from(PATHS) | tokens.map(lambda text: f"/static/{text}") | tokens,
    headers,
    st.booleans(),
    st.booleans(),
)
@example("GET", "/static/../app.py", [], True, True)
@example("GET", "/static/\0", [], True, True)
@example("GET", "/static/../../live", [], True, False)
@example("GET", "/live", [("cookie", 'voicebot="\x00"; voicebot=x')], True, False)
@example("POST", "/commands/call/end", [("content-length", "1e3")], True, True)
def test_any_request(
    method: str, path: str, headers: list[tuple[str, str]], known: bool, has_code: bool
) -> None:
    host = [("host", "localhost")] if known else []
    code = [("authorization", f"Bearer {CODE}")] if has_code else []
    status, body = answered(LiveCalls(), method, path, host + code + headers)
    assert status in (200, 206, 303, 307, 400, 401, 403, 404, 405, 413, 415, 416)
    if status in (200, 206):
        assert known and method in ("GET", "HEAD")
        assert has_code or path in OPEN or path.startswith("/static/")
        assert b"<script>" not in body


fields = st.fixed_dictionaries(
    {},
    optional={
        "worker": st.integers() | tokens,
        "call_id": st.sampled_from(["c1", "c2"]) | tokens,
        "seq": st.integers() | st.floats(),
        "at_ms": st.integers() | st.none(),
        "message": st.sampled_from(MESSAGES).map(encode) | st.dictionaries(tokens, tokens, max_size=3),
        "status": st.dictionaries(st.sampled_from(["ready", "calls", "workers"]), st.integers() | tokens),
    },
)


@tries(300)
@given(st.lists(fields.map(lambda one: json.dumps(one).encode()) | st.binary(max_size=80), max_size=10))
@example([b"[" * 50_000])
@example([b'{"worker":1,"call_id":"c","seq":1e999,"at_ms":0,"message":{"type":"CallerHungUp"}}'])
@example([b'{"worker":1,"call_id":"\\ud800","seq":1,"at_ms":0,"message":{"type":"CallerHungUp"}}'])
def test_any_feed(datagrams: list[bytes]) -> None:
    live, told = LiveCalls(), list[ServiceStatus]()

    async def main() -> None:
        receiver = FeedReceiver(Path("feed"), live.apply, told.append)
        for datagram in datagrams:
            receiver.datagram_received(datagram, None)

    run_virtual(main())
    for path in ("/live", "/api/calls"):
        assert answered(live, "GET", path, SUPERVISOR)[0] == 200
