"""What is spelled or dictated: postcodes, telephone and order numbers, IBANs, e-mail and web addresses."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speaking.number_words import cardinal, digits
from voicebot.speaking.rules import rule

_PHONE_LENGTHS: Final = (8, 10, 11, 13)
"""Digits of 0800-1234, 06-12345678, 0800-1234567 and 0031612345678."""
_FREEPHONE: Final = {"0800": "nul achthonderd", "0900": "nul negenhonderd", "0906": "nul negenhonderdzes"}
_SHORT: Final = 3
"""Characters up to which a code, such as A4 or B2B, is said in one breath."""
_SIGNS: Final = {
    ".": "punt",
    "@": "apenstaartje",
    "-": "streepje",
    "_": "liggend streepje",
    "/": "schuine streep",
}
_DOMAIN: Final = r"(?:[\w-]+\.)+(?:nl|be|eu|com|org|net|info|shop)\b"


def _spelled(letters: str) -> str:
    return " ".join(letters)


def _dictated(number: str) -> str:
    """Return digits inside a code: short ones as a number, others one by one."""
    return cardinal(int(number)) if len(number) <= 2 and not number.startswith("0") else digits(number)


def _code(text: str) -> str:
    runs = re.findall(r"\d+|[^\W\d_]+", text)
    pause = ", " if len(text) > _SHORT else " "
    return pause.join(_dictated(run) if run.isdecimal() else _spelled(run) for run in runs)


def _account(found: re.Match[str]) -> str:
    """Dictate an IBAN: what follows its country and check digits, digit by digit."""
    runs = re.findall(r"\d+|[A-Z]+", found[0])
    first, check, *rest = runs
    spoken = (digits(run) if run.isdecimal() else _spelled(run) for run in rest)
    return ", ".join((_spelled(first), _dictated(check), *spoken))


def _phone(found: re.Match[str]) -> str:
    runs: list[str] = re.findall(r"\d+", found[0])
    count = sum(map(len, runs))
    if found[0].startswith("+"):
        runs = [run for run in runs if run != "0"]  # the (0) of +31 (0)6 is not dialled
    elif count not in _PHONE_LENGTHS:
        return found[0]
    if len(runs) == 1 and runs[0].startswith("06"):
        runs = ["06", runs[0][2:]]
    spoken = ", ".join(_FREEPHONE.get(run) or digits(run) for run in runs)
    return f"plus {spoken}" if found[0].startswith("+") else spoken


def _address(found: re.Match[str]) -> str:
    address = re.sub(r"^https?://", "", found[0]).rstrip("/")
    parts: list[str] = re.findall(r"\d+|[^\W\d_]+|[^\w\s]|_", address)
    return " ".join(_address_part(part) for part in parts)


def _address_part(part: str) -> str:
    if part.isdecimal():
        return _dictated(part)
    if part in ("www", "nl", "be", "eu"):
        return _spelled(part.upper())
    return _SIGNS.get(part, part)


ADDRESSES: Final = (
    rule(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}\b", _address),
    rule(
        rf"(?<![\w@.-])(?:https?://|(?=www\.)|(?={_DOMAIN}))[\w-]+(?:\.[\w-]+)+(?:/[\w./-]*\w|/)?", _address
    ),
)
"""Before any other rule: their dots and digits are their own."""

CODES: Final = (
    rule(r"\b([1-9]\d{3}) ?([A-Z]{2})(?![\w-])", lambda found: f"{digits(found[1])}, {_spelled(found[2])}"),
    rule(
        r"\b([1-9]\d{3})(?!de|gr|[kcm]m|[km]g|[cm]l|st|wk)([a-z]{2})\b",
        lambda found: f"{digits(found[1])}, {_spelled(found[2].upper())}",
    ),
    rule(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b", _account),
    rule(r"(?<![\w.,])(?:\+\d{2}|0\d)(?:[ ()-]{0,3}\d){5,11}(?!\w)", _phone),
    rule(
        r"\b(?!\d+(?:[MGT]B|W|V)\b)(?=[A-Z-]*\d)(?=[\d-]*[A-Z])[A-Z\d]+(?:-[A-Z\d]+)*\b",
        lambda found: _code(found[0]),
    ),
    rule(
        r"\b(\w*(?:(?<!huis)nummer|code)(?: is)?:? +)(\d{3,4})(?![\d.,]*\d)(?! *(?:euro|€|%))",
        lambda found: found[1] + digits(found[2]),
        ignore_case=True,
    ),
    rule(r"(?<![\w.,])\d{3,}(?:-\d{2,})+(?!\w)", lambda found: _code(found[0])),
)
"""After times and dates, before amounts."""
