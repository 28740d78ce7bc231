"""What lies between executions: reports, cancels, and places in limits, as stores and queues deal with them."""

from typing import Any

from runfox import graph
from runfox.graph import Event, Full, Transition, WorkflowRecord
from runfox.graph.outside import Claim
from runfox.results import Cancelled, Complete, Failed
from tests.patterns.worlds import Holder, World


def messages(world: World, before: WorkflowRecord, told: Transition) -> World:
    """Send what a decision has to say to those that were called, and to the caller."""
    mail = list(world.mail)
    mail += [(child, graph.CancelAsked()) for child in told.elsewhere.cancels]
    if told.record.status.ended and not before.status.ended:
        mail += _report(told.record)
    return world._replace(mail=tuple(mail))


def _report(record: WorkflowRecord) -> list[tuple[str, Event]]:
    parent = record.origin.parent
    if parent is None or parent.detached:
        return []
    caller = parent.key.rpartition("#")[2]
    match graph.ended(record):
        case Complete(outcome=outcome):
            return [(caller, graph.ChildEnded(parent.step, parent.run_id, outcome))]
        case Failed(error=error):
            told: dict[str, Any] = {"type": "ChildFailed", "message": error["message"]}
        case Cancelled():
            told = {"type": "ChildFailed", "message": "it was cancelled"}
        case _:
            told = {"type": "Halted", "message": "it halted"}
    return [(caller, graph.ChildEnded(parent.step, parent.run_id, error=told))]


def full(world: World, execution: str, told: Transition) -> dict[str, Full]:
    """Return the limits that have no place for all claims of a decision."""
    found: dict[str, Full] = {}
    claims: dict[str, list[Claim]] = {}
    for claim in told.elsewhere.claims:
        claims.setdefault(claim.key, []).append(claim)
    for key, wanted in claims.items():
        stays = [one for one in world.held.get(key, ()) if not _leaves(one, execution, told)]
        most = wanted[0].max
        assert most is not None
        if len(stays) + len(wanted) > most:
            found[key] = Full(tuple(stays), None, max(0, most - len(stays)))
    return found


def _leaves(holder: Holder, execution: str, told: Transition) -> bool:
    ended = told.record.status.ended or holder[1:] in told.elsewhere.freed
    return holder[0] == execution and ended


def places(world: World, execution: str, told: Transition) -> World:
    """Give up and take places, and tell who waits for one that became free."""
    held, waiting, mail = dict(world.held), dict(world.waiting), list(world.mail)
    for table in (held, waiting):
        for key, holders in table.items():
            table[key] = tuple(one for one in holders if not _leaves(one, execution, told))
    freed = [key for key, holders in world.held.items() if held[key] != holders]
    for claim in () if told.record.status.ended else told.elsewhere.claims:
        holder = (execution, claim.step, claim.run_id)
        held[claim.key] = (*held.get(claim.key, ()), holder)
        waiting[claim.key] = tuple(o for o in waiting.get(claim.key, ()) if o != holder)
    for claim in () if told.record.status.ended else told.elsewhere.blocked:
        holder = (execution, claim.step, claim.run_id)
        if holder not in waiting.get(claim.key, ()):
            waiting[claim.key] = (*waiting.get(claim.key, ()), holder)
    for key in freed:
        mail += [(name, graph.SlotFreed(key)) for name, _, _ in waiting.get(key, ())[:1]]
    return world._replace(held=held, waiting=waiting, mail=tuple(mail))
