"""``runfox check``"""

from collections.abc import Callable
from dataclasses import asdict

import click

from runfox import spec
from runfox.cli.codes import COMPLETE, USAGE
from runfox.cli.refusal import Refused
from runfox.cli.texts import count, harmless, machine
from runfox.spec import Problem
from runfox.spec.loading import read_file


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="github: annotations in the log of GitHub Actions.",
)
@click.option(
    "--mode",
    type=click.Choice(["thread", "process", "async"]),
    help="Where the steps are to be executed: warns of what cannot be done there.",
)
def command(files: tuple[str, ...], form: str, mode: str | None) -> int:
    """Say everything that is wrong with workflow files. Runs nothing, imports no handlers.

    Exit code 2 if there is any error; warnings alone are 0.
    """
    found = {
        name: spec.check_text(_read(name), source=name, threads=mode == "thread") for name in files
    }
    text = _FORMS[form](found)
    if text:
        click.echo(text)
    problems = [problem for each in found.values() for problem in each]
    return USAGE if any(problem.severity == "error" for problem in problems) else COMPLETE


def _read(name: str) -> bytes:
    try:
        return read_file(name)
    except OSError as error:
        raise Refused(f"cannot read {name}: {error.strerror}") from error


def _text(found: dict[str, list[Problem]]) -> str:
    parts = []
    for name, problems in found.items():
        parts += [harmless(str(problem)) for problem in problems]
        parts.append(f"{harmless(name)}: {_verdict(problems)}")
    return "\n".join(parts)


def _verdict(problems: list[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    words = [
        count(number, word) for number, word in ((errors, "error"), (warnings, "warning")) if number
    ]
    return ", ".join(words) or "ok"


def _json(found: dict[str, list[Problem]]) -> str:
    return machine([asdict(problem) for problems in found.values() for problem in problems])


def _github(found: dict[str, list[Problem]]) -> str:
    return "\n".join(_annotation(each) for problems in found.values() for each in problems)


def _annotation(problem: Problem) -> str:
    told = problem.message if problem.hint is None else f"{problem.message} ({problem.hint})"
    place = f"file={_property(problem.source)},line={problem.line},col={problem.column}"
    title = _property(problem.code)
    return f"::{problem.severity} {place},title={title}::{_escaped(harmless(told))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(harmless(text)).replace(":", "%3A").replace(",", "%2C")


_FORMS: dict[str, Callable[[dict[str, list[Problem]]], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
}
