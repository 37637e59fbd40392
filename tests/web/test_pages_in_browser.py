"""The pages in real Chromium: logging in, ordering, and what appears by itself; with mouse and keyboard."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn
from browsers import chromium_options
from playwright.sync_api import Browser, Page, expect, sync_playwright
from web_office import AGENT, CALL, OTHER_CALL, SUPERVISOR, TOKEN, Office, access, busy_office

from voicebot.events import CallEnded, CallStarted, Entry, PromptStarted
from voicebot.handoff import Agent
from voicebot.web.server import configuration

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        yield browser
        browser.close()


@pytest.fixture
def office() -> Office:
    office = busy_office()
    office.access = access(time.time)
    return office


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    """Where the office's pages are served, over real sockets."""
    server = uvicorn.Server(configuration(office.app()))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        serving.join(10)


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A browser that nobody logged in with; what it complains of fails the test."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=address, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [one for one in complaints if "Failed to load resource" not in one] == []


def come_in(page: Page, code: str) -> None:
    page.goto("/login")
    page.get_by_label("Uw code").fill(code)
    page.get_by_role("button", name="Naar binnen").click()


@pytest.fixture
def supervisor(page: Page) -> Page:
    come_in(page, SUPERVISOR)
    expect(page.get_by_role("heading", name="Gesprekken")).to_be_visible()
    page.wait_for_load_state()  # the buttons work from then on
    page.evaluate("window.neverReloaded = true")
    return page


@pytest.fixture
def agent(page: Page) -> Page:
    come_in(page, AGENT)
    page.get_by_label("Ik ben").select_option(label="Anja")
    page.get_by_role("button", name="Verder").click()
    expect(page.locator("#me-status")).to_contain_text("Vrij")
    page.wait_for_load_state()
    page.evaluate("window.neverReloaded = true")
    return page


def tab_to(page: Page, id: str) -> None:
    for _ in range(60):
        if page.evaluate("document.activeElement.id") == id:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {id}")


