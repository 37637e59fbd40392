import pytest

from voicebot.handoff import Agent, QueueSnapshot, QueueState, Waiting

pytestmark = pytest.mark.unit

Items = list[tuple[str, dict[str, str]]]

STATUS: Items = [
    ("QueueParams", {"Queue": "klantenservice", "Calls": "2", "Holdtime": "12"}),
    (
        "QueueMember",
        {"Queue": "klantenservice", "Name": "Anja", "Location": "PJSIP/201", "Status": "1", "Paused": "0"},
    ),
    (
        "QueueMember",
        {"Queue": "klantenservice", "Name": "Bram", "Location": "PJSIP/202", "Status": "2", "Paused": "0"},
    ),
    ("QueueEntry", {"Queue": "klantenservice", "Position": "1", "Uniqueid": "1.1", "Wait": "75"}),
    ("QueueEntry", {"Queue": "klantenservice", "Position": "2", "Uniqueid": "1.2", "Wait": "8"}),
]


def state_after(*items: tuple[str, dict[str, str]]) -> QueueState:
    state = QueueState(lambda: 1000.0)
    for event, fields in items:
        state.apply(event, fields)
    return state


def told(state: QueueState) -> list[tuple[str, list[int], list[tuple[str, str]]]]:
    """Each queue, how long its callers wait in order, and its agents."""
    return [
        (queue.name, [one.wait_s for one in queue.waiting], [(one.name, one.status) for one in queue.agents])
        for queue in state.snapshot()
    ]


def member(status: str, paused: str = "0") -> tuple[str, dict[str, str]]:
    fields = {
        "Queue": "q",
        "MemberName": "Anja",
        "Interface": "PJSIP/201",
        "Status": status,
        "Paused": paused,
    }
    return "QueueMemberStatus", fields


def test_a_status_list_tells_everything() -> None:
    assert state_after(*STATUS).snapshot() == (
        QueueSnapshot(
            "klantenservice",
            "Klantenservice",
            (Waiting("", 1, 75), Waiting("", 2, 8)),
            75,
            (Agent("Anja", "vrij", "PJSIP/201"), Agent("Bram", "in gesprek", "PJSIP/202")),
        ),
    )


def test_a_new_list_replaces_the_old_one() -> None:
    assert told(state_after(*STATUS, STATUS[0], STATUS[1])) == [("klantenservice", [], [("Anja", "vrij")])]


def test_events_keep_it_up_to_date() -> None:
    queue = {"Queue": "klantenservice"}
    state = state_after(
        *STATUS,
        ("QueueCallerJoin", queue | {"Uniqueid": "1.3"}),
        ("QueueCallerLeave", queue | {"Uniqueid": "1.1"}),
        ("QueueMemberRemoved", queue | {"Interface": "PJSIP/202"}),
        ("QueueMemberPause", queue | {"Interface": "PJSIP/201", "MemberName": "Anja", "Paused": "1"}),
        ("Hangup", {"Uniqueid": "1.2"}),
    )
    assert told(state) == [("klantenservice", [8, 0], [("Anja", "pauze")])]


def test_queues_are_kept_apart() -> None:
    state = state_after(*STATUS, ("QueueParams", {"Queue": "verkoop_rustig"}))
    assert [(queue.label, len(queue.waiting)) for queue in state.snapshot()] == [
        ("Klantenservice", 2),
        ("Verkoop rustig", 0),
    ]


@pytest.mark.parametrize(
    ("status", "paused", "expected"),
    [
        ("1", "0", "vrij"),
        ("2", "0", "in gesprek"),
        ("5", "0", "niet bereikbaar"),
        ("6", "0", "wordt gebeld"),
        ("1", "1", "pauze"),
        ("?", "0", "niet bereikbaar"),
    ],
)
def test_states_are_told_in_dutch(status: str, paused: str, expected: str) -> None:
    assert told(state_after(member(status, paused))) == [("q", [], [("Anja", expected)])]


IN_QUEUE = (
    "UserEvent",
    {"UserEvent": "VoicebotQueue", "CallUUID": "c1", "Uniqueid": "1.1", "Reason": "risk", "Priority": "20"},
)
JOINED = ("QueueCallerJoin", {"Queue": "klantenservice", "Uniqueid": "1.1", "Channel": "PJSIP/caller-1"})


def test_who_waits_is_known_by_call_with_reason_and_priority() -> None:
    (queue,) = state_after(*STATUS, IN_QUEUE, JOINED).snapshot()
    first = queue.waiting[0]
    assert (first.call_id, first.reason, first.priority, first.position) == ("c1", "risk", 20, 1)
    assert [one.wait_s for one in queue.waiting] == [0, 8]  # 1.1 joined anew


def test_an_agent_has_the_call_that_was_connected_until_it_is_over() -> None:
    connected = {"Queue": "klantenservice", "Uniqueid": "1.1", "Interface": "PJSIP/201"}
    state = state_after(*STATUS, IN_QUEUE, ("AgentConnect", connected))
    assert [one.call_id for one in state.snapshot()[0].agents] == ["c1", ""]
    state.apply("AgentComplete", connected)
    assert [one.call_id for one in state.snapshot()[0].agents] == ["", ""]


def channel(unique: str, name: str, state: str = "Up") -> tuple[str, dict[str, str]]:
    variables = "VB_CALL=c1\nVB_REASON=risk\nQUEUE_PRIO=20"
    return "Status", {"Uniqueid": unique, "Channel": name, "Variable": variables, "ChannelStateDesc": state}


@pytest.mark.parametrize("first", [0, 1])
def test_after_the_link_was_away_the_channels_tell_who_is_with_whom(first: int) -> None:
    channels = [channel("1.9", "PJSIP/caller-0001"), channel("1.10", "PJSIP/201-0002")]
    state = state_after(*STATUS, IN_QUEUE)
    state.lose()
    for event, fields in (channels[first], channels[1 - first]):
        state.apply(event, fields)
    assert [one.call_id for one in state.snapshot()[0].agents] == ["c1", ""]


def test_an_agent_whose_telephone_only_rings_has_no_call() -> None:
    state = state_after(*STATUS)
    state.apply(*channel("1.10", "PJSIP/201-0002", "Ringing"))
    assert [one.call_id for one in state.snapshot()[0].agents] == ["", ""]


def test_a_waiting_caller_is_known_again_after_the_link_was_away() -> None:
    state = state_after(*STATUS)
    state.apply(*channel("1.2", "PJSIP/caller-0001"))
    assert [(one.call_id, one.priority) for one in state.snapshot()[0].waiting] == [("c1", 20), ("", 0)]


def test_a_status_lasts_from_when_it_was_seen_to_change() -> None:
    now = 100.0
    state = QueueState(lambda: now)
    for event, fields in STATUS:
        state.apply(event, fields)
    assert {one.since_s for one in state.snapshot()[0].agents} == {None}
    busy = {"Queue": "klantenservice", "MemberName": "Anja", "Interface": "PJSIP/201", "Status": "2"}
    state.apply("QueueMemberStatus", busy)
    now = 145.0
    assert [(one.status, one.since_s) for one in state.snapshot()[0].agents] == [
        ("in gesprek", 45),
        ("in gesprek", None),
    ]
