"""From what a caller said to what it means: an intent and slot values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from voicebot.expectation import Claim, Completeness, Expectation
from voicebot.understanding.common import CommonDutch
from voicebot.understanding.slots import Reading, SlotReader, SlotSpec
from voicebot.understanding.templates import slot_word
from voicebot.understanding.text import HESITATIONS, hesitates, words
from voicebot.understanding.warnings import WarningEar, Warnings
from voicebot.understanding.wishes import IntentSpec, Wishes

THRESHOLD = 0.45
"""Least confidence of a guess that is believed.

At this value 4 % of unrelated sentences are accepted: of those in tests/understanding/webshop_tuned_on.yaml
and those in out_of_scope.yaml, a quarter at a time left out of training.
"""
_LIKELY = 0.6
"""Least confidence of a guess that is not waited long for.

Of sentences in callers' own words in tests/understanding half are that sure; of places in their midst, 11 %.
"""
_SHORTEST_WISH = 3
_WHOLE_ASIDES = frozenset({"repeat", "slower", "help", "misunderstood", "stop", "restart", "no_analysis"})
"""Those after which nothing follows that would change them."""
_YES_NO_KEYS = {"1": "yes", "2": "no"}
_MORE_TO_COME = ("honderd", "duizend")
"""Ends of an amount that is not yet whole."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was meant."""

    intent: str | None
    """None when it means nothing this bot knows."""
    confidence: float
    """1.0 for known wording, else how sure the guess is (the rejected guess too), 0..1."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """Slot -> value in canonical form: ``12345``, ``5611BJ``, ``yes``."""
    beside: frozenset[str] = field(default=frozenset(), compare=False)
    """Words that are in no value."""


class Understanding:
    """Understands the callers of one bot. Made once, in about a second; from then on safe for any thread."""

    def __init__(
        self,
        intents: Mapping[str, IntentSpec],
        slots: Mapping[str, SlotSpec],
        risks: Mapping[str, Sequence[str]] = {},
    ) -> None:
        """Train; `risks` are templates of subjects that are for humans.

        Raises BotError when a template is malformed, or a slot has an unknown type.
        """
        self._common = CommonDutch()
        self._warnings = WarningEar(risks)
        self._slots = SlotReader(slots)
        self._wishes = Wishes(intents, slots, self._common)

    def understand(self, text: str, expectation: Expectation) -> Meaning:
        """Return what `text` means while `expectation` is open.

        A human first, then yes, no, goodbye and thanks, then the slot that is asked for (intent
        ``inform``), then the bot's own intents by template, then what is about the talk itself (``repeat``,
        ``slower`` and the other asides of common.yaml), then a guess at the bot's own intents that is sure
        enough.
        """
        said = words(text)
        if not said:
            return Meaning("wait", 1.0) if hesitates(text) else Meaning(None, 0.0)
        reading = self._slots.read(said, expectation)
        return replace(self._mean(reading, expectation), beside=HESITATIONS.union(reading.sentence.split()))

    def _mean(self, reading: Reading, expectation: Expectation) -> Meaning:
        if self._common.human.anywhere(reading.sentence) and not self._agrees(reading, expectation):
            return Meaning("human", 1.0, reading.values)
        if known := self._known(reading, expectation):
            return known
        intent, confidence = self._wishes.guess(reading.sentence)
        believed = intent is not None and confidence >= THRESHOLD
        return Meaning(intent if believed else None, confidence, reading.values)

    def warnings(self, text: str) -> Warnings:
        """Return what in `text` a supervisor would want to know of."""
        return self._warnings.listen(text)

    def understands(self, expectation: Expectation, text: str) -> bool:
        """Return whether `text` means anything while `expectation` is open."""
        return self.understand(text, expectation).intent is not None

    def _known(self, reading: Reading, expectation: Expectation) -> Meaning | None:
        """Return the meaning of wording that leaves no doubt."""
        common, asked = self._common.intent(reading.sentence), expectation.slot
        if expectation.confirming and (answer := self._whether_right(reading, expectation)):
            return Meaning(answer, 1.0, reading.values)
        if expectation.slot_type == "yes_no":
            said = self._common.yes_or_no(reading.sentence) if asked else None
            common = _YES_NO_KEYS.get(reading.sentence) or common or said
            if asked and common in ("yes", "no"):
                return Meaning(common, 1.0, {**reading.values, asked: common})
        if common:
            return Meaning(common, 1.0, reading.values)
        if asked in reading.values:
            return Meaning("inform", 1.0, reading.values)
        if intent := self._wishes.match(reading.sentence):
            return Meaning(intent, 1.0, reading.values)
        if not reading.values and (aside := self._common.aside(reading.sentence)):
            return Meaning(aside, 1.0)
        if reading.values and self._common.is_frame(self._common.without_slots(reading.sentence)):
            return Meaning("inform", 1.0, reading.values)
        return None

    def _whether_right(self, reading: Reading, expectation: Expectation) -> str | None:
        """Return ``yes`` or ``no``, said or keyed, when a value was read back."""
        sentence = reading.sentence
        answer = self._common.intent(sentence) or self._common.yes_or_no(sentence)
        if answer is None and self._agrees(reading, expectation):
            return "yes"
        if answer is None and self._common.wants_another(sentence):
            return "no"
        return answer if answer in ("yes", "no") else _YES_NO_KEYS.get(sentence)

    def _agrees(self, reading: Reading, expectation: Expectation) -> bool:
        """Return whether the caller asks to be called back, just when that is offered."""
        return expectation.slot_type == "phone" and self._common.human.calls_back(reading.sentence)

    def completeness(self, expectation: Expectation, partial: str) -> Completeness:
        """Return how much of an answer `partial`, heard so far, is; pure and quick (< 1 ms)."""
        said = words(partial)
        if not said:
            return Completeness.OPEN
        if hesitates(partial) or said[-1].endswith(_MORE_TO_COME):
            return Completeness.UNFINISHED
        reading = self._slots.read(said, expectation)
        if self._is_whole(reading, expectation):
            return Completeness.COMPLETE
        if self._common.goes_on(" ".join(said)) or self._slots.is_within_number(reading, expectation):
            return Completeness.UNFINISHED
        return Completeness.LIKELY if self._is_likely(reading.sentence) else Completeness.OPEN

    def _is_likely(self, sentence: str) -> bool:
        """Return whether a sentence that could end so is taken for a wish, with some certainty."""
        if len(sentence.split()) < _SHORTEST_WISH or self._common.seldom_ends(sentence):
            return False
        intent, confidence = self._wishes.guess(sentence)
        return intent is not None and confidence >= _LIKELY

    def claim(self, expectation: Expectation, text: str, *, cut: bool = False) -> Claim:
        """Return whether who says `text` over a prompt wants to be heard; pure and quick (< 1 ms).

        `expectation` is of the question that is being spoken; of no other is "ja" an answer. When `text` is
        `cut` off in the midst of a voice, its last word may become another: it does not count beside others.
        """
        said = words(text)
        answers = expectation.slot_type == "yes_no" or expectation.confirming
        if not answers and self._common.is_backchannel(" ".join(said)):
            return Claim.NONE
        if self.completeness(expectation, text) is Completeness.COMPLETE:
            return Claim.WANTED
        heard = said[:-1] if cut and len(said) > 1 else said
        telling = [word for word in heard if len(word) > 1 and not self._common.is_backchannel(word)]
        return (Claim.NONE, Claim.POSSIBLE, Claim.WANTED)[min(len(telling), 2)]

    def _is_whole(self, reading: Reading, expectation: Expectation) -> bool:
        """Return whether nothing needs to follow, and nothing that could follow would change the meaning."""
        common, sentence, asked = self._common, reading.sentence, expectation.slot
        if asked and asked in reading.values:
            after = common.without_slots(sentence.partition(slot_word(asked))[2])
            return common.is_frame(after) and not common.seldom_ends(after)
        if answer := common.intent(sentence):
            if expectation.confirming:  # after a no the right value may follow
                return answer in ("yes", "goodbye")
            return answer == "goodbye" or (expectation.slot_type == "yes_no" and answer in ("yes", "no"))
        if common.aside(sentence) in _WHOLE_ASIDES:
            return True
        if common.seldom_ends(sentence):
            return False
        if common.human.plainly(sentence):
            return True
        return self._wishes.match(sentence) is not None and not self._wishes.may_become_another(sentence)
