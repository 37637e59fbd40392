"""Our own logs: on stderr, for people on a terminal and as JSON lines elsewhere. No personal values."""

from __future__ import annotations

import sys

import structlog


def log_to_stderr() -> None:
    """Set logging up for this process; stdout stays free for what a command prints."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
