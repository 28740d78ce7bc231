"""Results for what there is not: they change nothing, and break nothing."""

import pytest

from tests.unit.graph.runs import Run, success


@pytest.mark.parametrize("path", ["undo[0]", "undo[7]", "undo", "undo[0].x"])
def test_a_result_of_an_undo_that_there_is_not_is_ignored(path: str):
    run = Run({"id": "a"}, on_failure="rollback").fails("a")
    assert run.record.undo is not None
    before = run.record.status
    run.result(success(path))
    assert run.record.status is before
