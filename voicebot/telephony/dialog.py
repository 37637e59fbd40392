"""What the messages of one SIP dialog (RFC 3261 section 12) have in common. Pure."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from voicebot.telephony.sip import Fields, Headers, Request, Response, address, parameter, uri_of

METHODS = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"
"""What this phone understands."""
_MAGIC = "z9hG4bK"


def token() -> str:
    """Return an unguessable tag, branch or call id."""
    return secrets.token_hex(8)


@dataclass(slots=True)
class Dialog:
    """One side's view of a dialog, or of a registration."""

    call_id: str
    local: str
    """Our From value, with tag."""
    remote: str
    """The other side's To value, with tag once it has answered."""
    target: str
    """The URI that our requests ask for."""
    contact: str
    """The URI at which we take requests."""
    sent_by: str
    """Our ``host:port``, for Via."""
    cseq: int = 0

    @classmethod
    def new(cls, local: str, target: str, contact: str, sent_by: str, remote: str | None = None) -> Dialog:
        """Return a dialog that our next request opens; `remote` where that is another URI than `target`."""
        tagged = f"{local};tag={token()}"
        return cls(token(), tagged, remote or address(target), target, contact, sent_by)

    @classmethod
    def answering(cls, invite: Request, contact: str, sent_by: str) -> Dialog:
        """Return the dialog that the other side's `invite` opens."""
        headers = invite.headers
        target = uri_of(headers.get("Contact", headers["From"]))
        return cls(
            invite.call_id, f"{headers['To']};tag={token()}", headers["From"], target, contact, sent_by
        )

    @property
    def tag(self) -> str:
        """Our tag."""
        return parameter(self.local, "tag")

    def request(self, method: str, fields: Fields = (), body: bytes = b"") -> Request:
        """Return our next request."""
        self.cseq += 1
        return self._build(method, self.target, token(), fields, body)

    def cancel(self, invite: Request) -> Request:
        """Return the request that takes back our own `invite` (RFC 3261 section 9.1)."""
        return self._build("CANCEL", invite.uri, invite.branch.removeprefix(_MAGIC))

    def established(self, answer: Response) -> Request:
        """Take over what the other side's 200 `answer` to our INVITE says; return the ACK it wants."""
        self.remote = answer.headers["To"]
        self.target = uri_of(answer.headers.get("Contact", "")) or self.target
        return self._build("ACK", self.target, token())

    def _build(self, method: str, uri: str, branch: str, fields: Fields = (), body: bytes = b"") -> Request:
        common = [
            ("Via", f"SIP/2.0/UDP {self.sent_by};branch={_MAGIC}{branch};rport"),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq} {method}"),
        ]
        return Request(method=method, uri=uri, headers=Headers([*common, *fields]), body=body)
