"""The ways to a workflow: from a text, a file, a dict, or from what a store kept."""

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from runfox.errors import SpecError
from runfox.spec.admission import admitted
from runfox.spec.building import spec_of
from runfox.spec.compiled import Compiled
from runfox.spec.limits import MAX_BYTES
from runfox.spec.model import Spec
from runfox.spec.pauses import no_collection
from runfox.spec.problem import Finding, Problem
from runfox.spec.reporting import data_problems, text_problems
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.spec.checks import Checked


@no_collection()
def load(text: str | bytes, *, source: str = "<string>") -> Spec:
    """Read a workflow from YAML or JSON. A source that ends in ``.json`` is JSON and nothing else.

    Raises:
        SpecError: ``problems`` holds every error of the text, in its order. Warnings are not among them:
            see ``check_text``.
    """
    from runfox.spec import reader  # PyYAML is only loaded where a text is read

    reading = reader.read(text, source)
    if not reading.whole:
        raise SpecError(text_problems(reading.findings, reading, source))
    checked = _check(reading.data)
    errors = [*reading.findings, *_errors(checked.findings)]
    if errors:
        raise SpecError(text_problems(errors, reading, source))
    return spec_of(reading.data, checked.compiled)


def load_file(path: str | PathLike[str]) -> Spec:
    """Read a workflow from a file. Raises ``SpecError``, and ``OSError`` where the file cannot be read."""
    return load(read_file(path), source=fspath(path))


def read_file(path: str | PathLike[str]) -> bytes:
    """Return the bytes of a file, of a very large one no more than it takes to refuse it."""
    with FilePath(path).open("rb") as file:
        return file.read(MAX_BYTES + 1)


@no_collection()
def check_text(
    text: str | bytes, *, source: str = "<string>", threads: bool = False
) -> list[Problem]:
    """Return every problem of a text, errors and warnings, in its order; empty where there is none.

    ``threads``: its steps are executed in threads, which cannot do all that processes can.
    """
    from runfox.spec import reader

    reading = reader.read(text, source)
    findings = reading.findings
    if reading.whole:
        findings = [*findings, *_check(reading.data, threads=threads).findings]
    return text_problems(findings, reading, source) if findings else []


@no_collection()
def from_data(data: Mapping[str, Json], *, source: str = "<dict>") -> Spec:
    """Check a workflow given as a mapping. It is copied: later changes to ``data`` reach nothing.

    Raises:
        SpecError: As ``load``; problems have JSON pointers in place of lines and columns.
    """
    copy, refused = admitted(data)
    if refused:
        raise SpecError(data_problems(refused, copy, source))
    checked = _check(copy)
    errors = _errors(checked.findings)
    if errors:
        raise SpecError(data_problems(errors, copy, source))
    return spec_of(copy, checked.compiled)


@no_collection()
def build(data: dict[str, Json]) -> Spec:
    """Make a workflow of data that was checked before, as a store keeps it. Checks nothing."""
    return spec_of(data, Compiled())


def _errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def _check(data: Json, *, threads: bool = False) -> "Checked":
    from runfox.spec.checks import (
        check,  # what a store kept was checked before: resuming needs no checks
    )

    return check(data, threads=threads)
