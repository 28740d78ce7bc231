"""What is said to be certain of a gate is so in every run, whichever steps fail, are skipped or complete."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from runfox.spec.checks import check
from runfox.spec.checks.certain import completed_before
from runfox.spec.checks.outline import BlockOutline, StepOutline
from runfox.spec.checks.outlining import outline_of
from runfox.values import Json

OUTCOMES = ("complete", "failed", "skipped")


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Json]:
    """A few steps, each of which waits for some of those before it, for any outcomes and with any join."""
    steps: list[dict[str, Json]] = []
    for number in range(draw(st.integers(2, 5))):
        step: dict[str, Json] = {"id": f"s{number}"}
        before = draw(st.lists(st.integers(0, max(number - 1, 0)), unique=True, max_size=3))
        if number and before:
            wanted = st.sampled_from(["complete"] * 3 + ["failed", "skipped", "ended"])
            step["depends_on"] = [{f"s{one}": draw(wanted)} for one in before]
            join = draw(st.sampled_from([None, "all", "any", 2, len(before)]))
            if join is not None and (type(join) is str or join <= len(before)):
                step["join"] = join
        steps.append(step)
    return {"name": "x", "steps": steps}


def opens(block: BlockOutline, step: StepOutline, outcomes: dict[int, str]) -> bool:
    """Whether a gate opens, told as the language has it, once all it waits for has ended."""
    if not step.depends_on:
        return True
    ended = [(r.wanted, outcomes[other.position]) for r, other in block.dependencies(step)]
    met = [wanted in {outcome, "ended"} for wanted, outcome in ended]
    if step.join is not None and step.join.need is not None:
        return sum(met) >= step.join.need
    neutral = (outcome == "skipped" for _, outcome in ended)
    return any(met) and all(fine or skip for fine, skip in zip(met, neutral, strict=True))


def runs(block: BlockOutline) -> list[tuple[dict[int, str], set[int]]]:
    """Return every way that a run can go: the outcome of each step, and the steps whose gate opened."""
    found = []
    for chosen in product(OUTCOMES, repeat=len(block.steps)):
        outcomes: dict[int, str] = {}
        opened = set()
        for step in block.steps:
            if opens(block, step, outcomes):
                opened.add(step.position)
                outcomes[step.position] = chosen[step.position]
            else:
                outcomes[step.position] = "skipped"
        found.append((outcomes, opened))
    return found


@given(workflows())
@settings(max_examples=150)
def test_what_must_have_completed_has_whenever_a_step_runs(data: dict[str, Json]) -> None:
    (block,) = outline_of(data).blocks
    before = completed_before(
        block, {position: 1 << position for position in range(len(block.steps))}
    )
    for outcomes, opened in runs(block):
        for position in opened:
            certain = {other for other in outcomes if before[position] >> other & 1}
            assert {outcomes[other] for other in certain} <= {"complete"}


@given(workflows())
@settings(max_examples=500)
def test_a_join_that_is_said_to_be_never_met_opens_in_no_run(data: dict[str, Json]) -> None:
    told = {f.path[1] for f in check(data).findings if f.code == "join-never-met"}
    (block,) = outline_of(data).blocks
    for _, opened in runs(block) if told else ():
        assert not told & opened


def test_it_is_told_of_some() -> None:
    steps = [
        {"id": "a"},
        {"id": "b", "depends_on": ["a"]},
        {"id": "c", "depends_on": ["b", {"a": "failed"}], "join": 2},
    ]
    assert "join-never-met" in {f.code for f in check({"name": "x", "steps": steps}).findings}
    (block,) = outline_of({"name": "x", "steps": steps}).blocks
    assert completed_before(block, {0: 1, 1: 2}) == [0, 1, 3]
