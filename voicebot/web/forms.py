"""The fields of a form that was sent to us."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

MOST_FIELDS = 10


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form, whose size `Guard` has bounded; raises HTTPException for what is none."""
    try:
        body = (await request.body()).decode()
        return dict(parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise HTTPException(400, "Dit is geen formulier van voicebot.") from None
