"""Files: a database is its owner's, and code beside a workflow runs when it was named, never for a look."""

import stat

import pytest
from click.testing import CliRunner

from runfox import SqliteStore
from runfox.cli.app import app

TRAP = "import pathlib\npathlib.Path('imported').touch()\n\ndef a(**inputs):\n    return {}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.yaml").write_text("name: flow\nsteps:\n- {id: a}\n")
    (tmp_path / "handlers.py").write_text(TRAP)
    return tmp_path


def test_only_its_owner_reads_and_writes_a_database(tmp_path):
    SqliteStore(tmp_path / "runs.db").close()
    assert stat.S_IMODE((tmp_path / "runs.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("line", [["check", "flow.yaml"], ["graph", "flow.yaml"]])
def test_a_look_at_a_workflow_runs_no_code_beside_it(line, folder):
    assert CliRunner().invoke(app, line).exit_code == 0
    assert not (folder / "imported").exists()


def test_code_beside_a_workflow_is_named_before_it_runs(folder):
    (folder / "handlers.py").write_text("raise RuntimeError('run')\n")
    answer = CliRunner().invoke(app, ["run", "flow.yaml"])
    assert answer.stderr.index("executor: handlers.py") < answer.stderr.index("RuntimeError: run")
