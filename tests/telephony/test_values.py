import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voicebot.telephony.values import clean_value

pytestmark = pytest.mark.unit


@given(st.text(max_size=400))
@example("a,b, c")
@example("${SHELL(id)}\r\nAction: Originate")
@example("\u202e\u2066omgekeerd\u2069 \ud800 \0")
def test_cleaned_values_hold_nothing_dangerous(text: str) -> None:
    cleaned = clean_value(text)
    assert len(cleaned) <= min(len(text), 200)
    assert cleaned.isprintable()
    assert not set(cleaned) & set('${}[]"\\|;,`^<>')
    assert "  " not in cleaned and cleaned == cleaned.strip()
    assert len(f"Value: {cleaned}".encode()) < 1000
    assert clean_value(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Vraagt naar bestelling 12345 (één pakket): 50% korting?", None),
        ("Boos, zegt 'nee'; belt morgen", "Boos zegt 'nee' belt morgen"),
        ("een\r\nVariable: x", "een Variable: x"),
        ("${CURL(x)}", "CURL(x)"),
        ("\u202eedoc\0", "edoc"),
    ],
)
def test_what_is_harmless_stays_as_it_is(text: str, cleaned: str | None) -> None:
    assert clean_value(text) == (cleaned or text)
