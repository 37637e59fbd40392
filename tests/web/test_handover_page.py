"""What agents see of the call that comes to them, and who gets to see it."""

import re
from dataclasses import replace

import httpx
import pytest
from web_office import (
    AGENT,
    CALL,
    HERE,
    OTHER_CALL,
    SUPERVISOR,
    TOKEN,
    Office,
    busy_office,
    get,
    package,
    post,
)

from voicebot.clock import run_virtual
from voicebot.errors import RecordsError
from voicebot.handoff import Agent, QueueSnapshot

pytestmark = pytest.mark.unit


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def browsers(office: Office, *visits: tuple[str, str]) -> list[httpx.Response]:
    """Answers to visits (browser, path); each browser keeps its own cookies and follows redirects."""
    app = office.app()

    async def main() -> list[httpx.Response]:
        known: dict[str, httpx.AsyncClient] = {}
        answers = []
        for name, path in visits:
            client = known.setdefault(
                name,
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app), base_url="http://localhost", follow_redirects=True
                ),
            )
            answers.append(await client.get(path))
        for client in known.values():
            await client.aclose()
        return answers

    return run_virtual(main())


def test_a_link_opens_one_call_once() -> None:
    first, again, elsewhere, other = browsers(
        busy_office(),
        ("hers", f"/h/{TOKEN}"),
        ("hers", f"/h/{TOKEN}"),
        ("his", f"/h/{TOKEN}"),
        ("hers", f"/handover/{OTHER_CALL}"),
    )
    assert first.status_code == again.status_code == 200
    assert first.url.path == again.url.path == f"/handover/{CALL}"
    assert elsewhere.status_code == 410
    assert "Deze is al gebruikt" in words(elsewhere.text)
    assert "12345" not in elsewhere.text
    assert other.status_code == 401


def test_the_link_lets_nobody_into_the_rest() -> None:
    office = busy_office()
    answers = browsers(
        office, ("hers", f"/h/{TOKEN}"), ("hers", "/"), ("hers", "/agent"), ("hers", f"/handover/{CALL}/part")
    )
    assert [one.status_code for one in answers] == [200, 401, 401, 200]


@pytest.mark.parametrize(
    "token", ["x", "a" * 500, "a-one-time-token-of-a-calm", "%00" * 20, "'; drop table--xxxxx"]
)
def test_other_links_open_nothing(token: str) -> None:
    office = busy_office()
    assert get(office, f"/h/{token}", code=None).status_code == 410
    assert office.desk.links == {TOKEN: CALL}


def test_looking_whether_a_link_is_there_does_not_use_it() -> None:
    office = busy_office()

    async def main() -> int:
        transport = httpx.ASGITransport(office.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.head(f"/h/{TOKEN}")).status_code

    assert run_virtual(main()) == 405
    assert office.desk.links == {TOKEN: CALL}


@pytest.mark.parametrize("code", [SUPERVISOR, AGENT])
def test_the_page_tells_all_that_the_agent_needs(code: str) -> None:
    answer = get(busy_office(), f"/handover/{CALL}", code=code)
    told = words(answer.text)
    for text in (
        "De beller vroeg om een medewerker. De beller belt over bestelling 12345",
        "Gecontroleerd: de gegevens kloppen.",
        "Belt met 0612345678",
        "Bestelnummer 12345",
        "Postcode 5611 BJ",
        "De bot zocht de bestelling op. De bot zei dat het pakket onderweg is.",
        "De beller begon rustig, en werd na 0:42 gespannen, na 1:10 ontevreden.",
        "Beller Waar is mijn &lt;b&gt;pakket&lt;/b&gt;?",
        "Een klacht Iets anders",
    ):
        assert text in told
    assert answer.headers["cache-control"] == "no-store"


def test_a_package_with_little_in_it() -> None:
    office = busy_office()
    office.desk.packages[CALL] = replace(
        package(), caller="", slots={}, tried=(), mood=(), transcript=(), identification="not_asked"
    )
    told = words(get(office, f"/handover/{CALL}").text)
    assert "De bot heeft niet gecontroleerd wie dit is. Nog niets." in told
    assert "De beller bleef rustig." in told


