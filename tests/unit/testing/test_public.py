"""What tests of workflows need is there under one name, and costs nobody pytest who has not got it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The plugin is named; where the package is installed it must not be loaded a second time."""


def test_the_names_of_the_kit_are_those_of_the_package():
    import runfox.testing as kit

    names = ("Called", "Fails", "Simulation", "Stuck", "Takes", "TimesOut", "Unscripted")
    assert set(names) | {"simulate"} <= set(kit.__all__)
    assert kit.simulate({"name": "f", "steps": [{"id": "a"}]}, {"a": {}}).status == "complete"
    for name in kit.__all__:
        assert getattr(kit, name) is not None


def test_simulating_needs_no_pytest():
    code = "import sys; sys.modules['pytest'] = None; from runfox.testing import simulate"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_tests_of_the_example_pass():
    words = ["-q", "-p", "no:cacheprovider", "-p", "runfox.testing.plugin", "examples/uses/tested"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        env={**os.environ, **ALONE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "11 passed" in done.stdout, done.stdout


def test_pytest_loads_nothing_of_the_package_where_there_are_no_cases(tmp_path):
    test = "import sys\ndef test_it():\n    assert 'runfox' not in sys.modules\n"
    (tmp_path / "test_it.py").write_text(test)
    words = ["-q", "-W", "error", "-p", "no:cacheprovider", "-p", "runfox_pytest", "--rootdir", "."]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **ALONE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
