"""Two versions of runfox side by side on one database: the older leaves alone what the newer has moved on."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from runfox import Workflow, WorkflowStatus
from runfox.backend import Backend, codec
from runfox.backend.protocols import Message
from runfox.connect import connect
from runfox.testing.engines import a_newer_engine
from tests.acceptance.cli_process import (
    SECONDS,
    Ran,
    completions,
    environment,
    runfox,
    started,
)

HANDLERS = """
from pathlib import Path
from time import sleep

def held():
    with Path("held.began").open("a") as log:
        log.write("x")
    while not Path("held.go").exists():
        sleep(0.01)
    return {"by": "held"}

def quick():
    return {"by": "quick"}
"""

BOTH = {
    "name": "both",
    "steps": [
        {"id": "held"},
        {"id": "quick", "queue": "newer"},
        {"id": "after", "fn": "quick", "queue": "newer", "depends_on": ["held", "quick"]},
    ],
    "outputs": {"by": {"var": "steps.after.output.by"}},
}
QUICK = {
    "name": "quick",
    "steps": [{"id": "quick"}, {"id": "b", "fn": "quick", "depends_on": ["quick"]}],
}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    (tmp_path / "handlers.py").write_text(HANDLERS)
    backend = connect(str(tmp_path / "runfox.db"))
    yield backend
    backend.store.close()


def newer(*arguments: str, cwd: Path) -> Ran:
    """Run a command of the newer runfox to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.newer", *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def until(true: Callable[[], object]) -> None:
    last = monotonic() + SECONDS
    while not true():
        assert monotonic() < last, "it never came"
        sleep(0.02)


def summaries(backend: Backend) -> dict[str, WorkflowStatus]:
    return {one.execution_id: one.status for one in backend.executions()}


def test_an_older_worker_hands_in_what_it_had_taken_and_leaves_the_rest_to_the_newer(
    backend: Backend, tmp_path: Path
) -> None:
    Workflow.from_dict(BOTH, backend, execution_id="shared").advance()
    mine = Workflow.from_dict(QUICK, backend, execution_id="mine")
    with started("worker", "--db", "runfox.db", "--queue", "", cwd=tmp_path) as older:
        until((tmp_path / "held.began").exists)
        # The newer one moves the run on, and from then on it is the newer one's.
        assert (
            newer(
                "worker", "--db", "runfox.db", "--queue", "newer", "--until-idle", cwd=tmp_path
            ).code
            == 0
        )
        (tmp_path / "held.go").touch()
        older.wait_for("Upgrade this process")
        # It goes on with what is its own.
        mine.advance()
        until(lambda: summaries(backend)["mine"] is WorkflowStatus.COMPLETE)
        assert summaries(backend)["shared"] is WorkflowStatus.IN_PROGRESS
        assert [one.kind for one in backend.store.read("shared", 10)] == ["result"]
        assert older.end(signal.SIGTERM).code == 0
    assert newer("worker", "--db", "runfox.db", "--until-idle", cwd=tmp_path).code == 0
    with a_newer_engine():
        assert connect(str(tmp_path / "runfox.db")).load("shared").outcome == {"by": "quick"}
    history = newer("history", "shared", "-o", "json", "--db", "runfox.db", cwd=tmp_path).json
    assert sorted(completions(history)) == [("after", 0), ("held", 0), ("quick", 0)]
    assert (tmp_path / "held.began").read_text() == "x"


def test_whatever_an_older_process_does_it_leaves_alone_what_the_newer_began(
    backend: Backend, tmp_path: Path
) -> None:
    with a_newer_engine():
        Workflow.from_dict(QUICK, backend, execution_id="theirs").advance()
    Workflow.from_dict(QUICK, backend, execution_id="mine").advance()
    # Something is said to both, which makes them due.
    for name in ("theirs", "mine"):
        backend.store.put(Message(name, "k", "slot", {"key": "none"}))
    for words in (("worker", "--until-idle"), ("drive", "--until-idle"), ("sweep", "--once")):
        assert runfox(*words, "--db", "runfox.db", cwd=tmp_path).code == 0
    assert summaries(backend) == {
        "theirs": WorkflowStatus.IN_PROGRESS,
        "mine": WorkflowStatus.COMPLETE,
    }
    # After its upgrade it goes on with both.
    assert newer("worker", "--db", "runfox.db", "--until-idle", cwd=tmp_path).code == 0
    assert set(summaries(backend).values()) == {WorkflowStatus.COMPLETE}


def test_an_older_command_says_what_is_the_matter(backend: Backend, tmp_path: Path) -> None:
    with a_newer_engine():
        Workflow.from_dict(QUICK, backend, execution_id="theirs").advance()
    [row] = runfox("list", "-o", "json", cwd=tmp_path).json
    assert (row["execution_id"], row["needs_newer"]) == ("theirs", True)
    assert "a newer runfox is at it" in runfox("list", cwd=tmp_path).out
    for words in (("show",), ("explain",), ("history",), ("cancel",), ("retry",), ("pause",)):
        said = runfox(*words, "theirs", cwd=tmp_path)
        assert said.code == 2
        assert f"needs a runfox that reads format {codec.FORMAT + 1}" in said.err
        assert "Upgrade this process" in said.err
    [stale] = [
        one
        for one in runfox("stale", "--than", "0s", "-o", "json", cwd=tmp_path).json
        if one["step"] == ""
    ]
    assert stale["kind"] == "newer"
    assert newer("show", "theirs", cwd=tmp_path).code == 0
