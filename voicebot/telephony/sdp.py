"""SDP (RFC 4566) as far as one telephone call needs it: where its sound goes and how it is coded. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

from voicebot.errors import ProtocolError

CONTENT_TYPE = "application/sdp"
_NAMES = {0: "PCMU", 8: "PCMA"}
_ANSWERS = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


@dataclass(frozen=True, slots=True)
class Media:
    """One side's offer or answer for the sound of a call."""

    host: str
    """An IPv4 address."""
    port: int
    payload_types: tuple[int, ...]
    """RTP payload types for sound, best first: 8 is A-law, 0 is mu-law."""
    event_type: int | None = None
    """RTP payload type for keys (RFC 4733); None when this side takes none."""
    direction: str = "sendrecv"
    """``sendrecv``, ``sendonly``, ``recvonly`` or ``inactive``, as seen from this side."""

    @property
    def listens(self) -> bool:
        """False while this side wants to hear nothing: it has put us on hold."""
        return self.direction in ("sendrecv", "recvonly") and self.host != "0.0.0.0"

    def answer(self, host: str, port: int) -> Media:
        """Return our answer to this offer (RFC 3264): its best sound, at our `host` and `port`."""
        return Media(host, port, self.payload_types[:1], self.event_type, _ANSWERS[self.direction])


def build_sdp(media: Media) -> bytes:
    """Return `media` as an SDP body."""
    events = () if media.event_type is None else (media.event_type,)
    numbers = " ".join(str(number) for number in (*media.payload_types, *events))
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {media.host}",
        "s=voicebot",
        f"c=IN IP4 {media.host}",
        "t=0 0",
        f"m=audio {media.port} RTP/AVP {numbers}",
        *(f"a=rtpmap:{number} {_NAMES[number]}/8000" for number in media.payload_types),
        *(f"a=rtpmap:{number} telephone-event/8000" for number in events),
        *(f"a=fmtp:{number} 0-15" for number in events),
        "a=ptime:20",
        f"a={media.direction}",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def parse_sdp(body: bytes) -> Media:
    """Return the sound of an SDP body.

    Only A-law and mu-law are kept of the payload types; ProtocolError when
    there is no sound with one of them at an IPv4 address.
    """
    session, *sections = re.split(r"(?m)^m=", body.decode(errors="replace"))
    for section in sections:
        line = re.match(r"audio ([0-9]{1,5})(?:/[0-9]+)? RTP/AVP ([0-9 ]+)", section)
        host = _nearest(r"c=IN IP4 ([0-9.]+)", section, session)
        if not line or not _is_ipv4(host) or not 0 < int(line[1]) < 65536:
            continue
        offered = [int(number) for number in line[2].split() if len(number) <= 3]
        known = tuple(number for number in offered if number in _NAMES)
        if known:
            direction = _nearest("a=(sendrecv|sendonly|recvonly|inactive)", section, session) or "sendrecv"
            return Media(host, int(line[1]), known, _event_type(section, offered), direction)
    raise ProtocolError(
        "the other side has no A-law or mu-law sound over IPv4 RTP; allow alaw in its settings"
    )


def _nearest(pattern: str, section: str, session: str) -> str:
    """Return what the first line like `pattern` says, the sound's own lines before the session's; or ""."""
    whole_line = rf"(?m)^{pattern}[ \t]*\r?$"
    found = re.search(whole_line, section) or re.search(whole_line, session)
    return found[1] if found else ""


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def _event_type(section: str, offered: list[int]) -> int | None:
    numbers = re.findall(r"(?mi)^a=rtpmap:([0-9]{1,3}) telephone-event/8000", section)
    return next((int(number) for number in numbers if int(number) in offered), None)
