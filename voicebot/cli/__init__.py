"""The `voicebot` command: one file per subcommand, each thin."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from voicebot.cli.access import access
from voicebot.cli.call import call
from voicebot.cli.callbacks import callbacks_app
from voicebot.cli.check import check
from voicebot.cli.demo import demo
from voicebot.cli.dialplan import dialplan
from voicebot.cli.doctor import doctor
from voicebot.cli.fixtures import fixtures_app
from voicebot.cli.handovers import handovers_app
from voicebot.cli.hear import hear
from voicebot.cli.load import load
from voicebot.cli.models import models_app
from voicebot.cli.mood import mood
from voicebot.cli.replay import replay
from voicebot.cli.serve import serve
from voicebot.cli.speak import speak
from voicebot.cli.understand import understand
from voicebot.cli.voices import voices_app
from voicebot.errors import UsageError, VoicebotError
from voicebot.logs import log_to_stderr

app = typer.Typer(
    name="voicebot",
    help="A self-hosted Dutch telephone assistant: listens, helps, and brings a human with the whole story.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    serve,
    demo,
    doctor,
    access,
    call,
    hear,
    understand,
    speak,
    mood,
    replay,
    load,
    check,
    dialplan,
):
    app.command()(command)
app.add_typer(models_app, name="models")
app.add_typer(voices_app, name="voices")
app.add_typer(callbacks_app, name="callbacks")
app.add_typer(handovers_app, name="handovers")
app.add_typer(fixtures_app, name="fixtures")


# Typer brings its own copy of click or uses click itself, by version; this is UsageError in both.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]


def main() -> NoReturn:
    """Run the command line: exit 0 on success, 1 on failure, 2 on wrong use; errors are one sentence."""
    log_to_stderr()
    try:
        code = app(standalone_mode=False)
    except _TyperUsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error)
            sys.exit(0)
        _fail(_sentence(error), 2)
    except UsageError as error:
        _fail(str(error), 2)
    except VoicebotError as error:
        _fail(str(error), 1)
    except BrokenPipeError:  # the reader of our output left
        sys.exit(0)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _fail(f"{place}{error.strerror or error or type(error).__name__}", 1)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: Exception) -> str:
    """Return typer's complaint, and where help is."""
    message: str = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "voicebot"
    return f"{message.rstrip('.')}; see `{path} --help`"


def _fail(message: str, code: int) -> NoReturn:
    print(f"voicebot: {message}", file=sys.stderr)
    sys.exit(code)
