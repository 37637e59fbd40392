import asyncio
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

import httpx
import pytest
from web_office import SUPERVISOR, access

from voicebot.clock import run_virtual
from voicebot.errors import RecordsError
from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    KeysEntered,
    Message,
    NoteFrustration,
    PromptStarted,
    UtteranceEnded,
)
from voicebot.handoff import Agent, QueueSnapshot, Waiting
from voicebot.records import ServiceStatus
from voicebot.web import CallFinder, LiveCalls, Readiness, create_app

pytestmark = pytest.mark.unit

WORKER = 4711
SERVICE = ServiceStatus((WORKER, 4712), ready=1, draining=1, answered=120, refused=3, restarts=2)

TOPICS = {
    "order_status": "de status van een bestelling",
    "opening_hours": "de openingstijden",
    "complaint": "een klacht",
}

QUEUE = QueueSnapshot(
    "klantenservice",
    "Klantenservice",
    (Waiting("c0", 1, 75, 10, "frustrated"), Waiting("", 2, 8)),
    75,
    (Agent("Anja", "vrij", "anja", "", 130), Agent("Bram", "in gesprek")),
)


def live_calls() -> LiveCalls:
    live = LiveCalls()
    messages = [
        CallStarted("c1", "webshop", "b1", "0.1", "2026-11-20T10:15:03+01:00", topics=TOPICS),
        PromptStarted(1, "opening", "Waarmee kan ik u helpen?"),
        UtteranceEnded("waar is <img src=x> pakket", 0, 1),
        IntentRecognised("order_status", 0.9),
    ]
    for seq, message in enumerate(messages):
        live.apply(Entry("c1", seq, seq, message), WORKER)
    return live


def get(
    path: str,
    *,
    live: LiveCalls | None = None,
    queues: tuple[QueueSnapshot, ...] | None = (QUEUE,),
    problems: tuple[str, ...] = (),
    host: str = "localhost:8080",
    find: CallFinder | None = None,
) -> httpx.Response:
    app = create_app(
        live or live_calls(),
        lambda: queues,
        lambda: Readiness("ons-model", problems, SERVICE),
        access=access(),
        find=find and find.find,
    )

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, headers={"Host": host, "Authorization": f"Bearer {SUPERVISOR}"})

    return run_virtual(ask())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_page_tells_what_goes_on() -> None:
    answer = get("/")
    told = words(answer.text)
    assert answer.status_code == 200
    for text in (
        "1 gesprek met de bot, 2 wachtenden voor een medewerker",
        "De status van een bestelling Bezig",
        "Begonnen om 10:15:03",
        "Bot Waarmee kan ik u helpen?",
        "Wachtenden 2 Langste wachttijd 1:15",
        "Plaats 1 voorrang De beller is ontevreden.",
        "Anja vrij 2:10",
        "Bram in gesprek",
        "1 proces neemt gesprekken aan, 1 maakt alleen lopende gesprekken af.",
        "120 gesprekken aangenomen, 3 direct naar een medewerker, 2 keer een proces opnieuw gestart.",
        "Spraakmodel: ons-model",
    ):
        assert text in told


def test_who_leaves_a_number_is_in_view_as_such() -> None:
    live = LiveCalls()
    started = CallStarted("c2", "webshop", "b1", "0.1", "2026-11-20T10:15:03+01:00", purpose="callback")
    live.apply(Entry("c2", 0, 0, started), WORKER)
    live.apply(Entry("c2", 1, 1, KeysEntered({}, "yes")), WORKER)
    live.apply(Entry("c2", 2, 2, CallEnded("callback")), WORKER)
    told = words(get("/live", live=live).text)
    assert "Beller (ja ingetoetst)" in told
    assert "Een terugbelverzoek Afgelopen" in told
    assert "Wordt teruggebeld." in told


def test_what_callers_say_is_never_markup() -> None:
    assert "waar is &lt;img src=x&gt; pakket" in get("/live").text


def test_an_ended_call_tells_how_it_ended() -> None:
    live = live_calls()
    live.apply(Entry("c1", 9, 9, CallEnded("transferred", "asked_for_human")), WORKER)
    told = words(get("/live", live=live).text)
    assert "0 gesprekken met de bot" in told
    assert "Doorverbonden. De beller vroeg om een medewerker." in told


def test_the_mood_of_a_caller_is_in_view_and_why_once_it_matters() -> None:
    live = live_calls()
    live.apply(Entry("c1", 9, 9, NoteFrustration(0.05, ("viel de bot in de rede",))), WORKER)
    assert "Stemming: rustig" in words(get("/live", live=live).text)
    assert "viel de bot" not in get("/live", live=live).text
    live.apply(Entry("c1", 10, 10, NoteFrustration(0.5, ("schold", "werd niet begrepen"))), WORKER)
    told = words(get("/live", live=live).text)
    assert "Stemming: ontevreden 50 % De beller schold, werd niet begrepen." in told


def test_without_calls_or_exchange_the_page_says_so() -> None:
    told = words(get("/", live=LiveCalls(), queues=None, problems=("Geen verbinding",)).text)
    assert "Er belt nu niemand." in told
    assert "Wachtrij: geen verbinding met de telefooncentrale." in told
    assert "wachtenden" not in told


def test_the_fragment_is_the_live_part_of_the_page() -> None:
    assert (
        get("/live").text.split()
        == get("/").text.split('<main id="live" data-from="/live">')[1].split("</main>")[0].split()
    )


