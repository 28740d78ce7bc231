"""Four workers and two drivers share the runs of one database, and each completion is recorded once."""

import pytest

from tests.storms.crowd import HEAD, gather


def check(figures, count):
    print(f"{HEAD}\n{figures.row}")
    verdict = figures.verdict
    assert (verdict.runs, verdict.steps) == (count, 3 * count)
    assert verdict.sound, verdict
    # Nobody died, and no lease ran out: nothing was executed more than once.
    assert verdict.repeated.total() == 0
    assert figures.left == []


@pytest.mark.parametrize("backend", ["sqlite", "postgres"])
def test_two_hundred_runs_are_shared_by_four_workers_and_two_drivers(
    tmp_path, postgres_url, backend
):
    check(gather(backend, tmp_path, 200, postgres_url), 200)


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "count"), [("postgres", 10_000), ("sqlite", 1_000)])
def test_thousands_of_runs_are_shared_by_four_workers_and_two_drivers(
    tmp_path, postgres_url, backend, count
):
    check(gather(backend, tmp_path, count, postgres_url), count)
