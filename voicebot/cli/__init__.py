"""The `voicebot` command: one file per subcommand, each thin."""

from __future__ import annotations

import sys
from typing import NoReturn

import click
import typer

from voicebot.cli.call import call
from voicebot.cli.check import check
from voicebot.cli.demo import demo
from voicebot.cli.dialplan import dialplan
from voicebot.cli.doctor import doctor
from voicebot.cli.hear import hear
from voicebot.cli.models import models_app
from voicebot.cli.serve import serve
from voicebot.cli.speak import speak
from voicebot.cli.understand import understand
from voicebot.errors import UsageError, VoicebotError

app = typer.Typer(
    name="voicebot",
    help="A self-hosted Dutch telephone assistant: listens, helps, and brings a human with the whole story.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve, demo, doctor, call, hear, understand, speak, check, dialplan):
    app.command()(command)
app.add_typer(models_app, name="models")


def main() -> NoReturn:
    """Run the command line: exit 0 on success, 1 on failure, 2 on wrong use; errors are one sentence."""
    try:
        code = app(standalone_mode=False)
    except (click.UsageError, UsageError) as error:
        _fail(error, 2)
    except VoicebotError as error:
        _fail(error, 1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output left
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(error: Exception, code: int) -> NoReturn:
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    context = getattr(error, "ctx", None)
    hint = f" (see `{context.command_path} --help`)" if context else ""
    sys.exit(_say(f"voicebot: {message}{hint}", code))


def _say(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
