"""The commands by name, loaded when one is called, and what becomes of the errors they raise."""

import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword
from typing import Any

import click

from runfox import __version__
from runfox.cli.codes import INTERRUPTED, PIPE_CLOSED, USAGE
from runfox.cli.leaving import mute
from runfox.cli.texts import harmless
from runfox.errors import RunfoxError

COMMANDS = (
    "run",
    "check",
    "test",
    "graph",
    "resume",
    "list",
    "show",
    "history",
    "explain",
    "wait",
    "signal",
    "pause",
    "cancel",
    "retry",
    "rerun",
    "skip",
    "fork",
    "worker",
    "drive",
    "sweep",
    "dev",
    "doctor",
    "workers",
    "queue",
    "stale",
    "failures",
    "gc",
    "export",
    "import",
    "migrate",
    "keep",
    "workflows",
    "activate",
    "start",
    "schedule",
    "init",
    "schema",
    "version",
)
"""In the order in which ``--help`` names them. Each is a module of its own in ``commands``."""


class Commands(click.Group):
    """Loads a command when it is asked for: ``runfox version`` need not wait for what others import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"runfox.cli.commands.{module}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read this has seen enough, as `| head` does: no reason to complain.
            mute(sys.stdout, sys.stderr)
            return PIPE_CLOSED
        except KeyboardInterrupt:
            return INTERRUPTED
        except (RunfoxError, OSError, UnicodeEncodeError) as error:
            # What the system says of the names of files: that there are none such, or can be none.
            click.echo(f"runfox: {harmless(str(error))}", err=True)
            return USAGE
        return result


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="runfox %(version)s")
def app() -> None:
    """Run workflows that are written as YAML.

    Exit codes: 0 complete, 1 failed, 2 usage or a bad workflow, 3 halted, 4 still pending,
    130 interrupted.
    """


def invoke(arguments: Sequence[str], program: str) -> int:
    """Call a command, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character must not end a run.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app.main(list(arguments), prog_name=program, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return USAGE
    except click.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else 0
