"""A crash before and after every single durable operation, one by one, of a run that nothing else happens to."""

from itertools import combinations

from tests.simulation.faults import CALM
from tests.simulation.flows import FLOWS
from tests.simulation.scene import Cast, Scene
from tests.simulation.verdict import judge

CAST = Cast((1,), 1)

SMALL = (
    *("chain", "fan", "first", "loop", "retry", "failing", "timer", "signals", "call", "each"),
    *("limit", "undo", "cancel", "pause", "mended", "skipped", "heartbeat", "halt"),
)
SMALLEST = ("chain", "halt", "skipped")

SIDES = ("before", "after")


def scene_at(mode, name, points):
    """Return a simulation in which the process dies that does these operations."""
    flow = FLOWS[name]._replace(many=2 if FLOWS[name].limits else 1)
    return Scene(mode, flow, CALM, 0, cast=CAST, points=points)


def operations(mode, name):
    """Return how many operations a run of a flow is, from its creation to its end."""
    scene = scene_at(mode, name, {})
    scene.run()
    judge(scene)
    return scene.writes


def failure(mode, name, points):
    """Return what a crash at these points spoils, or None."""
    scene = scene_at(mode, name, points)
    try:
        scene.run()
        judge(scene)
    except Exception as error:
        return f"{mode} {name} {points}: {type(error).__name__}: {error}"
    return None


def singles(mode, name):
    """Return all points at which one crash can be."""
    return [{number: side} for number in range(operations(mode, name)) for side in SIDES]


def pairs(mode, name):
    """Return all points at which two crashes can be."""
    one_by_one = [(number, side) for number in range(operations(mode, name)) for side in SIDES]
    return [dict(two) for two in combinations(one_by_one, 2) if two[0][0] != two[1][0]]


def every_point(mode, name):
    """Crash at each point; return how many there were, and what went wrong."""
    found = singles(mode, name)
    return len(found), [told for one in found if (told := failure(mode, name, one)) is not None]
