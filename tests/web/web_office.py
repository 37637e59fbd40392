"""An office to show on the pages: calls, a queue, agents, and who carries the orders out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.fernet import Fernet
from fastapi import FastAPI

from voicebot.clock import run_virtual
from voicebot.errors import ManagerError
from voicebot.events import (
    CallEnded,
    CallStarted,
    Entry,
    IntentRecognised,
    NoteFrustration,
    PromptStarted,
    UtteranceEnded,
)
from voicebot.events import Message as CallMessage
from voicebot.handoff import Agent, ContextPackage, Line, Person, QueueSnapshot, Waiting
from voicebot.records import ServiceStatus
from voicebot.web import (
    Access,
    Board,
    HandedOver,
    HungUpAngry,
    LiveCalls,
    Readiness,
    ToCallBack,
    create_app,
)

SUPERVISOR, AGENT = "aaaa-bbbb-cccc-dddd-eeee", "2222-3333-4444-5555-6666"
CALL = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
OTHER_CALL = "11111111-2222-4333-8444-555555555555"
TOKEN = "a-one-time-token-of-a-call"
HERE = {"Sec-Fetch-Site": "same-origin"}
WORKER = 4711
TOPICS = {"order_status": "de status van een bestelling", "complaint": "een klacht"}
PEOPLE = (
    Person("sanne", "Sanne", is_agent=False),
    Person("anja", "Anja", is_agent=True),
    Person("bram", "Bram", is_agent=True),
    Person("chris", "Chris", is_agent=True),
    Person("PJSIP/dora", "Dora", is_agent=True),
)


def access(now: Callable[[], float] = lambda: 1_000_000.0) -> Access:
    return Access({"supervisor": SUPERVISOR, "agent": AGENT}, Fernet(b"a" * 43 + b"="), now)


def package(call_id: str = CALL) -> ContextPackage:
    return ContextPackage(
        call_id=call_id,
        bot="webshop",
        started_at="2026-11-20T10:15:03+01:00",
        caller="0612345678",
        reason="asked_for_human",
        intent="order_status",
        topic=TOPICS["order_status"],
        queue="klantenservice",
        paragraph="De beller belt over bestelling 12345, en wil weten waarom die te laat komt.",
        identification="identified",
        slots={"order_number": "12345", "postcode": "5611 BJ"},
        tried=("De bot zocht de bestelling op.", "De bot zei dat het pakket onderweg is."),
        mood=((0.0, 0.0), (42.0, 0.3), (70.0, 0.6)),
        evidence=("vroeg om een medewerker",),
        transcript=(
            Line(1, "bot", "Waarmee kan ik u helpen?"),
            Line(2, "beller", "Waar is mijn <b>pakket</b>?"),
        ),
    )


class RecordingCommands:
    """Remembers each order; refuses them all once `refusal` is set."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, ...]] = []
        self.refusal = ""

    def __getattr__(self, order: str) -> Any:
        async def take(*details: str) -> None:
            if self.refusal:
                raise ManagerError(self.refusal)
            self.orders.append((order, *details))

        return take


class MemoryDesk:
    """Packages and verdicts, for as long as it lives."""

    def __init__(self, *packages: ContextPackage) -> None:
        self.packages = {one.call_id: one for one in packages}
        self.links = {TOKEN: CALL}
        self.used: dict[str, str] = {}
        self.verdicts: dict[str, tuple[str, str]] = {}

    async def claim(self, token: str) -> str | None:
        self.used |= {token: self.links[token]} if token in self.links else {}
        return self.links.pop(token, None)

    async def find(self, token: str) -> str | None:
        return self.links.get(token) or self.used.get(token)

    async def package(self, call_id: str) -> ContextPackage | None:
        return self.packages.get(call_id)

    async def mark(self, call_id: str, right_intent: str, by: str) -> None:
        self.verdicts[call_id] = right_intent, by

    async def unmark(self, call_id: str) -> None:
        self.verdicts.pop(call_id, None)

    async def marked(self, call_id: str) -> str | None:
        return self.verdicts.get(call_id, (None,))[0]


