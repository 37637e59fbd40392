"""Who gets in, and what is refused before any page sees it."""

import asyncio

import httpx
import pytest
from web_office import AGENT, CALL, HERE, SUPERVISOR, Office, ask, busy_office, get, post

from voicebot.clock import run_virtual
from voicebot.web.access import MOST_WRONG
from voicebot.web.login import WRONG_TAKES_S
from voicebot.web.security import COOKIE, LARGEST_BODY

pytestmark = pytest.mark.unit

FORM = "application/x-www-form-urlencoded"
END = "/commands/call/end"


@pytest.mark.parametrize("path", ["/health", "/ready", "/static/live.js", "/login"])
def test_some_places_need_no_code(path: str) -> None:
    assert get(Office(), path, code=None).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/live", "/api/calls", "/api/queue", "/api/status", f"/calls/{CALL}", f"/handover/{CALL}"),
        *("/agent", "/nothing", "//", "/health/", "/login/x", "/static", "/healthy", "/static/../live"),
        *("/h", "/h/a/b"),
    ],
)
def test_all_others_do(path: str) -> None:
    answer = get(busy_office(), path, code=None)
    assert answer.status_code in (401, 404)
    assert "pakket" not in answer.text
    assert get(busy_office(), path, code="wrong").status_code == answer.status_code


def test_a_browser_is_sent_to_the_page_that_asks_for_the_code() -> None:
    answer = get(Office(), f"/handover/{CALL}", code=None, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next=/handover/{CALL}")


@pytest.mark.parametrize(
    ("code", "path", "status"),
    [
        (SUPERVISOR, "/", 200),
        (SUPERVISOR, "/agent", 200),
        (SUPERVISOR, f"/handover/{CALL}", 200),
        (AGENT, "/agent", 200),
        (AGENT, "/agent/live", 200),
        (AGENT, f"/handover/{CALL}", 200),
        (AGENT, "/", 403),
        (AGENT, "/live", 403),
        (AGENT, f"/calls/{CALL}", 403),
        (AGENT, "/api/calls", 403),
    ],
)
def test_each_role_sees_its_own(code: str, path: str, status: int) -> None:
    assert get(busy_office(), path, code=code).status_code == status


@pytest.mark.parametrize("order", ["take-over", "listen", "end"])
def test_an_agent_orders_nothing_about_calls(order: str) -> None:
    office = busy_office()
    form = {"call_id": CALL, "phone": "sanne"}
    assert post(office, f"/commands/call/{order}", form, code=AGENT).status_code == 403
    assert office.commands.orders == []


def logged_in(code: str, **form: str) -> httpx.Response:
    return post(Office(), "/login", {"code": code, **form}, code=None, headers=HERE)


@pytest.mark.parametrize(
    ("code", "wanted", "place"),
    [
        (SUPERVISOR, "", "/"),
        (AGENT, "", "/agent"),
        (AGENT, f"/handover/{CALL}", f"/handover/{CALL}"),
        (AGENT, "/", "/agent"),
        (SUPERVISOR, "//evil.example", "/"),
        (SUPERVISOR, "https://evil.example", "/"),
        (SUPERVISOR, "/\\evil.example", "/"),
        (SUPERVISOR, "/a\r\nSet-Cookie: x=y", "/"),
    ],
)
def test_a_code_lets_in_to_a_page_of_ours(code: str, wanted: str, place: str) -> None:
    answer = logged_in(code, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, place)


def test_the_cookie_is_for_the_browser_only_and_holds_no_code() -> None:
    cookie = logged_in(SUPERVISOR).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert SUPERVISOR not in cookie
    sealed = cookie.partition("=")[2].partition(";")[0]
    headers = {"Cookie": f'other="; {COOKIE}={sealed}'}
    assert get(busy_office(), "/", code=None, headers={"Cookie": f"{COOKIE}={sealed}"}).status_code == 200
    assert (
        get(busy_office(), "/", code=None, headers={"Cookie": f"{COOKIE}={sealed[:-4]}"}).status_code == 401
    )
    assert get(busy_office(), "/", code=None, headers=headers).status_code in (200, 401)


def test_going_out_takes_the_cookie_away() -> None:
    answer = post(Office(), "/logout", {"sure": ""})
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


def test_wrong_codes_are_slow_and_bounded_and_nobody_else_suffers() -> None:
    office = busy_office()
    app = office.app()

    async def main() -> tuple[list[int], float, int, int]:
        def browser(address: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, client=(address, 1))
            return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=HERE)

        async with browser("10.0.0.1") as wrong, browser("10.0.0.2") as other:
            await wrong.post("/login", data={"code": AGENT})
            began = asyncio.get_running_loop().time()
            statuses = [
                (await wrong.post("/login", data={"code": "x"})).status_code for _ in range(MOST_WRONG + 1)
            ]
            took = asyncio.get_running_loop().time() - began
            inside = (await wrong.get("/agent")).status_code
            return statuses, took, inside, (await other.post("/login", data={"code": AGENT})).status_code

    statuses, took, inside, other = run_virtual(main())
    assert statuses == [403] * MOST_WRONG + [429]
    assert took == pytest.approx(MOST_WRONG * WRONG_TAKES_S)
    assert (inside, other) == (200, 303)


