"""SIP messages (RFC 3261): read, written and answered; pure, no I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from voicebot.errors import ProtocolError

Fields: TypeAlias = Iterable[tuple[str, str]]
"""Header fields: (name, value), in order."""

REASONS = {
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    405: "Method Not Allowed",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    603: "Decline",
}

_COMPACT = {
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "s": "Subject",
    "t": "To",
    "v": "Via",
}
_REQUIRED = ("Via", "From", "To", "Call-ID", "CSeq")
_TOKEN = r"[A-Za-z0-9.!%*_+`'~-]+"
_NAME = re.compile(_TOKEN)
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([^\s]+) SIP/2\.0")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: ([^\r\n]*))?")
_CSEQ = re.compile(rf"([0-9]{{1,10}})[ \t]+({_TOKEN})")
_LENGTH = re.compile(r"[0-9]{1,6}")
_URI = re.compile(r"sips?:(?:([^@\s;]+)@)?([^\s:;?@]+)(?::([0-9]{1,5}))?(?:[;?]\S*)?")
_QUOTED = r'"(?:[^"\\]|\\.)*"'


class Headers(Mapping[str, str]):
    """Header fields in order; looked up by name, whatever its case or compact form.

    As a mapping it gives the first value of each name; `all` gives every one.
    """

    def __init__(self, fields: Fields = ()) -> None:
        self.fields = tuple((_COMPACT.get(name.lower(), name), value.strip(" \t")) for name, value in fields)

    def all(self, name: str) -> list[str]:
        """Return every value of `name`, in order."""
        wanted = _COMPACT.get(name.lower(), name).lower()
        return [value for known, value in self.fields if known.lower() == wanted]

    def __getitem__(self, name: str) -> str:
        values = self.all(name)
        if not values:
            raise KeyError(name)
        return values[0]

    def __iter__(self) -> Iterator[str]:
        return iter({name.lower(): name for name, _ in reversed(self.fields)}.values())

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self.fields})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.fields == other.fields

    def __hash__(self) -> int:
        return hash(self.fields)

    def __repr__(self) -> str:
        return f"Headers({list(self.fields)!r})"


@dataclass(frozen=True, slots=True)
class _Message:
    """What requests and responses share."""

    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    """Its length travels as Content-Length, which is not among `headers`."""

    @property
    def call_id(self) -> str:
        """The call (or registration) this belongs to."""
        return self.headers["Call-ID"]

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of the request that this is, or answers."""
        number, method = self.headers["CSeq"].split()
        return int(number), method

    @property
    def branch(self) -> str:
        """The transaction this belongs to: the branch of the topmost Via."""
        return parameter(self.headers["Via"], "branch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(_Message):
    """A SIP request."""

    method: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(_Message):
    """A SIP response."""

    status: int
    reason: str


def reply(request: Request, status: int, fields: Fields = (), body: bytes = b"", tag: str = "") -> Response:
    """Return the response to `request` (RFC 3261 section 8.2.6); `tag` completes a To that has none."""
    to = request.headers["To"]
    if tag and not parameter(to, "tag"):
        to = f"{to};tag={tag}"
    copied = [
        *(("Via", via) for via in request.headers.all("Via")),
        ("From", request.headers["From"]),
        ("To", to),
        ("Call-ID", request.call_id),
        ("CSeq", request.headers["CSeq"]),
    ]
    return Response(status=status, reason=REASONS[status], headers=Headers([*copied, *fields]), body=body)


def build(message: Request | Response) -> bytes:
    """Return `message` as it goes over the wire; ProtocolError when a value would break the message up."""
    if isinstance(message, Request):
        first = f"{message.method} {message.uri} SIP/2.0"
        sound = _REQUEST_LINE.fullmatch(first)
    else:
        first = f"SIP/2.0 {message.status} {message.reason}"
        sound = _STATUS_LINE.fullmatch(first)
    if not sound:
        raise ProtocolError(f"not a SIP first line: {first!r}; remove spaces and line breaks from the number")
    lines = [first]
    for name, value in (*message.headers.fields, ("Content-Length", str(len(message.body)))):
        if not _NAME.fullmatch(name) or re.search(r"[\r\n]", value):
            raise ProtocolError(
                f"not a SIP header: {name!r}: {value!r}; use a plain name and a value on one line"
            )
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode() + message.body


def parse(data: bytes) -> Request | Response:
    """Return the message in one datagram.

    Compact header names, folded lines and bare line feeds are understood.
    Raises ProtocolError when it is not SIP, lacks one of the headers every
    message must have, or is shorter than it says.
    """
    head, blank, body = _split(data.lstrip(b"\r\n"))
    if not blank:
        raise ProtocolError(
            "SIP message without the empty line that ends its headers; look at what the peer sent"
        )
    unfolded = re.sub(r"\r?\n[ \t]+", " ", head.decode(errors="replace"))
    first, *lines = re.split(r"\r?\n", unfolded)
    headers = Headers(_field(line) for line in lines)
    missing = [name for name in _REQUIRED if not headers.get(name)]
    if missing:
        raise ProtocolError(
            f"SIP message without {', '.join(missing)} ({first[:60]!r}); look at what the peer sent"
        )
    if not _CSEQ.fullmatch(headers["CSeq"]):
        raise ProtocolError(f"SIP message with CSeq {headers['CSeq'][:60]!r}; look at what the peer sent")
    body = _cut(body, headers)
    headers = Headers(item for item in headers.fields if item[0].lower() != "content-length")
    if status := _STATUS_LINE.fullmatch(first):
        return Response(status=int(status[1]), reason=status[2] or "", headers=headers, body=body)
    if line := _REQUEST_LINE.fullmatch(first):
        return Request(method=line[1], uri=line[2], headers=headers, body=body)
    raise ProtocolError(f"neither a SIP request nor a response: {first[:60]!r}; look at what the peer sent")


def _split(data: bytes) -> tuple[bytes, bytes, bytes]:
    blank = re.search(rb"\r?\n\r?\n", data)
    return (data[: blank.start()], blank[0], data[blank.end() :]) if blank else (data, b"", b"")


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.rstrip(" \t")
    if not colon or not _NAME.fullmatch(name) or re.search(r"[\r\n]", value):
        raise ProtocolError(f"not a SIP header line: {line[:60]!r}; look at what the peer sent")
    return name, value


def _cut(body: bytes, headers: Headers) -> bytes:
    """Return as much of `body` as Content-Length says (RFC 3261 section 18.3)."""
    length = headers.get("Content-Length", str(len(body)))
    if not _LENGTH.fullmatch(length) or int(length) > len(body):
        raise ProtocolError(
            f"SIP body of {len(body)} bytes, Content-Length {length[:20]!r}; was the packet cut off?"
        )
    return body[: int(length)]


def uri_of(address: str) -> str:
    """Return the URI of a From, To or Contact value, with or without angle brackets."""
    bare = re.sub(_QUOTED, "", address)
    inside = re.search(r"<([^>]*)>", bare)
    return inside[1].strip() if inside else bare.partition(";")[0].strip()


def display_name(address: str) -> str:
    """Return the name before the URI of a From, To or Contact value; "" when there is none."""
    name = re.match(rf"\s*({_QUOTED}|[^<\"]*)\s*<", address)
    text = name[1].strip() if name else ""
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def address(uri: str, name: str | None = None) -> str:
    """Return a From, To or Contact value for `uri`, with a display name if given."""
    if not name:
        return f"<{uri}>"
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}" <{uri}>'