@dataclass
class Office:
    """All that the pages tell and order."""

    live: LiveCalls = field(default_factory=LiveCalls)
    queues: tuple[QueueSnapshot, ...] | None = ()
    problems: tuple[str, ...] = ()
    board: Board | None = None
    desk: MemoryDesk = field(default_factory=lambda: MemoryDesk(package()))
    commands: RecordingCommands = field(default_factory=RecordingCommands)
    people: tuple[Person, ...] = PEOPLE
    find: Any = None
    access: Access = field(default_factory=access)

    def app(self) -> FastAPI:
        return create_app(
            self.live,
            lambda: self.queues,
            lambda: Readiness("ons-model", self.problems, ServiceStatus((WORKER,), ready=1)),
            access=self.access,
            find=self.find,
            board=lambda: self.board,
            desk=self.desk,
            people=lambda: self.people,
            commands=self.commands,
        )

    def tell(self, call_id: str, *messages: CallMessage) -> None:
        for seq, message in enumerate(messages):
            self.live.apply(Entry(call_id, seq, seq, message), WORKER)


def busy_office() -> Office:
    """An office in the middle of the day, with somebody in every place."""
    office = Office()
    office.tell(
        CALL,
        CallStarted(CALL, "webshop", "b1", "0.1", "2026-11-20T10:15:03+01:00", topics=TOPICS),
        PromptStarted(1, "opening", "Waarmee kan ik u helpen?"),
        UtteranceEnded("waar is mijn pakket", 0, 1),
        IntentRecognised("order_status", 0.9),
        NoteFrustration(0.3, ("zei hetzelfde nog eens",)),
    )
    office.tell(
        OTHER_CALL,
        CallStarted(OTHER_CALL, "webshop", "b1", "0.1", "2026-11-20T10:12:00+01:00", topics=TOPICS),
        UtteranceEnded("ik wil een klacht indienen", 0, 1),
        IntentRecognised("complaint", 0.9),
        NoteFrustration(0.6, ("schold", "vroeg twee keer om een medewerker")),
        CallEnded("transferred", "frustrated"),
    )
    office.queues = (
        QueueSnapshot(
            "klantenservice",
            "Klantenservice",
            (Waiting(OTHER_CALL, 1, 75, 10, "frustrated"), Waiting("", 2, 8)),
            75,
            (
                Agent("Anja", "vrij", "anja", "", 130),
                Agent("Bram", "in gesprek", "bram", CALL, 42),
            ),
        ),
    )
    office.board = Board(
        (
            HandedOver(OTHER_CALL, "2026-11-20T10:13:00+01:00", "een klacht", "frustrated", ("schold",), 0.6),
            HandedOver(
                CALL,
                "2026-11-20T09:41:00+01:00",
                "de status van een bestelling",
                "asked_for_human",
                ("vroeg om een medewerker",),
                0.1,
                "answered",
                24,
                "Anja",
            ),
        ),
        (
            HungUpAngry(
                "22222222-2222-4333-8444-555555555555",
                "2026-11-20T08:30:00+01:00",
                "een klacht",
                True,
                ("schold",),
            ),
        ),
        (
            ToCallBack(
                1,
                "2026-11-20T09:00:00+01:00",
                "de status van een bestelling",
                "open",
                1,
                "2026-11-20T10:30:00+01:00",
            ),
            ToCallBack(2, "2026-11-20T08:00:00+01:00", "een klacht", "failed", 3),
        ),
        1,
        2,
    )
    return office


def ask(
    office: Office,
    *requests: tuple[str, str, dict[str, str] | None],
    code: str | None = SUPERVISOR,
    headers: dict[str, str] | None = None,
    host: str = "localhost:8080",
) -> list[httpx.Response]:
    """The answers to requests (method, path, form) of one browser or script; without `code` as a stranger."""
    sent = {"Host": host, **(headers or {})}
    if code is not None:
        sent["Authorization"] = f"Bearer {code}"

    async def main() -> list[httpx.Response]:
        transport = httpx.ASGITransport(office.app())
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host or 'localhost'}") as client:
            return [
                await client.request(method, path, data=form, headers=sent) for method, path, form in requests
            ]

    return run_virtual(main())


def get(office: Office, path: str, **options: Any) -> httpx.Response:
    return ask(office, ("GET", path, None), **options)[0]


def post(office: Office, path: str, form: dict[str, str], **options: Any) -> httpx.Response:
    return ask(office, ("POST", path, form), **options)[0]
