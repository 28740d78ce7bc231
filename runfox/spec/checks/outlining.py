"""From the data of a file to its outline."""

from collections.abc import Iterator

from runfox.spec.checks.outline import (
    BlockOutline,
    BranchOutline,
    JoinOutline,
    Outline,
    Reference,
    StepOutline,
    WorkflowOutline,
)
from runfox.spec.forms import target_step
from runfox.spec.problem import Path
from runfox.values import Json

PLAIN_ACTIONS = frozenset({"complete", "halt", "fail", "finish"})
ACTIONS_OF_KEYS = ("set", "cancel", "rollback")

JOINS: dict[str, int | None] = {"all": None, "any": 1}

_NOTHING: frozenset[str] = frozenset()


def outline_of(data: dict[str, Json]) -> Outline:
    workflows = list(_workflows(data, (), None))
    blocks = [block for workflow in workflows for block in workflow.blocks]
    by_key: dict[str, list[StepOutline]] = {}
    for block in blocks:
        for step in block.steps:
            for key in step.data:
                if key in by_key:
                    by_key[key].append(step)
                else:
                    by_key[key] = [step]
    return Outline(workflows, blocks, by_key)


def _workflows(
    data: dict[str, Json], path: Path, outer: WorkflowOutline | None
) -> Iterator[WorkflowOutline]:
    workflow = WorkflowOutline(data=data, path=path, outer=outer)
    _block(workflow, data.get("steps"), (*path, "steps"), None, _NOTHING)
    if type(data.get("finally")) is list:
        workflow.last = _block(workflow, data["finally"], (*path, "finally"), None, _NOTHING)
    yield workflow
    named = data.get("workflows")
    for name, inner in named.items() if type(named) is dict else ():
        if type(inner) is dict:
            found = list(_workflows(inner, (*path, "workflows", name), workflow))
            workflow.inner[name] = found[0]
            yield from found


def _block(
    workflow: WorkflowOutline,
    value: Json,
    path: Path,
    owner: StepOutline | None,
    names: frozenset[str],
) -> BlockOutline:
    block = BlockOutline(path=path, workflow=workflow, owner=owner, names=names)
    workflow.blocks.append(block)
    for position, data in enumerate(value if type(value) is list else ()):
        if type(data) is not dict:
            continue
        step = _step(data, (*path, position), block)
        if step.id is not None:
            block.positions.setdefault(step.id, step.position)
        block.steps.append(step)
        if "do" in data:
            _block(workflow, data["do"], (*step.path, "do"), step, step.names)
    return block


def _step(data: dict[str, Json], path: Path, block: BlockOutline) -> StepOutline:
    step_id = data["id"] if "id" in data else data.get("op")
    branches = data.get("branch")
    return StepOutline(
        step_id if type(step_id) is str else None,
        data,
        path,
        block,
        len(block.steps),
        _dependencies(data["depends_on"], (*path, "depends_on")) if "depends_on" in data else [],
        [
            _branch(branch, (*path, "branch", position))
            for position, branch in enumerate(branches)
            if type(branch) is dict
        ]
        if type(branches) is list
        else [],
        _join(data["join"], (*path, "join")) if "join" in data else None,
        _with_item(data["foreach"], block.names) if "foreach" in data else block.names,
    )


def _with_item(each: Json, names: frozenset[str]) -> frozenset[str]:
    if type(each) is not dict:
        return names
    name = each.get("as", "item")
    return names | ({name, "index"} if type(name) is str else {"index"})


def _dependencies(value: Json, path: Path) -> list[Reference]:
    if type(value) is str:
        return [Reference(value, path)]
    found = []
    for position, entry in enumerate(value if type(value) is list else ()):
        if type(entry) is str:
            found.append(Reference(entry, (*path, position)))
        elif type(entry) is dict:
            for name, wanted in entry.items():
                # Of an outcome that is none nothing is said here.
                outcome = wanted if type(wanted) is str else "ended"
                found.append(Reference(name, (*path, position, name), outcome, "key"))
    return found


def _listed(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    """Give the entries of a list with their paths, or the one text that stands for a list of it."""
    if type(value) is str:
        yield path, value
    elif type(value) is list:
        for position, entry in enumerate(value):
            yield (*path, position), entry


def _join(value: Json, path: Path) -> JoinOutline | None:
    rest: Json = "ignore"
    if type(value) is dict:
        rest, value, path = value.get("rest", rest), value.get("need"), (*path, "need")
    if type(value) is str and value in JOINS:
        return JoinOutline(JOINS[value], rest, path)
    if type(value) is int or (type(value) is float and value.is_integer()):
        return JoinOutline(int(value), rest, path) if value >= 1 else None
    return None


def _branch(data: dict[str, Json], path: Path) -> BranchOutline:
    action = data.get("action")
    if type(action) is not dict:
        known = type(action) is str and action in PLAIN_ACTIONS
        return BranchOutline(data, path, action if known else None, [])
    form = next((form for form in ACTIONS_OF_KEYS if form in action), None)
    if form is None or form == "rollback":
        return BranchOutline(data, path, form, [])
    targets = [
        Reference(step_id, place)
        for place, entry in _listed(action[form], (*path, "action", form))
        if type(entry) is str and (step_id := target_step(entry)) is not None
    ]
    return BranchOutline(data, path, form, targets)
