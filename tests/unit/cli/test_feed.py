"""Every commit is told once, in order, whoever made it."""

import itertools
from pathlib import Path

from runfox import Workflow
from runfox.cli.feed import Feed, Moved, Polling
from runfox.connect import connect
from tests.unit.cli.runs import LOOP


def revisions(told: list[Moved]) -> list[int]:
    return [moved.after.revision for moved in told]


def test_commits_of_others_are_told_before_the_own_one_that_follows(tmp_path: Path) -> None:
    mine, theirs = connect(str(tmp_path / "r.db")), connect(str(tmp_path / "r.db"))
    workflow = Workflow.from_dict(LOOP, mine)
    told: list[Moved] = []
    feed = Feed(mine, mine.load(workflow.id), told.append)
    mine.observers.append(feed.observe)
    other = Workflow.resume(workflow.id, theirs)
    workflow.advance()
    other.on_step_result("root", {})
    other.advance()
    workflow.on_step_result("left", {})
    other.on_step_result("right", {})
    feed.catch_up()
    feed.catch_up()
    assert revisions(told) == list(range(2, mine.load(workflow.id).revision + 1))
    for before, after in itertools.pairwise(told):
        assert before.after == after.before
    assert told[-1].after.steps == mine.load(workflow.id).steps


def test_other_executions_are_none_of_its_business(tmp_path: Path) -> None:
    backend = connect("memory:")
    one, other = Workflow.from_dict(LOOP, backend), Workflow.from_dict(LOOP, backend)
    told: list[Moved] = []
    backend.observers.append(Feed(backend, backend.load(one.id), told.append).observe)
    other.advance()
    assert told == []


def test_a_poll_misses_nothing_at_its_end(tmp_path: Path) -> None:
    mine, theirs = connect(str(tmp_path / "r.db")), connect(str(tmp_path / "r.db"))
    workflow = Workflow.from_dict(LOOP, theirs)
    told: list[Moved] = []
    with Polling(Feed(mine, mine.load(workflow.id), told.append)):
        workflow.advance()
        workflow.on_step_result("root", {})
        workflow.advance()
    assert revisions(told) == [2, 3, 4]
