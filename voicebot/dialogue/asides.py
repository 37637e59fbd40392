"""What callers say about the talk itself, at any question: "herhaal", "langzamer", "stop", "momentje".

Whoever says so neither answers nor fails to: it is no try of theirs, within reason.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from voicebot.dialogue.frustration import Sign
from voicebot.dialogue.ladder import Ladder

MOST_ASIDES = 4
"""Asides at one question; more of them count as failed tries."""


class Aside(StrEnum):
    """Intents about the talk itself, which every bot understands."""

    REPEAT = "repeat"
    WAIT = "wait"
    GREETING = "greeting"
    SLOWER = "slower"
    HELP = "help"
    MISUNDERSTOOD = "misunderstood"
    STOP = "stop"
    RESTART = "restart"
    NO_ANALYSIS = "no_analysis"


ASIDES = frozenset(Aside)


class Asides(Ladder):
    """What becomes of each."""

    def _take_aside(self, aside: str) -> None:
        self.state = replace(self.state, asides=self.state.asides + 1)
        prompts = self.bot.prompts
        if self.state.asides > MOST_ASIDES:
            self._no_match()
            return
        match aside:
            case Aside.WAIT:
                self.state = replace(self.state, interrupted=False, patient=True)
                self._say("take_your_time", prompts.take_your_time)
                self._await_answer()
            case Aside.SLOWER:
                self.state = replace(self.state, slow=True)
                self._say("slower", prompts.slower)
                self._tell_again()
            case Aside.REPEAT:
                self._tell_again()
            case Aside.HELP:
                self._say("help", prompts.help)
                self._repeat_question()
            case Aside.GREETING:
                self._repeat_question()
            case Aside.MISUNDERSTOOD if self._sign(Sign.WRONG):
                return
            case _:
                self._let_go(aside)

    def _tell_again(self) -> None:
        """Say what was said last: the question, and the answer before it."""
        if self.state.phase == "closing":
            for text in self.state.told:
                self._say(f"{self.state.intent}.again", text)
        self._repeat_question()

    def _let_go(self, why: str) -> None:
        """Drop what was going on; tries that failed stay counted."""
        if self.bot.begins_with:  # there is nothing else that this bot is for
            self._repeat_question() if why == Aside.MISUNDERSTOOD else self._say_goodbye()
            return
        prompts = self.bot.prompts
        self.state = replace(self.state, intent="", todo=(), told=())
        if why == Aside.STOP:
            self._say("stopped", prompts.stopped)
            self._ask_open("closing", prompts.anything_else)
            return
        if why == Aside.RESTART:
            self._forget([name for name in self.state.slots if not self.bot.slots[name].from_caller])
            self.state = replace(self.state, facts={})
            self._say("restarted", prompts.restarted)
        else:
            self._say("misunderstood", prompts.misunderstood)
        self._ask_open("opening", prompts.opening)