def test_a_wrong_code_is_told_and_a_right_one_lets_in(page: Page, address: str) -> None:
    page.goto("/")
    expect(page).to_have_url(f"{address}/login?next=/")
    expect(page.get_by_text("voicebot access")).to_be_visible()
    expect(page.get_by_label("Uw code")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(
        "Deze code klopt niet. Kijk hem na en probeer het nog eens."
    )
    page.get_by_label("Uw code").fill(SUPERVISOR.upper().replace("-", " "))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/")
    page.get_by_role("button", name="Uitloggen").click()
    expect(page).to_have_url(f"{address}/login")
    page.goto("/")
    expect(page).to_have_url(f"{address}/login?next=/")


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_it_fits_the_screen(supervisor: Page, width: int) -> None:
    supervisor.set_viewport_size({"width": width, "height": 800})
    assert supervisor.evaluate("document.documentElement.scrollWidth") == width
    supervisor.goto(f"/handover/{CALL}")
    assert supervisor.evaluate("document.documentElement.scrollWidth") == width


def test_what_changes_appears_without_a_reload(supervisor: Page, office: Office) -> None:
    new = "44444444-2222-4333-8444-555555555555"
    office.tell(new, CallStarted(new, "webshop", "b", "0", "2026-11-20T10:20:00+01:00"))
    office.live.apply(Entry(CALL, 9, 9, PromptStarted(2, "x", "Uw pakket komt vandaag.")), 4711)
    expect(supervisor.locator(f"#call-{new}")).to_be_visible()
    expect(supervisor.locator(f"#call-{CALL}")).to_contain_text("Uw pakket komt vandaag.")
    assert office.queues
    office.queues = (replace(office.queues[0], waiting=(), longest_wait_s=0),)
    expect(supervisor.locator("#glance-wait")).to_contain_text("Niemand")
    assert supervisor.evaluate("window.neverReloaded")


def test_taking_over_needs_a_telephone_which_is_remembered(supervisor: Page, office: Office) -> None:
    call = supervisor.locator(f"#call-{CALL}")
    call.get_by_role("button", name="Nu overnemen").click()
    expect(supervisor.locator("#told")).to_have_text("Kies eerst bovenaan uw toestel.")
    assert office.commands.orders == []
    supervisor.get_by_label("Mijn toestel").select_option(label="Sanne")
    supervisor.reload()
    expect(supervisor.get_by_label("Mijn toestel")).to_have_value("sanne")
    call.get_by_role("button", name="Nu overnemen").click()
    expect(supervisor.locator("#told")).to_have_text("Het gesprek komt naar toestel Sanne.")
    call.get_by_role("button", name="Meeluisteren").click()
    expect(supervisor.locator("#told")).to_contain_text("Neem op om mee te luisteren")
    assert office.commands.orders == [("take_over", CALL, "sanne"), ("listen", CALL, "sanne")]


def test_ending_a_call_is_asked_about_and_works_with_the_keyboard(supervisor: Page, office: Office) -> None:
    end = f"call-{CALL}-end"
    tab_to(supervisor, end)
    supervisor.keyboard.press("Enter")
    expect(supervisor.get_by_role("dialog")).to_contain_text("De status van een bestelling")
    expect(supervisor.get_by_role("button", name="Nee, laat doorgaan")).to_be_focused()
    supervisor.keyboard.press("Escape")
    expect(supervisor.locator(f"#{end}")).to_be_focused()
    assert office.commands.orders == []
    supervisor.keyboard.press("Enter")
    supervisor.keyboard.press("Tab")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#told")).to_have_text("Het gesprek wordt beëindigd.")
    assert office.commands.orders == [("end", CALL)]


def test_a_refusal_of_the_exchange_is_shown(supervisor: Page, office: Office) -> None:
    office.commands.refusal = "Anja is bij geen wachtrij bekend."
    supervisor.get_by_role("button", name="Pauze Anja").click()
    expect(supervisor.locator("#told")).to_have_text("Dat is niet gelukt. Anja is bij geen wachtrij bekend.")


def test_a_button_keeps_its_focus_while_the_page_changes(supervisor: Page, office: Office) -> None:
    button = supervisor.locator(f"#call-{CALL}-listen")
    button.focus()
    newer = "44444444-2222-4333-8444-555555555555"
    office.tell(newer, CallStarted(newer, "webshop", "b", "0", "2026-11-20T10:20:00+01:00"))
    expect(supervisor.locator(f"#call-{newer}")).to_be_visible()
    expect(button).to_be_focused()
    office.live.apply(Entry(newer, 9, 9, CallEnded("contained")), 4711)  # now it stands behind the other
    expect(supervisor.locator(f"#call-{newer} + #call-{OTHER_CALL}")).to_be_visible()
    expect(button).to_be_focused()


def test_agents_are_logged_in_and_out(supervisor: Page, office: Office) -> None:
    for name in ("Aanmelden Chris", "Pauze Anja", "Afmelden Bram"):
        supervisor.get_by_role("button", name=name).click()
    expect(supervisor.locator("#told")).to_contain_text("Bram is afgemeld")
    assert sorted(office.commands.orders) == [("log_in", "chris"), ("log_out", "bram"), ("pause", "anja")]


def test_who_is_logged_out_meanwhile_is_told(supervisor: Page) -> None:
    supervisor.context.clear_cookies()
    expect(supervisor.locator("#connection")).to_contain_text("U bent niet meer ingelogd.")
    supervisor.get_by_role("button", name="Pauze Anja").click()
    expect(supervisor.locator("#told")).to_contain_text("U bent niet meer ingelogd.")


def test_an_agent_logs_in_with_a_choice_that_is_remembered(agent: Page, office: Office) -> None:
    agent.get_by_role("button", name="Pauze").click()
    expect(agent.locator("#told")).to_contain_text("Anja heeft pauze")
    assert office.commands.orders == [("pause", "anja")]
    agent.reload()
    expect(agent.get_by_label("Ik ben")).to_have_value("anja")


def give(office: Office, call_id: str) -> None:
    """Connect Anja to this call; none when empty."""
    assert office.queues
    talking = Agent("Anja", "in gesprek" if call_id else "vrij", "anja", call_id, 1)
    office.queues = (replace(office.queues[0], agents=(talking,)),)


def test_a_call_appears_by_itself_and_stays_for_the_verdict(agent: Page, office: Office) -> None:
    give(office, CALL)
    expect(agent.locator("#now")).to_have_text("U hebt nu dit gesprek:")
    expect(agent.locator("#value-order_number")).to_have_text("12345")
    give(office, "")
    expect(agent.locator("#previous")).to_be_visible()
    agent.get_by_label("Waar belde de beller echt over?").select_option(label="Een klacht")
    agent.get_by_role("button", name="De bot had het mis").click()
    expect(agent.locator("#handover-marked")).to_contain_text("De beller belde over een klacht.")
    assert office.desk.verdicts == {CALL: ("complaint", "anja")}
    expect(agent.get_by_role("button", name="Ongedaan maken")).to_be_focused()
    agent.keyboard.press("Enter")
    expect(agent.get_by_role("button", name="De bot had het mis")).to_be_visible()
    assert office.desk.verdicts == {}
    assert agent.evaluate("window.neverReloaded")


def test_a_package_that_comes_later_than_its_call_appears_too(agent: Page, office: Office) -> None:
    kept = office.desk.packages.pop(CALL)
    give(office, CALL)
    expect(agent.locator("#package")).to_contain_text("waar is mijn pakket")
    office.desk.packages[CALL] = kept
    expect(agent.locator("#value-postcode")).to_have_text("5611 BJ")


def test_what_the_caller_gave_can_be_copied(agent: Page, office: Office, address: str) -> None:
    give(office, CALL)
    agent.get_by_role("button", name="Kopieer bestelnummer").click()
    expect(agent.get_by_role("button", name="Gekopieerd bestelnummer")).to_be_visible()
    agent.context.grant_permissions(["clipboard-read"], origin=address)
    assert agent.evaluate("navigator.clipboard.readText()") == "12345"


def test_a_link_opens_once_and_its_token_does_not_stay(page: Page, chromium: Browser, address: str) -> None:
    page.goto(f"/h/{TOKEN}")
    expect(page).to_have_url(f"{address}/handover/{CALL}")
    expect(page.locator("#handover-paragraph")).to_contain_text("bestelling 12345")
    page.get_by_label("Waar belde de beller echt over?").select_option(label="Iets anders")
    page.get_by_role("button", name="De bot had het mis").click()
    expect(page.locator("#handover-marked")).to_contain_text("iets anders")
    with chromium.new_context(base_url=address) as elsewhere:
        other = elsewhere.new_page()
        other.goto(f"/h/{TOKEN}")
        expect(other.get_by_role("heading")).to_have_text("Deze link werkt niet meer")
        other.get_by_role("link", name="Log in met de code voor medewerkers").click()
        expect(other.get_by_label("Uw code")).to_be_visible()


def test_feedback_needs_no_script(chromium: Browser, address: str, office: Office) -> None:
    with chromium.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"/h/{TOKEN}")
        page.get_by_label("Waar belde de beller echt over?").select_option(label="Een klacht")
        page.get_by_role("button", name="De bot had het mis").click()
        expect(page.locator("#handover-marked")).to_contain_text("een klacht")
        expect(page).to_have_url(f"{address}/handover/{CALL}")
    assert office.desk.verdicts == {CALL: ("complaint", "agent")}
