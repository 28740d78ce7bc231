"""Files of cases as tests of pytest: ``mocks.yaml`` and ``*.mocks.yaml`` with a ``workflow`` and ``cases``."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from runfox.testing.mocks import Case, Mocks, Verdict

_NAME = re.compile(r"(?:.*\.)?mocks\.ya?ml")
_KEYS = tuple(
    re.compile(rf"""^["']?{key}["']?\s*:""", re.MULTILINE) for key in ("workflow", "cases")
)


class _Node(Protocol):
    """What a pytest node is made with."""

    def __call__(self, parent: pytest.Collector, **more: Any) -> Any: ...


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "MocksFile | None":
    """Collect a file that says of itself what it is; any other of that name is somebody else's."""
    if not _NAME.fullmatch(file_path.name):
        return None
    try:
        text = file_path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if not all(key.search(text) for key in _KEYS):
        return None
    make: _Node = MocksFile.from_parent
    found: MocksFile = make(parent, path=file_path)
    return found


@pytest.fixture(scope="session")
def simulate() -> Callable[..., Any]:
    """``runfox.testing.simulate``: run a workflow to its end by a script, under a virtual clock."""
    from runfox.testing.simulate import simulate as function

    return function


class CaseFailed(Exception):
    """A case did not come out as expected."""

    def __init__(self, verdict: "Verdict") -> None:
        super().__init__("\n".join(map(str, verdict.differences)))


class MocksFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterable["MocksCase"]:
        from runfox.errors import RunfoxError
        from runfox.testing.mocks import load_mocks

        try:
            mocks = load_mocks(self.path)
        except RunfoxError as error:
            raise self.CollectError(str(error)) from None
        except OSError as error:
            raise self.CollectError(f"cannot read {error.filename}: {error.strerror}") from None
        make: _Node = MocksCase.from_parent
        for case in mocks.cases:
            yield make(self, name=case.name, mocks=mocks, case=case)


class MocksCase(pytest.Item):
    """One case."""

    def __init__(self, *, mocks: "Mocks", case: "Case", **more: Any) -> None:
        super().__init__(**more)
        self._mocks = mocks
        self._case = case

    def runtest(self) -> None:
        from runfox.testing.mocks import judge

        verdict = judge(self._mocks, self._case)
        if not verdict.passed:
            raise CaseFailed(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name