def test_the_api_gives_the_same_as_json() -> None:
    call = get("/api/calls").json()["calls"][0]
    assert (call["call_id"], call["intent"], call["lines"][0]["speaker"]) == ("c1", "order_status", "bot")
    told = get("/api/queue").json()
    assert told["connected"]
    (queue,) = told["queues"]
    assert [one["wait_s"] for one in queue["waiting"]] == [75, 8]
    assert [(agent["name"], agent["since_s"]) for agent in queue["agents"]] == [("Anja", 130), ("Bram", None)]
    assert get("/api/queue", queues=None).json() == {"connected": False, "queues": []}


def test_health_and_readiness() -> None:
    assert get("/health").json() == {"alive": True}
    assert get("/ready").status_code == 200
    answer = get("/ready", problems=("Geen verbinding",))
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "problems": ["Geen verbinding"],
        "model": "ons-model",
        "workers": {"ready": 1, "draining": 1},
    }


def test_the_processes_tell_how_they_are() -> None:
    told = get("/api/status").json()
    assert (told["workers"], told["ready"], told["refused"], told["kills"]) == ([WORKER, 4712], 1, 3, {})


@pytest.mark.parametrize("path", ["/", "/live", "/api/calls", "/static/live.js", "/nothing"])
def test_every_answer_carries_the_security_headers(path: str) -> None:
    headers = get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "192.168.1.5", "[::1]:8080"]
)
def test_known_names_and_addresses_are_served(host: str) -> None:
    assert get("/api/calls", host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1"]
)
def test_strange_names_are_refused(host: str) -> None:
    answer = get("/api/calls", host=host)
    assert answer.status_code == 400
    assert "c1" not in answer.text


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/static/../app.py", "/static/%2e%2e/app.py"]
)
def test_nothing_else_is_served(path: str) -> None:
    assert get(path).status_code == 404


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_needs_nothing_from_elsewhere_and_no_inline_code() -> None:
    for tag, attributes in Page(get("/").text).tags:
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style", (tag, name)
            if name in ("src", "href"):
                assert value and value.startswith(("/static/", "#"))
                assert value.startswith("#") or get(value).status_code == 200


def test_labels_and_ids_hold_together() -> None:
    tags = Page(get("/").text).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {
        attributes["aria-labelledby"] for _, attributes in tags if "aria-labelledby" in attributes
    } <= set(ids)
    assert [tag for tag, _ in tags if tag in ("header", "main", "footer")] == ["header", "main", "footer"]


def test_two_pages_at_once_get_whole_answers() -> None:
    app = create_app(live_calls(), lambda: (QUEUE,), lambda: Readiness(""), access=access())

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            headers = {"Authorization": f"Bearer {SUPERVISOR}"}
            return list(await asyncio.gather(*(client.get("/live", headers=headers) for _ in range(5))))

    assert len({answer.text for answer in run_virtual(ask())}) == 1


CALL = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def finder(stored: Sequence[Message], live: LiveCalls | None = None) -> CallFinder:
    entries = [Entry(CALL, seq, seq, message) for seq, message in enumerate(stored)]

    async def run(work: Callable[[], Sequence[Entry]]) -> Sequence[Entry]:
        return work()

    return CallFinder(live or LiveCalls(), lambda call_id: entries if call_id == CALL else [], run)


def page_of(call_id: str, find: CallFinder, path: str = "/calls/") -> httpx.Response:
    return get(f"{path}{call_id}", find=find)


STARTED = CallStarted(CALL, "webshop", "b1", "0.1", "2026-11-20T10:15:03+01:00", topics=TOPICS)


def test_an_agent_finds_a_call_by_the_id_on_the_telephone() -> None:
    said = UtteranceEnded("waar is mijn pakket", 0, 1)
    stored = [STARTED, said, CallEnded("transferred", "asked_for_human")]
    page = page_of(CALL, finder(stored))
    assert page.status_code == 200
    assert "waar is mijn pakket" in page.text
    assert "De beller vroeg om een medewerker." in page.text
    told = page_of(CALL, finder(stored), "/api/calls/").json()["call"]
    assert (told["call_id"], told["outcome"]) == (CALL, "transferred")


def test_a_call_whose_worker_died_is_found_and_says_so() -> None:
    assert "De bot viel uit" in page_of(CALL, finder([STARTED])).text


def test_a_call_in_view_needs_no_event_log() -> None:
    live = LiveCalls()
    live.apply(Entry(CALL, 1, 0, STARTED), WORKER)
    assert ">Bezig<" in page_of(CALL, finder([], live)).text


def test_a_call_whose_start_the_page_missed_comes_from_the_log() -> None:
    live = LiveCalls()
    live.apply(Entry(CALL, 2, 0, UtteranceEnded("hallo", 0, 1)), WORKER)
    page = page_of(CALL, finder([STARTED, UtteranceEnded("goedemorgen", 0, 1)], live))
    assert "goedemorgen" in page.text
    assert ">Bezig<" in page.text


@pytest.mark.parametrize("path", ["/calls/", "/api/calls/"])
def test_an_unknown_call_is_not_found(path: str) -> None:
    assert page_of("11111111-2222-4333-8444-555555555555", finder([]), path).status_code == 404
    assert page_of("c1", finder([]), path).status_code == 422


def test_a_log_that_cannot_be_read_is_no_crash() -> None:
    async def run(work: Callable[[], Sequence[Entry]]) -> Sequence[Entry]:
        raise RecordsError("locked")

    assert page_of(CALL, CallFinder(LiveCalls(), lambda call_id: [], run)).status_code == 404
