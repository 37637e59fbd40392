"""The tables of the event store. A column that comes later is nullable or has a `server_default`."""

from __future__ import annotations

import sqlalchemy as sa

_all = sa.MetaData()

calls = sa.Table(
    "calls",
    _all,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("bot", sa.String, nullable=False),
    sa.Column("bot_version", sa.String, nullable=False),
    sa.Column("code_version", sa.String, nullable=False),
    sa.Column("started_at", sa.String, nullable=False),
    sa.Column("ended_at", sa.String),
    sa.Column("outcome", sa.String),
    sa.Column("reason", sa.String),
)

entries = sa.Table(
    "entries",
    _all,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at_ms", sa.Integer, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)

callbacks = sa.Table(
    "callbacks",
    _all,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("call_id", sa.String, nullable=False),
    sa.Column("requested_at", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("intent", sa.String, nullable=False),
    sa.Column("number", sa.String),  # encrypted; gone once the caller was called back
    sa.Column("status", sa.String, nullable=False),
    sa.Column("done_at", sa.String),
    sa.Column("queue", sa.String, nullable=False, server_default=""),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("place", sa.String),  # requested_at of the first wish, as are all below: UTC (`moments.utc`)
    sa.Column("not_before", sa.String),
    sa.Column("expires_at", sa.String),
    sa.Column("claimed_at", sa.String),
    sa.Column("last_result", sa.String, nullable=False, server_default=""),
    sa.Column("fingerprint", sa.String),  # of the number
)

false_alarms = sa.Table(
    "false_alarms",
    _all,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("marked_at", sa.String, nullable=False),
)

contexts = sa.Table(
    "contexts",
    _all,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("token", sa.String, nullable=False, unique=True),  # its SHA-256
    sa.Column("body", sa.Text, nullable=False),  # encrypted
    sa.Column("at", sa.String, nullable=False),
    sa.Column("claimed_at", sa.String),
)

letters = sa.Table(
    "letters",
    _all,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("call_id", sa.String, nullable=False),
    sa.Column("body", sa.Text),  # encrypted; gone once it was delivered
    sa.Column("at", sa.String, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_at", sa.String),  # null once it was delivered or given up
    sa.Column("delivered_at", sa.String),
    sa.Column("error", sa.String, nullable=False),
)

passages = sa.Table(
    "passages",
    _all,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("at", sa.String, nullable=False),  # of the first step that was noted
    sa.Column("queued_at", sa.String),
    sa.Column("rang_at", sa.String),
    sa.Column("answered_at", sa.String),
    sa.Column("abandoned_at", sa.String),
    sa.Column("fallback_at", sa.String),
    sa.Column("ended_at", sa.String),
    sa.Column("agent", sa.String, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
)

corrections = sa.Table(
    "corrections",
    _all,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("right_intent", sa.String, nullable=False),
    sa.Column("marked_by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)
