"""Orders from the pages reach who carries them out, and the answer is a sentence."""

import re
from dataclasses import replace

import pytest
from web_office import AGENT, CALL, OTHER_CALL, Office, busy_office, get, post

from voicebot.handoff import Agent, Waiting

pytestmark = pytest.mark.unit

WAITS, TALKS = "55555555-2222-4333-8444-555555555555", "66666666-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("order", "carried_out", "told"),
    [
        ("take-over", ("take_over", CALL, "sanne"), "Het gesprek komt naar toestel Sanne."),
        ("listen", ("listen", CALL, "sanne"), "Toestel Sanne gaat over."),
        ("end", ("end", CALL), "Het gesprek wordt beëindigd."),
    ],
)
def test_orders_about_a_call(order: str, carried_out: tuple[str, ...], told: str) -> None:
    office = busy_office()
    answer = post(office, f"/commands/call/{order}", {"call_id": CALL, "phone": "sanne"})
    assert answer.status_code == 200
    assert told in answer.json()["told"]
    assert office.commands.orders == [carried_out]


@pytest.mark.parametrize(
    ("order", "form", "status", "told"),
    [
        ("take-over", {"call_id": CALL}, 409, "Kies eerst bovenaan uw toestel."),
        ("listen", {"call_id": CALL, "phone": "0900123456"}, 409, "Kies eerst bovenaan uw toestel."),
        ("listen", {"call_id": CALL, "phone": "PJSIP/9,t(x)"}, 409, "Kies eerst bovenaan uw toestel."),
        ("end", {"call_id": ""}, 409, "er niet meer"),
        ("end", {"call_id": OTHER_CALL}, 409, "er niet meer"),
        ("end", {"call_id": "33333333-2222-4333-8444-555555555555"}, 409, "er niet meer"),
        ("end", {"call_id": f"{CALL}\r\nAction: Command"}, 409, "er niet meer"),
        ("dial", {"call_id": CALL, "phone": "sanne"}, 404, "bestaat niet"),
    ],
)
def test_orders_that_make_no_sense(order: str, form: dict[str, str], status: int, told: str) -> None:
    office = busy_office()
    answer = post(office, f"/commands/call/{order}", form)
    assert answer.status_code == status
    assert told in answer.json()["told"]
    assert office.commands.orders == []


@pytest.mark.parametrize(
    ("order", "carried_out", "told"),
    [
        ("log-in", "log_in", "Chris is aangemeld"),
        ("pause", "pause", "Chris heeft pauze"),
        ("resume", "resume", "Chris krijgt weer gesprekken"),
        ("log-out", "log_out", "Chris is afgemeld"),
    ],
)
@pytest.mark.parametrize("code", [AGENT, None])
def test_orders_about_an_agent(order: str, carried_out: str, told: str, code: str | None) -> None:
    office = busy_office()
    options = {} if code is None else {"code": code}
    answer = post(office, f"/commands/agent/{order}", {"agent": "chris"}, **options)
    assert told in answer.json()["told"]
    assert office.commands.orders == [(carried_out, "chris")]


@pytest.mark.parametrize("agent", ["", "sanne", "nobody", "PJSIP/1"])
def test_only_agents_are_logged_in(agent: str) -> None:
    office = busy_office()
    assert post(office, "/commands/agent/log-in", {"agent": agent}).status_code == 404
    assert office.commands.orders == []


@pytest.mark.parametrize(
    ("order", "call_id", "status"),
    [
        ("take-over", WAITS, 200),
        ("listen", WAITS, 200),
        ("end", WAITS, 409),
        ("listen", TALKS, 200),
        ("take-over", TALKS, 409),
        ("end", TALKS, 409),
    ],
)
def test_who_left_the_bot_can_still_be_helped_but_not_sent_away(
    order: str, call_id: str, status: int
) -> None:
    office = busy_office()
    assert office.queues
    talking = Agent("Bram", "in gesprek", "bram", TALKS)
    office.queues = (replace(office.queues[0], waiting=(Waiting(WAITS, 1, 9),), agents=(talking,)),)
    form = {"call_id": call_id, "phone": "sanne"}
    assert post(office, f"/commands/call/{order}", form).status_code == status
    assert len(office.commands.orders) == (status == 200)


def test_a_refusal_of_the_exchange_is_told() -> None:
    office = busy_office()
    office.commands.refusal = "De centrale kent toestel Sanne niet."
    answer = post(office, "/commands/call/take-over", {"call_id": CALL, "phone": "sanne"})
    assert answer.status_code == 502
    assert answer.json()["told"] == "Dat is niet gelukt. De centrale kent toestel Sanne niet."


def test_without_who_carries_orders_out_each_is_refused() -> None:
    office = busy_office()
    office.commands = None  # type: ignore[assignment]
    for path in ("/commands/call/end", "/commands/agent/pause"):
        assert post(office, path, {"call_id": CALL, "agent": "anja"}).status_code == 503


def test_agents_who_are_in_no_queue_can_be_logged_in() -> None:
    page = get(busy_office(), "/live").text
    assert 'data-order="agent/log-in" data-agent="chris"' in page
    assert 'data-order="agent/log-in" data-agent="anja"' not in page
    assert 'data-order="agent/pause" data-agent="anja"' in page


def test_buttons_are_there_for_calls_in_progress_only() -> None:
    page = get(busy_office(), "/live").text
    assert f'data-order="call/end" data-call="{CALL}"' in page
    assert f'data-order="call/end" data-call="{OTHER_CALL}"' not in page
    assert f'data-order="call/take-over" data-call="{OTHER_CALL}"' in page  # they wait
    assert 'data-order="call' not in get(Office(), "/live").text


@pytest.mark.parametrize("path", ["/", "/agent", f"/handover/{CALL}", "/login"])
def test_every_id_is_there_once(path: str) -> None:
    page = get(busy_office(), path).text
    ids = re.findall(r'[ "]id="([^"]*)"', page)
    assert len(ids) == len(set(ids)) > 0
    named = {
        id for kind in ("labelledby", "describedby") for id in re.findall(rf'aria-{kind}="([^"]*)"', page)
    }
    assert named | set(re.findall(r' for="([^"]*)"', page)) <= set(ids)