def test_without_a_package_the_transcript_is_there() -> None:
    answer = get(busy_office(), f"/handover/{OTHER_CALL}")
    assert answer.status_code == 200
    assert "geen gegevens van de beller" in words(answer.text)
    assert "ik wil een klacht indienen" in answer.text


def test_a_call_that_is_not_there() -> None:
    answer = get(busy_office(), "/handover/33333333-2222-4333-8444-555555555555")
    assert answer.status_code == 404
    assert "Dit gesprek is niet te vinden." in words(answer.text)


def test_feedback_is_noted_with_who_said_it_and_can_be_undone() -> None:
    office, place = busy_office(), f"/handover/{CALL}/feedback"
    answer = post(
        office, place, {"intent": "complaint"}, code=AGENT, headers={"Cookie": "voicebot-agent=bram"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/handover/{CALL}")
    assert office.desk.verdicts == {CALL: ("complaint", "bram")}
    assert "De beller belde over een klacht." in words(get(office, f"/handover/{CALL}").text)
    post(office, place, {"intent": "-"}, code=SUPERVISOR)
    assert office.desk.verdicts == {CALL: ("", "supervisor")}
    assert "De beller belde over iets anders." in words(get(office, f"/handover/{CALL}").text)
    post(office, place, {"intent": ""}, code=AGENT)
    assert office.desk.verdicts == {}
    assert "De bot had het mis" in words(get(office, f"/handover/{CALL}").text)


def test_feedback_names_a_topic_of_the_bot() -> None:
    office = busy_office()
    assert post(office, f"/handover/{CALL}/feedback", {"intent": "<b>"}).status_code == 400
    assert office.desk.verdicts == {}


def test_records_that_cannot_be_read_are_told() -> None:
    office = busy_office()

    async def broken(call_id: str) -> None:
        raise RecordsError("locked")

    office.desk.package = broken  # type: ignore[method-assign]
    answer = get(office, f"/handover/{CALL}")
    assert answer.status_code == 503
    assert "niet te lezen" in answer.text
    assert "locked" not in answer.text


def agents_page(office: Office, key: str, path: str = "/agent/live") -> str:
    return get(office, path, code=AGENT, headers={"Cookie": f"voicebot-agent={key}"}).text


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("anja", "Vrij 2:10 2 bellers wachten op een medewerker. Pauze Afmelden U hebt nu geen gesprek"),
        (
            "bram",
            "In gesprek 0:42 2 bellers wachten op een medewerker. Pauze Afmelden U hebt nu dit gesprek:",
        ),
        ("chris", "Niet aangemeld 2 bellers wachten op een medewerker. Aanmelden"),
        ("sanne", "Kies hierboven wie u bent."),
        ("PJSIP%2Fdora", "Niet aangemeld"),
        ("%22%3E%3Cb%3E", "Kies hierboven wie u bent."),
    ],
)
def test_an_agent_sees_how_they_are(key: str, told: str) -> None:
    assert told in words(agents_page(busy_office(), key))


def test_an_agent_in_two_queues_sees_the_call_they_have() -> None:
    office = busy_office()
    free, talking = Agent("Anja", "pauze", "anja"), Agent("Anja", "in gesprek", "anja", CALL)
    office.queues = (QueueSnapshot("a", "A", (), 0, (free,)), QueueSnapshot("b", "B", (), 0, (talking,)))
    assert f'data-call="{CALL}"' in agents_page(office, "anja")
    office.queues = office.queues[:1]
    assert "Hervatten" in agents_page(office, "anja")


def test_who_an_agent_is_stays_known() -> None:
    office = busy_office()
    answer = post(office, "/agent/me", {"agent": "anja"}, code=AGENT)
    assert "voicebot-agent=anja;" in answer.headers["set-cookie"]
    assert '<option value="anja" selected>' in agents_page(office, "anja", "/agent")
    gone = post(office, "/agent/me", {"agent": "sanne"}, code=AGENT, headers=HERE)
    assert 'voicebot-agent="";' in gone.headers["set-cookie"]
