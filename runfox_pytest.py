"""What pytest loads of runfox at its start: nothing of the package, before a file of cases is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``mocks.yaml`` and ``*.mocks.yaml``, where they are runfox's."""
    if not file_path.name.endswith(("mocks.yaml", "mocks.yml")):
        return None
    from runfox.testing import plugin

    return plugin.pytest_collect_file(file_path, parent)


@pytest.fixture(scope="session")
def simulate() -> Callable[..., Any]:
    """``runfox.testing.simulate``: run a workflow to its end by a script, under a virtual clock."""
    from runfox.testing import simulate as function

    return function
