"""``runfox test``"""

from collections.abc import Callable
from pathlib import Path

import click

from runfox.cli.codes import COMPLETE, FAILED
from runfox.cli.drawing.standing import GLYPHS
from runfox.cli.refusal import Refused
from runfox.cli.texts import count, harmless, machine
from runfox.errors import did_you_mean
from runfox.spec import durations
from runfox.testing.mocks import Mocks, Verdict, judge, load_mocks
from runfox.testing.mocks_expect import ABSENT, Difference
from runfox.values import Json

USUAL = "mocks.yaml"


@click.command("test")
@click.argument("file")
@click.option(
    "--mocks",
    metavar="MOCKS.yaml",
    help="The cases. Default: FILE's name with .mocks.yaml, else mocks.yaml, beside FILE.",
)
@click.option(
    "--case", "names", multiple=True, metavar="NAME", help="Only this case. May be repeated."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(file: str, mocks: str | None, names: tuple[str, ...], form: str) -> int:
    """Run the workflow in FILE by scripted answers, and compare what comes of it.

    No executor is called, and no time passes: waits, retries and timeouts move a virtual clock.

    Exit code 0 if every case comes out as expected, 1 if one does not, 2 if the cases cannot be used.
    """
    found = _chosen(_read(file, mocks), names)
    verdicts = [judge(found, case) for case in found.cases]
    click.echo(_FORMS[form](verdicts))
    return COMPLETE if all(verdict.passed for verdict in verdicts) else FAILED


def _read(file: str, mocks: str | None) -> Mocks:
    try:
        return load_mocks(mocks if mocks is not None else _beside(Path(file)), file)
    except OSError as error:
        raise Refused(f"cannot read {error.filename}: {error.strerror}") from error


def _beside(file: Path) -> Path:
    own, usual = file.parent / f"{file.stem}.{USUAL}", file.parent / USUAL
    for path in (own, usual):
        if path.is_file():
            return path
    raise Refused(
        f"no cases for {file}: there is neither {own} nor {usual}. Write one, or name one with --mocks."
    )


def _chosen(mocks: Mocks, names: tuple[str, ...]) -> Mocks:
    known = [case.name for case in mocks.cases]
    for name in names:
        if name not in known:
            raise Refused(f"no case is called {name!r}. {did_you_mean(name, known)}")
    if not names:
        return mocks
    return mocks._replace(cases=tuple(case for case in mocks.cases if case.name in names))


def _text(verdicts: list[Verdict]) -> str:
    lines = []
    for verdict in verdicts:
        sign = _sign("complete", "green") if verdict.passed else _sign("failed", "red")
        lines.append(f"{sign} {harmless(verdict.case.name)}{_took(verdict)}")
        for difference in verdict.differences:
            told = harmless(str(difference)).replace("\n", "\n    ")
            lines.append(f"    {told}")
    failed = sum(not verdict.passed for verdict in verdicts)
    told = f", {failed} failed" if failed else " passed"
    lines.append(count(len(verdicts), "case") + told)
    return "\n".join(lines)


def _sign(status: str, colour: str) -> str:
    return click.style(GLYPHS[status], fg=colour)


def _took(verdict: Verdict) -> str:
    if verdict.simulation is None or not verdict.simulation.elapsed:
        return ""
    return click.style(
        f"  ({durations.text(verdict.simulation.elapsed)} of virtual time)", dim=True
    )


def _json(verdicts: list[Verdict]) -> str:
    return machine([_told(verdict) for verdict in verdicts])


def _told(verdict: Verdict) -> Json:
    simulation = verdict.simulation
    return {
        "name": verdict.case.name,
        "passed": verdict.passed,
        "status": None if simulation is None else simulation.status.value,
        "elapsed": None if simulation is None else simulation.elapsed.total_seconds(),
        "differences": [_difference(one) for one in verdict.differences],
    }


def _difference(one: Difference) -> Json:
    values = {"expected": one.expected, "found": one.found}
    there = {key: value for key, value in values.items() if value is not ABSENT}
    return {"place": one.place, "message": str(one), **there}


_FORMS: dict[str, Callable[[list[Verdict]], str]] = {"text": _text, "json": _json}
