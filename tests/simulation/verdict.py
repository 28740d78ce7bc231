"""How a simulation has to have ended."""

from runfox.backend import codec, records
from runfox.graph import derived, explain
from runfox.values import canonical
from tests.properties.laws import stored
from tests.simulation.checks import demand
from tests.simulation.faults import CALM
from tests.simulation.scene import Cast, Scene


def judge(scene):
    """Raise ``Violation`` unless all is well at the end of a simulation."""
    checks, store = scene.checks, scene.store
    demand(scene.over, "every run ends once nothing goes wrong any more", *_why(scene))
    demand(
        scene.rested,
        "nothing is left in the queue",
        store.ledger.rows_left(),
        dict(store._inbox._waiting),
        store._slots._held,
    )
    for own, kept in store._executions.items():
        _history(own, kept)
    for number in range(scene.flow.many):
        _outcome(scene, f"x{number}")
    _signals(scene)
    _effort(scene, checks)


def _why(scene):
    return [
        f"{own}: {kept.commit.record.status} {explain(kept.commit.record, now=scene.now())}"
        for own, kept in scene.store._executions.items()
        if not kept.commit.record.status.ended
    ] or [f"{scene.calling} callers are at it still"]


def _history(own, kept):
    """The record is what the facts say, once they have been written and read again."""
    record = kept.commit.record
    rows = (codec.Row(0, at, codec.facts_text(facts)) for at, facts in kept.facts)
    told = [fact for row in rows for fact in codec.facts(row)]
    again = records.folded(told, own, record.plan, revision=record.revision)
    demand(record.revision == len(kept.facts), "no revision is missing", own)
    demand(stored(again) == stored(record), "a record is what its facts say", own)
    demand(derived(again) == derived(record), "what is derived can be rebuilt", own)


def _outcome(scene, own):
    flow, record = scene.flow, scene.store._executions[own].commit.record
    status = record.status.value
    ends = flow.ends
    if scene.cast.max_deliveries < 10:
        ends = (*ends, "failed")
    demand(status in ends, "a run ends as it should", own, status, record.error)
    if flow.alike:
        usual, outcome, undone, _ = undisturbed(flow)
        if status == usual:
            if flow.name == "undo":
                told = record.error["rolled_back"]
                demand(told == undone, "effects are undone the last one first", own, told)
            # A branch may have dealt with a job that cost too many workers their life.
            demand(
                canonical(record.outcome) == outcome or _gave_up(scene.store._executions[own]),
                "whatever goes wrong, the outcome is the same",
                own,
                record.outcome,
                outcome,
            )
        else:
            lost = record.error is not None and scene.cast.max_deliveries < 10
            demand(lost, "whatever goes wrong, a run ends the same", own, status, record.error)
    if flow.name == "cancel":
        _cancelled(scene, own, record)


def _gave_up(kept):
    """Whether some run failed because it was delivered too often."""
    errors = (getattr(fact, "error", None) for _, facts in kept.facts for fact in facts)
    return any(isinstance(error, dict) and error.get("type") == "LeaseLost" for error in errors)


def _cancelled(scene, own, record):
    mark = (own, 0)
    child = next(one for own, one in scene.store._executions.items() if own.startswith("x0."))
    ended = child.commit.record
    if record.status.value == "cancelled" and ended.status.value == "complete":
        late = (ended.ended_at - record.started_at).total_seconds()
        demand(late < 60 and scene.faults, "a cancel reaches those who were called", own)
    if mark in scene.accepted:
        last = record.steps["z"].status.value
        if record.status.value != "cancelled":  # it was too late for that: finally ran already
            demand(last == "cancelled", "an accepted cancel cancels", own)
        else:
            demand(last == "complete", "cancelled once, finally runs", own)


def _signals(scene):
    """Every accepted signal was applied, in order, or is recorded as ignored."""
    checks = scene.checks
    for (own, _), act in sorted(scene.accepted.items(), key=lambda item: item[0]):
        if act.verb == "signal" and not checks.ignored[own]:
            data = act.arguments[1]
            id = act.options["id"]
            found = [
                one for one in checks.signals[own] if one.data == data or (id and one.id == id)
            ]
            demand(len(found) == 1, "an accepted signal is applied once", own, act)
    for own, applied in checks.signals.items():
        tags = [one.data["tag"] for one in applied]
        wanted = [act.arguments[1]["tag"] for act in scene.flow.acts if act.verb == "signal"]
        order = [wanted.index(tag) for tag in tags]
        demand(order == sorted(order), "signals are applied in the order of their acceptance", own)


def _effort(scene, checks):
    """Without what guards against it, the same would be done again and again, and nobody would see it."""
    again = sum(checks.starts.values()) - len(checks.starts)
    demand(
        # A caller that executes is told when the store is away: what it had executed is as lost as in a crash.
        again <= checks.taken_back + checks.given_back,
        "nothing is executed again unless a lease was lost",
        again,
        checks.taken_back,
    )
    commits = sum(checks.commits.values())
    results = sum(checks.starts.values()) + sum(checks.messages.values())
    rounds = 2 * checks.executions + 2 * len(checks.children) + checks.timers
    told = sum(len(one) for one in checks.signals.values()) + sum(checks.ignored.values())
    most = results + rounds + told + 4 * len(scene.flow.acts) + 20 * bool(scene.flow.limits)
    # Of a result whose commit had no answer it may be noted, later, that it came again.
    most += scene.faults["lost"]
    demand(commits <= most, "no more is committed than happens", commits, most)
    demand(
        checks.messages["ended"] <= checks.endings,
        "an end is reported once",
        checks.messages["ended"],
        checks.endings,
    )
    if not scene.faults and not scene.cast.strangers:
        demand(again == 0, "without faults everything is executed once", again)
        if scene.flow.name == "hang":
            found = checks.errors["Timeout"] + checks.messages["result"]
            demand(found >= 1, "what takes too long fails", checks.errors)
        if scene.flow.steady:
            _, _, _, runs = undisturbed(scene.flow)
            demand(
                len(checks.starts) == runs * scene.flow.many,
                "without faults nothing is tried again",
                len(checks.starts),
                runs,
            )
    if scene.mode == "S" and not scene.faults and not scene.cast.strangers:
        demand(scene.hints <= len(checks.jobs) + 3, "jobs are announced once", scene.hints)


_known = {}


def undisturbed(flow):
    """Return how a run ends, and with what, when one worker has it for itself and nothing goes wrong."""
    if flow.name not in _known:
        scene = Scene("T", flow._replace(many=1), CALM, 0, cast=Cast((1,), 0, max_deliveries=3))
        scene.run()
        record = scene.store._executions["x0"].commit.record
        undone = None if record.error is None else record.error.get("rolled_back")
        _known[flow.name] = (
            record.status.value,
            canonical(record.outcome),
            undone,
            len(scene.checks.starts),
        )
    return _known[flow.name]
