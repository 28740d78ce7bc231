"""What the package promises about itself: its dependencies, its version, its types."""

import re
import subprocess
import sys
import tomllib

import runfox
from tests.docs.blocks import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = {"runfox", "yaml", "_yaml", "json_logic_path"}
# What an environment loads at its start (coverage, editable installs) is none of ours.
LOADED = """
import sys
before = set(sys.modules)
import runfox
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(names - set(sys.stdlib_module_names)))
"""


def test_importing_runfox_loads_no_driver_and_no_extra():
    run = [sys.executable, "-c", LOADED]
    loaded = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(loaded.split()) <= NEEDED | {"jsonpath_ng", "ply"}


def test_runfox_depends_on_a_yaml_reader_and_json_logic_only():
    names = [re.split(r"[^\w-]", need)[0] for need in PROJECT["dependencies"]]
    assert names == ["PyYAML", "json-logic-path"]


def test_the_version_is_written_once_and_can_be_read_from_the_package():
    assert PROJECT["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", runfox.__version__)


def test_the_package_says_that_it_has_types():
    assert (ROOT / "runfox" / "py.typed").exists()
