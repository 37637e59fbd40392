from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.errors import ProtocolError
from voicebot.telephony.sip import (
    Headers,
    Request,
    Response,
    SipUri,
    address,
    build,
    credentials,
    display_name,
    parameter,
    parse,
    parse_uri,
    reply,
    uri_of,
)

pytestmark = pytest.mark.unit

INVITE = (
    b"INVITE sip:agent1@127.0.0.1:5080 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKone\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKtwo\r\n"
    b'f: "Jansen, \\"Jan\\"" <sip:caller@127.0.0.1;x=1>;tag=abc\r\n'
    b"t: <sip:agent1@127.0.0.1>\r\n"
    b"i: call@1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"X-Voicebot-Reason: asked\r\n"
    b"  for human\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\nrest of the datagram"
)


def test_reads_compact_folded_and_repeated_headers() -> None:
    invite = parse(INVITE)
    assert isinstance(invite, Request)
    assert (invite.method, invite.uri) == ("INVITE", "sip:agent1@127.0.0.1:5080")
    assert invite.headers["x-voicebot-reason"] == "asked for human"
    assert invite.headers["CALL-ID"] == invite.headers["i"] == invite.call_id == "call@1"
    assert [parameter(via, "branch") for via in invite.headers.all("via")] == ["z9hG4bKone", "z9hG4bKtwo"]
    assert (invite.branch, invite.cseq) == ("z9hG4bKone", (7, "INVITE"))
    assert invite.body == b"v=0\n"
    assert "Content-Length" not in invite.headers


def test_bare_line_feeds_and_leading_empty_lines_are_read() -> None:
    assert parse(b"\r\n\r\n" + INVITE.replace(b"\r\n", b"\n")) == parse(INVITE)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\r\n\r\n",
        INVITE.partition(b"\r\n\r\n")[0],
        INVITE.replace(b"CSeq: 7 INVITE", b"CSeq: seven"),
        INVITE.replace(b"i: call@1\r\n", b""),
        INVITE.replace(b"l: 4", b"l: 4000"),
        INVITE.replace(b"l: 4", b"l: -1"),
        INVITE.replace(b"SIP/2.0\r\nv:", b"SIP/3.0\r\nv:"),
        INVITE.replace(b"CSeq:", b"CSeq"),
    ],
)
def test_what_is_not_sip_is_refused(broken: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse(broken)


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse(data)


@given(st.integers(0, len(INVITE)), st.integers(0, 12), st.binary(max_size=12))
def test_damaged_messages_raise_nothing_else(at: int, length: int, instead: bytes) -> None:
    try:
        message = parse(INVITE[:at] + instead + INVITE[at + length :])
    except ProtocolError:
        return
    assert message.cseq[0] >= 0
    assert isinstance(message.branch, str)


NAMES = st.text(string.ascii_letters + string.digits + "-", min_size=2, max_size=12).filter(
    lambda name: name.lower() != "content-length"
)
VALUES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1, max_size=30
).filter(lambda value: value.strip(" \t"))
METHODS = st.sampled_from(["INVITE", "ACK", "BYE", "X-odd"])


@st.composite
def messages(draw: st.DrawFn) -> Request | Response:
    fields = [(name, draw(VALUES)) for name in ("Via", "From", "t", "Call-ID")]
    fields.append(("CSeq", f"{draw(st.integers(0, 2**31))} {draw(METHODS)}"))
    fields += draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))
    headers, body = Headers(fields), draw(st.binary(max_size=100))
    if draw(st.booleans()):
        return Request(method=draw(METHODS), uri="sip:100@127.0.0.1", headers=headers, body=body)
    reason = draw(st.sampled_from(["OK", "", "Busy Here", "Niet nú"]))
    return Response(status=draw(st.integers(100, 699)), reason=reason, headers=headers, body=body)


@given(messages())
def test_parse_gives_back_what_build_wrote(message: Request | Response) -> None:
    assert parse(build(message)) == message


