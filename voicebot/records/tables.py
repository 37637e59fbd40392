"""The tables of the event store."""

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
)

false_alarms = sa.Table(
    "false_alarms",
    _all,
    sa.Column("call_id", sa.String, primary_key=True),
    sa.Column("marked_at", sa.String, nullable=False),
)