def parameter(value: str, name: str) -> str:
    """Return parameter `name` after the URI or Via of a header value, unquoted; "" when it is not there."""
    rest = re.sub(r"<[^>]*>", "", re.sub(rf"{_QUOTED}(?=\s*<)", "", value))
    found = re.search(rf";\s*{re.escape(name)}\s*=\s*({_QUOTED}|[^;,\s]+)", rest, re.IGNORECASE)
    return found[1].strip('"') if found else ""


@dataclass(frozen=True, slots=True)
class SipUri:
    """A SIP address: ``sip:user@host:port``."""

    user: str
    host: str
    port: int = 5060


def parse_uri(text: str) -> SipUri:
    """Return the parts of ``sip:user@host[:port]``; raises ProtocolError on anything else."""
    found = _URI.fullmatch(text)
    port = int(found[3] or 5060) if found else 0
    if not found or not 0 < port < 65536:
        raise ProtocolError(f"not a SIP address: {text!r}; write it as sip:100@127.0.0.1:5060")
    return SipUri(user=found[1] or "", host=found[2], port=port)


def credentials(challenge: str, *, user: str, password: str, method: str, uri: str, cnonce: str) -> str:
    """Return the Authorization value that answers a Digest `challenge` (RFC 2617, MD5, qop auth or none).

    Raises ProtocolError when the challenge asks for something else.
    """
    asked = {
        name.lower(): (quoted or plain)
        for name, quoted, plain in re.findall(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))', challenge)
    }
    qops = [qop.strip() for qop in asked.get("qop", "").split(",") if qop.strip()]
    if (
        not challenge.lower().startswith("digest ")
        or asked.get("algorithm", "MD5").upper() != "MD5"
        or not {"realm", "nonce"} <= asked.keys()
        or (qops and "auth" not in qops)
    ):
        raise ProtocolError(
            f"the server asks for a login this phone does not know: {challenge!r}; offer Digest MD5"
        )
    realm, nonce = asked["realm"], asked["nonce"]
    middle = f"{nonce}:00000001:{cnonce}:auth" if qops else nonce
    response = _md5(f"{_md5(f'{user}:{realm}:{password}')}:{middle}:{_md5(f'{method}:{uri}')}")
    parts = [
        *((name, f'"{value}"') for name, value in (("username", user), ("realm", realm), ("nonce", nonce))),
        *((name, f'"{value}"') for name, value in (("uri", uri), ("response", response))),
        ("algorithm", "MD5"),
    ]
    if qops:
        parts += [("qop", "auth"), ("nc", "00000001"), ("cnonce", f'"{cnonce}"')]
    if "opaque" in asked:
        parts.append(("opaque", f'"{asked["opaque"]}"'))
    return "Digest " + ", ".join(f"{name}={value}" for name, value in parts)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
