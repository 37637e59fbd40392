"""What the supervisor's page tells of the last 24 hours, and at a glance."""

import re
from dataclasses import replace
from typing import Any

import pytest
from web_office import Office, get

from voicebot.events import NoteFrustration, PromptStarted
from voicebot.handoff import Agent, QueueSnapshot, Waiting
from voicebot.web import Board, HandedOver, HungUpAngry, ToCallBack

pytestmark = pytest.mark.unit

QUEUE = QueueSnapshot(
    "klantenservice",
    "Klantenservice",
    (Waiting("c0", 1, 75, 10, "frustrated"), Waiting("", 2, 8)),
    75,
    (Agent("Anja", "vrij", "anja", "", 130), Agent("Bram", "in gesprek")),
)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def told_of(board: Board | None, queues: tuple[QueueSnapshot, ...] = (QUEUE,)) -> str:
    """The words of the page."""
    office = Office(queues=queues, board=board)
    office.tell("c1", PromptStarted(1, "opening", "Waarmee kan ik u helpen?"))
    return words(get(office, "/live").text)


WANTED = ToCallBack(1, "2026-11-20T09:00:00+01:00", "een klacht", "open")


@pytest.mark.parametrize(("count", "told"), [(0, "0 bellers"), (1, "1 beller"), (12, "12 bellers")])
def test_the_page_tells_how_many_are_to_be_called_back(count: int, told: str) -> None:
    board = Board(callbacks=tuple(replace(WANTED, id=number) for number in range(count)))
    assert f"Nog terug te bellen: {told}." in told_of(board)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "Een klacht Zodra er een medewerker vrij is."),
        ({"tries": 2, "next_try": "2026-11-20T10:30:00+01:00"}, "2 keer gebeld. Volgende keer om 10:30."),
        ({"status": "calling"}, "Wordt nu gebeld."),
        ({"status": "failed", "tries": 3}, "niet bereikt 3 keer gebeld."),
    ],
)
def test_each_call_back_tells_how_it_stands(change: dict[str, Any], told: str) -> None:
    assert told in told_of(Board(callbacks=(replace(WANTED, **change),)))


def test_what_is_not_known_of_the_day_is_not_told() -> None:
    told = told_of(None)
    assert "terug te bellen" not in told
    assert "Vandaag" not in told
    assert "boos" not in told


ASKED = HandedOver(
    "c7", "2026-11-20T09:41:00+01:00", "een klacht", "asked_for_human", ("werd twee keer niet begrepen",)
)


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (("answered", 24, "Anja"), "Gesproken na 0:24 met Anja."),
        (("answered", None, ""), "Gesproken."),
        (("abandoned", 70, ""), "Opgehangen na 1:10 wachten."),
        (("abandoned", None, ""), "Opgehangen tijdens het wachten."),
        (("fallback", 30, ""), "Geen medewerker gekregen na 0:30."),
        (("", None, ""), "Nog niet opgenomen."),
    ],
)
def test_each_hand_over_tells_why_and_how_it_ended(ending: tuple[str, int | None, str], told: str) -> None:
    one = replace(ASKED, ending=ending[0], waited_s=ending[1], agent=ending[2])
    shown = told_of(Board((one,)))
    why = "De beller vroeg om een medewerker. De beller werd twee keer niet begrepen."
    assert f"09:41 Een klacht {why} {told}" in shown
    assert f"Waarom doorverbonden? 09:41 {why}" in shown


def test_evidence_that_says_the_same_as_the_reason_is_told_once() -> None:
    one = replace(ASKED, evidence=("vroeg om een medewerker",))
    assert "medewerker. De beller vroeg om" not in told_of(Board((one,)))


def test_five_questions_are_answered_at_a_glance() -> None:
    angry = HungUpAngry("c8", "2026-11-20T08:30:00+01:00", "een klacht", in_queue=True, evidence=("schold",))
    told = told_of(Board((ASKED,), (angry,)))
    for answer in (
        "Wie wacht het langst? 1:15 Klantenservice, plaats 1.",
        "Waarom doorverbonden? 09:41 De beller vroeg om een medewerker.",
        "Bot Waarmee kan ik u helpen?",
        "Wie is vrij? 1 van 2 Anja",
        "Hing er iemand boos op? 1 beller Laatste om 08:30, over een klacht.",
        "08:30 Een klacht in de wachtrij De beller schold.",
    ):
        assert answer in told
    quiet = told_of(Board(), queues=(replace(QUEUE, waiting=(), agents=()),))
    for answer in (
        "Wie wacht het langst? Niemand",
        "Wie is vrij? 0 van 0 Er is niemand aangemeld.",
        "Waarom doorverbonden? Niemand",
        "Hing er iemand boos op? Nee",
    ):
        assert answer in quiet


def test_webhooks_that_wait_or_failed_are_told() -> None:
    told = told_of(Board(letters_waiting=1, letters_given_up=2))
    assert "1 wacht op verzending, 2 niet gelukt." in told


def test_who_waits_has_the_mood_of_their_call() -> None:
    office = Office(queues=(QUEUE,))
    office.tell("c0", NoteFrustration(0.6, ("schold",)))
    assert "Plaats 1 voorrang ontevreden De beller is ontevreden." in words(get(office, "/live").text)
