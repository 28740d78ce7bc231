"""Cases of a workflow in a file: what its steps answer, and what must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

from runfox.errors import RunfoxError, SpecError
from runfox.spec import Spec, instants, reader
from runfox.spec.loading import read_file
from runfox.spec.reporting import text_problems
from runfox.testing.mocks_checks import problems_of
from runfox.testing.mocks_expect import Difference, differences
from runfox.testing.script import Answer, Answers, Fails, Takes, TimesOut
from runfox.testing.script_names import names_of
from runfox.testing.simulate import START, Simulation, read, simulate
from runfox.testing.simulate_signals import Signals
from runfox.values import Json

EXPLICIT = frozenset(("output", "error", "timeout", "takes"))


class MocksInvalid(SpecError):
    """A file of cases cannot be used. ``problems`` holds all that is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run of a workflow by a script, and what is expected of it."""

    name: str
    script: Mapping[str, Answers]
    default: Answers | None
    inputs: dict[str, Json]
    signals: Signals
    start: datetime
    expect: Mapping[str, Json]


class Mocks(NamedTuple):
    """The cases of a file, the workflow that they are of, and those that it calls by name."""

    spec: Spec
    children: tuple[Spec, ...]
    cases: tuple[Case, ...]


class Verdict(NamedTuple):
    """How a case went. ``simulation`` is None where the run could not be brought to an end."""

    case: Case
    differences: tuple[Difference, ...]
    simulation: Simulation | None

    @property
    def passed(self) -> bool:
        return not self.differences


def load_mocks(path: str | PathLike[str], workflow: str | PathLike[str] | None = None) -> Mocks:
    """Read a file of cases.

    Without a ``workflow`` they are of the one that the file names, by a path from its own folder, as are its
    ``children``.

    Raises:
        MocksInvalid: The cases cannot be used; ``problems`` have lines and columns.
        SpecError: A workflow cannot be used. ``OSError`` where a file cannot be read.
    """
    source, folder = fspath(path), Path(path).parent
    reading = reader.read(read_file(path), source)
    findings = [*reading.findings]
    given = None if workflow is None else Path(workflow)
    found = _workflows(reading.data, folder, given) if reading.whole else ()
    if reading.whole:
        names = names_of(found) if found else None
        findings += problems_of(reading.data, names, workflow_given=given is not None)
    if findings:
        raise MocksInvalid(text_problems(findings, reading, source))
    data: dict[str, Any] = reading.data
    spec, *children = found
    return Mocks(spec, tuple(children), tuple(_case(case, data) for case in data["cases"]))


def _workflows(data: Json, folder: Path, given: Path | None) -> tuple[Spec, ...]:
    """Return the workflow of a file of cases, and those beside it; none where the file does not say which."""
    if type(data) is not dict:
        return ()
    named, children = data.get("workflow"), data.get("children", [])
    if given is None and type(named) is str:
        given = folder / named
    if given is None or type(children) is not list or not all(type(c) is str for c in children):
        return ()
    return (read(given), *(read(folder / child) for child in children))


def judge(mocks: Mocks, case: Case) -> Verdict:
    """Run a case, and compare what came of it with what is expected."""
    try:
        simulation = simulate(
            mocks.spec,
            case.script,
            case.inputs,
            default=case.default,
            signals=case.signals,
            children=mocks.children,
            start=case.start,
        )
    except RunfoxError as error:
        return Verdict(case, (Difference("run", message=str(error)),), None)
    return Verdict(case, tuple(differences(case.expect, simulation)), simulation)


def _case(data: dict[str, Any], shared: dict[str, Any]) -> Case:
    steps = {**shared.get("steps", {}), **data.get("steps", {})}
    default = data.get("default", shared.get("default"))
    start = data.get("start", shared.get("start"))
    return Case(
        name=data["name"],
        script={name: _answers(told) for name, told in steps.items()},
        default=None if default is None else _answers(default),
        inputs={**shared.get("inputs", {}), **data.get("inputs", {})},
        signals=data.get("signals", ()),
        start=START if start is None else instants.parse(start),
        expect=data.get("expect", {}),
    )


def _answers(told: Any) -> Answers:
    return [_answer(one) for one in told] if type(told) is list else _answer(told)


def _answer(told: dict[str, Any]) -> Answer:
    """Return what a mapping stands for: an output, unless all its keys say how the step answers."""
    if not told or not told.keys() <= EXPLICIT:
        return told
    answer: Answer = told.get("output", {})
    if "error" in told:
        answer = Fails(**told["error"])
    if "timeout" in told:
        answer = TimesOut()
    return Takes(told["takes"], answer) if "takes" in told else answer
