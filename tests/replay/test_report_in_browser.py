"""The report in real Chromium: it can be heard, and used without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import chromium_options
from playwright.sync_api import Browser, Page, expect, sync_playwright
from replayed_call import WORDS, result

from voicebot.replay import Failure, write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """The report of a failed and a passed call; what the browser complains of fails the test."""
    failure = Failure("turn 1", "intent", "human", "order_status")
    results = [result(seconds=30), result(seconds=30, failures=[failure])]
    file = write_report(results, tmp_path, "a-model", "feed1234")
    complaints: list[str] = []
    page = chromium.new_page(viewport={"width": 400, "height": 800})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    yield page
    page.close()
    assert complaints == []


def test_fits_a_narrow_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_the_keyboard_reaches_play_and_play_toggles(page: Page) -> None:
    play = page.locator("#call-1").get_by_role("button", name="Play both")
    page.get_by_role("link", name="Waar <b>blijft</b> het?").first.focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if play.evaluate("button => button === document.activeElement"):
            break
    expect(play).to_be_focused()
    page.keyboard.press("Enter")
    pause = page.locator("#call-1").get_by_role("button", name="Pause both")
    expect(pause).to_be_focused()
    expect(page.locator("#call-1 .position")).not_to_have_text("0.0 s of 30.0 s")
    page.keyboard.press("Enter")
    expect(play).to_be_focused()


def test_one_voice_and_one_call_at_a_time(page: Page) -> None:
    first, second = page.locator("#call-1"), page.locator("#call-2")
    first.get_by_role("button", name="Play both").click()
    first.get_by_role("button", name="Play bot only").click()
    expect(first.get_by_role("button", name="Pause")).to_have_text("❙❙ Pause bot only")
    second.get_by_role("button", name="Play caller only").click()
    expect(first.get_by_role("button", name="Pause")).to_have_count(0)
    expect(second.get_by_role("button", name="Pause")).to_have_count(1)


def test_a_call_that_ends_can_be_played_again(page: Page) -> None:
    call = page.locator("#call-1")
    call.get_by_role("slider").press("End")
    call.get_by_role("slider").press("ArrowLeft")
    call.get_by_role("button", name="Play both").click()
    expect(call.get_by_role("button", name="Pause")).to_have_count(0)
    expect(call.locator(".position")).to_have_text("0.0 s of 30.0 s")


def test_a_line_of_the_transcript_plays_from_there(page: Page) -> None:
    call = page.locator("#call-1")
    call.get_by_role("button", name="Play from 2.9 s").first.click()
    expect(call.get_by_role("button", name="Pause both")).to_have_count(1)
    expect(call.locator(".now")).to_contain_text("Over: transferred")


def test_the_position_is_a_slider(page: Page) -> None:
    slider = page.locator("#call-1").get_by_role("slider", name="Position in the call")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "30.0 of 30.0 seconds")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.1 of 30.0 seconds")


def test_each_word_is_told_with_its_time_and_played_from_there(page: Page) -> None:
    words = page.locator("#call-1 .transcript").get_by_role("toolbar").get_by_role("button")
    expect(words).to_have_text([word.text for word in WORDS])
    for word, button in zip(WORDS, words.all(), strict=True):
        expect(button).to_have_accessible_description(
            f"{word.start_ms / 1000:.2f}–{word.end_ms / 1000:.2f} s"
        )
    words.nth(1).click()
    expect(page.locator("#call-1").get_by_role("button", name="Pause both")).to_have_count(1)
    expect(page.locator("#call-1 .word.now")).to_have_text("blijft")


def test_arrow_keys_go_from_word_to_word(page: Page) -> None:
    call = page.locator("#call-1")
    words = call.get_by_role("toolbar").get_by_role("button")
    call.get_by_role("button", name="Play from 0.7 s").focus()
    page.keyboard.press("Tab")
    expect(words.nth(0)).to_be_focused()
    for key, at in (("ArrowLeft", 0), ("ArrowRight", 1), ("End", 2), ("ArrowRight", 2), ("Home", 0)):
        page.keyboard.press(key)
        expect(words.nth(at)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(words.nth(1)).not_to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(words.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(call.get_by_role("button", name="Pause both")).to_have_count(1)


def test_each_word_has_a_bar_on_the_timeline_where_it_was_said(page: Page) -> None:
    """The picture is as long as the call: 30 s."""
    bars = page.locator("#call-1 .lane.caller .bars")
    lengths = bars.evaluate(
        """svg => {
            const second = svg.clientWidth / 30;
            return [...svg.querySelector("path").getAttribute("d").matchAll(/M([0-9.]+) [0-9.]+h([0-9.]+)/g)]
                .map(bar => [bar[1] / second, (Number(bar[1]) + Number(bar[2])) / second]);
        }"""
    )
    starts, ends = zip(*lengths, strict=True)
    assert starts == pytest.approx([word.start_ms / 1000 for word in WORDS], abs=0.02)
    assert ends == pytest.approx([word.end_ms / 1000 for word in WORDS], abs=0.04)
