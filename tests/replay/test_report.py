"""One page about a whole run."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from replayed_call import result

from voicebot.errors import UsageError
from voicebot.replay import Failure, folder_checksum, write_report
from voicebot.replay.result import broken

pytestmark = pytest.mark.unit

FAILURE = Failure("turn 1", "intent", "human", "order_status & <i>more</i>")


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.source = file.read_text("utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    results = [result(file="good.yaml"), result(failures=[FAILURE], file="bad.yaml")]
    return Page(write_report(results, tmp_path / "new" / "folder", "a-model", "feed1234"))


def test_tells_the_result_the_model_and_the_versions(page: Page) -> None:
    words = " ".join(page.text.split())
    for told in ("1 passed", "1 failed", "a-model", "feed1234", "version 0123abcd", "code 9.9", "30 ×"):
        assert told in words


def test_failed_calls_come_first(page: Page) -> None:
    assert re.findall(r'class="quiet file">(\S+)</span>', page.source) == ["bad.yaml", "good.yaml"]


def test_needs_nothing_from_elsewhere(page: Page) -> None:
    assert not page.of("link", "img", "iframe", "object", "embed", "base")
    links = [
        value for _, attributes in page.tags for key in ("src", "href") if (value := attributes.get(key))
    ]
    assert links
    assert all(link.startswith("#") for link in links)
    (policy,) = [meta["content"] for meta in page.of("meta") if meta.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"url\(|@import", page.source)


def test_what_was_said_is_text_not_markup(page: Page) -> None:
    assert "waar blijft <script>alert(1)</script>" in page.text
    assert 'Bestelling 12345 <komt> "vandaag" & morgen.' in page.text
    assert "Waar <b>blijft</b> het?" in page.text
    assert "order_status & <i>more</i>" in page.text
    assert len(page.of("i")) == 0
    assert [script.get("class") for script in page.of("script")] == ["sound", "sound", None]


def test_every_control_has_a_name_and_every_id_is_one_place(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = [
        attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes
    ]
    assert labelled
    assert set(labelled) <= set(ids)
    assert all(one.get("aria-label") or one.get("aria-hidden") for one in page.of("input", "svg"))
    assert all(one.get("type") == "button" for one in page.of("button"))


def test_a_call_that_broke_has_no_sound_but_a_reason(tmp_path: Path) -> None:
    whole = result()
    lost = broken(whole.file, whole.fixture, ValueError("no more memory"), 0.0)
    page = Page(write_report([lost], tmp_path, "a-model", "feed1234"))
    assert "ValueError: no more memory" in page.text
    assert len(page.of("script")) == 1


def test_says_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match=r"cannot write the report to .*taken/report\.html: "):
        write_report([result()], tmp_path / "taken", "a-model", "feed1234")


def test_a_checksum_is_that_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"2")
    (tmp_path / "a").write_bytes(b"1")
    lines = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for content, name in ((b"1", "a"), (b"2", "b/c"))
    )
    assert folder_checksum(tmp_path) == hashlib.sha256(lines.encode()).hexdigest()
