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
    state = QueueState()
    for event, fields in items:
        state.apply(event, fields)
    return state


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
            (Agent("Anja", "vrij"), Agent("Bram", "in gesprek")),
        ),
    )


def test_a_new_list_replaces_the_old_one() -> None:
    assert state_after(*STATUS, STATUS[0], STATUS[1]).snapshot() == (
        QueueSnapshot("klantenservice", "Klantenservice", (), 0, (Agent("Anja", "vrij"),)),
    )


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
    waiting = (Waiting("", 1, 8), Waiting("", 2, 0))
    assert state.snapshot() == (
        QueueSnapshot("klantenservice", "Klantenservice", waiting, 8, (Agent("Anja", "pauze"),)),
    )


def test_queues_are_kept_apart() -> None:
    state = state_after(*STATUS, ("QueueParams", {"Queue": "verkoop"}))
    assert [(queue.name, queue.len) for queue in state.snapshot()] == [
        ("klantenservice", 2),
        ("verkoop", 0),
    ]


@pytest.mark.parametrize(
    ("status", "paused", "told"),
    [
        ("1", "0", "vrij"),
        ("2", "0", "in gesprek"),
        ("5", "0", "niet bereikbaar"),
        ("6", "0", "wordt gebeld"),
        ("1", "1", "pauze"),
        ("?", "0", "niet bereikbaar"),
    ],
)
def test_states_are_told_in_dutch(status: str, paused: str, told: str) -> None:
    assert state_after(member(status, paused)).snapshot()[0].agents == (Agent("Anja", told),)
