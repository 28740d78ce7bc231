"""A write or a sync fails, at any point: an error of the store, never of the workflow, and the run goes on.

python -m tests.faults.io_errors does so at every point, in each way to fail, and prints a table.
"""

import pytest

from tests.faults import io_errors


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_a_failing_disk_loses_nothing_and_fails_no_run(every):
    tallies = io_errors.everywhere(every)
    assert [one for tally in tallies.values() for one in tally.violations] == []
    for (_, how_long, _), tally in tallies.items():
        assert tally.points >= 200 // every
        assert tally.checked > tally.points
        # What fails once is tried again before anybody is told.
        assert (tally.raised > tally.points * 0.6) == (how_long == "for ever")
