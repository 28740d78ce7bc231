"""Findings put in order and given their places: lines and columns of a text, or pointers into a dict."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from runfox.spec.limits import MAX_PROBLEMS
from runfox.spec.problem import START, Finding, Mark, Path, Problem, excerpt, pointer
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.spec.reader import Reading


def text_problems(findings: Iterable[Finding], reading: "Reading", source: str) -> list[Problem]:
    """Return the problems of a text, sorted by line and column."""
    found = _foremost(_without_echoes(findings))
    unplaced = {finding.path for finding in found if finding.mark is None}
    earlier = {finding.earlier for finding in found if finding.earlier is not None}
    positions = reading.positions(unplaced | earlier) if unplaced or earlier else None

    def mark(finding: Finding) -> Mark:
        if finding.mark is not None or positions is None:
            return finding.mark or START
        place = positions.place(finding.path)
        return place.key if finding.at == "key" else place.value

    def first(path: Path) -> str:
        return f"line {positions.place(path).key.line}" if positions is not None else ""

    placed = sorted(
        ((mark(finding), finding) for finding in found), key=lambda pair: (pair[0], pair[1].code)
    )
    return [
        _problem(finding, source, at, excerpt(reading.text, at), first) for at, finding in placed
    ]


def data_problems(findings: Iterable[Finding], data: Json, source: str) -> list[Problem]:
    """Return the problems of a dict, in its order."""
    found = _foremost(findings)
    found.sort(key=lambda finding: (_rank(finding.path, data), finding.code))
    return [_problem(finding, source, None, None, pointer) for finding in found]


def _foremost(findings: Iterable[Finding]) -> list[Finding]:
    """Return as many findings as anybody reads; no warning takes the place of an error."""
    return sorted(findings, key=lambda finding: finding.severity == "warning")[:MAX_PROBLEMS]


def _rank(path: Path, data: Json) -> tuple[int, ...]:
    rank = []
    for part in path:
        if type(data) is dict:
            if part not in data:
                break
            rank.append(list(data).index(part))
        elif type(data) is not list:
            break
        else:
            rank.append(int(part))
        data = data[part]
    return tuple(rank)


def _problem(
    finding: Finding, source: str, mark: Mark | None, shown: str | None, name: Callable[[Path], str]
) -> Problem:
    message = finding.message
    if finding.earlier is not None:
        message = message.replace("{earlier}", name(finding.earlier))
    return Problem(
        source=source,
        line=None if mark is None else mark.line,
        column=None if mark is None else mark.column,
        pointer=pointer(finding.path),
        code=finding.code,
        message=message,
        hint=finding.hint,
        severity=finding.severity,
        excerpt=shown,
    )


def _without_echoes(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what follows from a value that the reader refused: only that refusal helps."""
    found = list(findings)
    refused = {
        finding.path
        for finding in found
        if finding.mark is not None and finding.earlier is None and finding.path
    }
    return [finding for finding in found if finding.mark is not None or finding.path not in refused]
