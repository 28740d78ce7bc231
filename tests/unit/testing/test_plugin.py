"""Files of cases are tests of pytest, told as such, and other people's files and runs are left alone."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CASES = """
workflow: flow.yaml
cases:
  - {name: it works, steps: {a: {n: 1}}, expect: {state: {n: 1}}}
  - {name: it does not, steps: {a: {n: 1}}, expect: {state: {n: 2}}}
"""


def run(folder: Path, *words: str, plugin: bool = True):
    """Run pytest in a process of its own, where warnings are errors."""
    loaded = ["-p", "runfox.testing.plugin"] if plugin else []
    usual = ["-q", "-W", "error", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", folder]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *usual, *loaded, *words],
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            # The plugin is named; where the package is installed it must not be loaded a second time.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "flow.yaml").write_text("{name: f, steps: [{id: a}]}")
    return tmp_path


def test_each_case_is_a_test_and_a_failed_one_says_what_differs(folder):
    (folder / "flow.mocks.yaml").write_text(CASES)
    (folder / "test_it.py").write_text(
        "def test_it(simulate):\n"
        "    spec = {'name': 'f', 'steps': [{'id': 'a'}]}\n"
        "    assert simulate(spec, {'a': {}}).status == 'complete'\n"
    )
    done = run(folder)
    assert "1 failed, 2 passed" in done.stdout
    assert "FAILED flow.mocks.yaml::it does not" in done.stdout
    assert "state.n: expected 2, found 1" in done.stdout
    assert "Traceback" not in done.stdout
    assert done.returncode == 1
    assert "1 passed" in run(folder, "flow.mocks.yaml::it works").stdout


def test_a_file_of_cases_that_cannot_be_used_is_an_error_with_its_place(folder):
    (folder / "mocks.yaml").write_text("workflow: flow.yaml\ncases: [{name: a, step: {}}]\n")
    done = run(folder)
    assert "mocks.yaml:2:19: unknown-key: no key 'step' here" in done.stdout
    assert done.returncode == 2


def test_files_of_others_are_let_be(folder):
    (folder / "mocks.yaml").write_text("cases: [1, 2]\n")
    (folder / "my.mocks.yaml").write_bytes(b"\xff\xfe")
    (folder / "notmocks.yaml").write_text(CASES)
    assert "no tests ran" in run(folder).stdout