@pytest.mark.parametrize(
    ("uri", "fields"),
    [
        ("sip:1@h", [("X-Reason", "a\r\nX-Evil: b")]),
        ("sip:1@h", [("X Reason", "a")]),
        ("sip:1@h", [("X:", "a")]),
        ("sip:1 2@h", []),
        ("sip:1@h SIP/2.0\r\nX-Evil: b", []),
    ],
)
def test_nothing_can_be_smuggled_in(uri: str, fields: list[tuple[str, str]]) -> None:
    with pytest.raises(ProtocolError):
        build(Request(method="INVITE", uri=uri, headers=Headers(fields)))


def test_headers_are_a_mapping_of_first_values() -> None:
    headers = Headers([("Via", "one"), ("v", "two"), ("To", " me ")])
    assert dict(headers) == {"Via": "one", "To": "me"}
    assert len(headers) == 2
    assert headers.get("Subject") is None
    with pytest.raises(KeyError):
        headers["Subject"]


def test_reply_copies_what_it_must() -> None:
    invite = parse(INVITE)
    assert isinstance(invite, Request)
    ringing = reply(invite, 180, [("Contact", "<sip:me@h>")], tag="mine")
    assert (ringing.status, ringing.reason, ringing.cseq) == (180, "Ringing", (7, "INVITE"))
    assert ringing.headers.all("Via") == invite.headers.all("Via")
    assert parameter(ringing.headers["To"], "tag") == "mine"
    assert ringing.headers["From"] == invite.headers["From"]
    tagged = Request(method="BYE", uri=invite.uri, headers=ringing.headers)
    assert parameter(reply(tagged, 200, tag="other").headers["To"], "tag") == "mine"


@pytest.mark.parametrize(
    ("value", "name", "uri", "tag"),
    [
        ('"Jansen; Jan" <sip:j@h;tag=no>;tag=yes', "Jansen; Jan", "sip:j@h;tag=no", "yes"),
        ('"<sip:evil@h>;tag=no" <sip:j@h>', "<sip:evil@h>;tag=no", "sip:j@h", ""),
        ("Jan <sip:j@h> ; TAG=t2", "Jan", "sip:j@h", "t2"),
        ("sip:j@h;tag=t3", "", "sip:j@h", "t3"),
        ("<sip:j@h>", "", "sip:j@h", ""),
    ],
)
def test_addresses_come_apart(value: str, name: str, uri: str, tag: str) -> None:
    assert (display_name(value), uri_of(value), parameter(value, "tag")) == (name, uri, tag)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_any_display_name_survives(name: str) -> None:
    value = f"{address('sip:j@h', name)};tag=t"
    assert (display_name(value), uri_of(value), parameter(value, "tag")) == (name, "sip:j@h", "t")


def test_uri() -> None:
    assert parse_uri("sip:100@127.0.0.1:5070") == SipUri("100", "127.0.0.1", 5070)
    assert parse_uri("sip:100@pbx.example;transport=udp") == SipUri("100", "pbx.example", 5060)
    assert parse_uri("sip:pbx.example") == SipUri("", "pbx.example", 5060)


@pytest.mark.parametrize("text", ["100", "sip:", "tel:100", "sip:1@h:0", "sip:1@h:99999", "sip:1@h x"])
def test_wrong_uri(text: str) -> None:
    with pytest.raises(ProtocolError, match="write it as sip:"):
        parse_uri(text)


CHALLENGE = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc"'


def answer(challenge: str, password: str) -> str:
    return credentials(
        challenge, user="Mufasa", password=password, method="GET", uri="/dir/index.html", cnonce="0a4f113b"
    )


def test_digest_of_rfc_2617_section_3_5() -> None:
    login = answer(f'{CHALLENGE}, qop="auth,auth-int"', "Circle Of Life")
    assert 'response="6629fae49393a05397450978507c4ef1"' in login
    assert 'opaque="5ccc"' in login
    assert 'qop=auth, nc=00000001, cnonce="0a4f113b"' in login


def test_digest_without_qop_of_rfc_2069_erratum_749() -> None:
    login = answer(CHALLENGE, "CircleOfLife")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in login
    assert "cnonce" not in login


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        'Basic realm="x"',
        f"{CHALLENGE}, algorithm=SHA-256",
        f'{CHALLENGE}, qop="auth-int"',
        "Digest realm=x",
    ],
)
def test_other_logins_are_refused(challenge: str) -> None:
    with pytest.raises(ProtocolError, match="offer Digest MD5"):
        answer(challenge, "secret")