def test_wrong_bearers_are_bounded_too() -> None:
    wrong = [("GET", "/live", None)] * (MOST_WRONG + 1)
    assert [one.status_code for one in ask(Office(), *wrong, code="x")] == [401] * MOST_WRONG + [429]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8080"},
    ],
)
def test_forms_of_other_sites_are_refused(headers: dict[str, str]) -> None:
    office = busy_office()
    cookie = logged_in(SUPERVISOR).headers["set-cookie"].partition(";")[0]
    sent = {**headers, "Cookie": cookie}
    assert post(office, END, {"call_id": CALL}, code=None, headers=sent).status_code == 403
    assert post(office, "/login", {"code": SUPERVISOR}, code=None, headers=headers).status_code == 403
    assert office.commands.orders == []


@pytest.mark.parametrize(
    "headers", [HERE, {"Origin": "http://localhost:8080"}, {"Origin": "https://LOCALHOST:8080"}]
)
def test_forms_of_our_own_pages_are_taken(headers: dict[str, str]) -> None:
    office = busy_office()
    cookie = logged_in(SUPERVISOR).headers["set-cookie"].partition(";")[0]
    sent = {**headers, "Cookie": cookie}
    assert post(office, END, {"call_id": CALL}, code=None, headers=sent).status_code == 200
    assert office.commands.orders == [("end", CALL)]


def test_who_sends_the_code_itself_needs_no_browser() -> None:
    office = busy_office()
    assert post(office, END, {"call_id": CALL}).status_code == 200
    assert post(office, END, {"call_id": CALL}, code="wrong").status_code == 403


def sent(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> httpx.Response:
    async def main() -> httpx.Response:
        transport = httpx.ASGITransport(busy_office().app())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            request = client.build_request(
                method, path, content=body, headers={"Authorization": f"Bearer {SUPERVISOR}"}
            )
            request.headers.update(headers)
            for name in [name for name, value in headers.items() if not value]:
                del request.headers[name]
            return await client.send(request)

    return run_virtual(main())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": FORM, "Content-Length": str(LARGEST_BODY + 1)}, 413),
        ({"Content-Type": FORM, "Content-Length": "9" * 400}, 413),
        ({"Content-Type": FORM, "Content-Length": "-1"}, 413),
        ({"Content-Type": FORM, "Content-Length": "+9"}, 413),
        ({"Content-Type": FORM, "Content-Length": ""}, 413),
        ({"Content-Type": FORM, "Transfer-Encoding": "chunked"}, 413),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "multipart/form-data"}, 415),
        ({"Content-Type": ""}, 415),
    ],
)
def test_only_small_forms_are_taken(headers: dict[str, str], status: int) -> None:
    answer = sent("POST", END, headers, b"call_id=x")
    assert (answer.status_code, answer.headers["connection"]) == (status, "close")


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", b"&".join([b"a=1"] * 11)])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    assert sent("POST", END, {"Content-Type": FORM}, body).status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/live", "/api/calls", "/health", "/commands", "/h/x", "/handover/x"])
def test_everything_else_is_for_reading(method: str, path: str) -> None:
    assert sent(method, path, {}).status_code == 405


@pytest.mark.parametrize("path", ["/commands/call/end", "/login", "/agent/me", "/logout"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_orders_are_posted(method: str, path: str) -> None:
    assert sent(method, path, {}).status_code == 405


def test_nobody_orders_by_a_link() -> None:
    office = busy_office()
    for path in (f"{END}?call_id={CALL}", "/logout", "/commands/agent/pause?agent=anja"):
        assert get(office, path).status_code == 405
    assert office.commands.orders == []


def test_reading_takes_no_body() -> None:
    assert sent("GET", "/", {"Content-Length": "3"}, b"abc").status_code == 413
