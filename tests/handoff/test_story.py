import pytest

from voicebot.events import PromptInterrupted, PromptStarted, SpeechContinued, UtteranceEnded
from voicebot.handoff import Line, Story

pytestmark = pytest.mark.unit


def test_who_said_what_is_kept_in_order() -> None:
    story = Story()
    story.apply(UtteranceEnded("ik woon in de <address:1>", 0, 1))
    story.apply(PromptStarted(2, "ask", "Wat is uw nummer?"))
    story.apply(PromptInterrupted(2, 300))
    assert story.lines == [
        Line(1, "beller", "ik woon in de [adres]"),
        Line(2, "bot", "Wat is uw nummer?", 2, interrupted=True),
    ]


def test_what_goes_on_comes_again_with_all_of_it() -> None:
    story = Story()
    story.apply(UtteranceEnded("waar is", 0, 1))
    story.apply(SpeechContinued(None))
    assert story.lines == []
    story.apply(UtteranceEnded("waar is mijn pakket", 0, 2))
    assert story.lines == [Line(2, "beller", "waar is mijn pakket")]


def test_a_story_and_its_lines_are_bounded() -> None:
    story = Story()
    for number in range(150):
        story.apply(UtteranceEnded(f"zin {number} " + "x" * 5000, 0, 1))
    assert (len(story.lines), story.lines_so_far, story.lines[0].number) == (100, 150, 51)
    assert {len(line.text) for line in story.lines} == {1000}
