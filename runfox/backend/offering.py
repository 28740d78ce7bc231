"""Which jobs of a commit go to the worker that makes it."""

from runfox.backend.protocols import Taker
from runfox.results import DispatchJob

Jobs = tuple[DispatchJob, ...]


def offered(jobs: Jobs, taker: Taker | None) -> tuple[Jobs, Taker | None]:
    """Return jobs with those first that a taker gets, and the taker with places for just these.

    So a store has to know nothing of queues: the first jobs of a commit are its taker's.
    """
    if taker is None or not jobs:
        return jobs, taker
    mine = [job for job in jobs if not taker.queues or job.terms.queue in taker.queues]
    places = min(len(mine), taker.places)
    if places == len(jobs) or mine[:places] == list(jobs[:places]):
        return jobs, taker._replace(places=places)
    others = [job for job in jobs if job not in mine[:places]]
    return (*mine[:places], *others), taker._replace(places=places)


def remaining(taker: Taker | None, jobs: Jobs) -> Taker | None:
    """Return a taker with the places that are left when it got its share of these jobs."""
    if taker is None or not jobs:
        return taker
    _, own = offered(jobs, taker)
    assert own is not None
    return taker._replace(places=taker.places - own.places)
