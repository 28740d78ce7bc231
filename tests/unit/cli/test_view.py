"""What is shown of a running execution: tally, picture, lines."""

from collections import Counter
from datetime import timedelta
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from runfox.cli.view.frame import Glance, frame
from runfox.cli.view.lines import Lines
from runfox.cli.view.tally import ACTIVE, BROKEN, Tally
from runfox.cli.view.wording import lines
from tests.unit.cli.runs import Run

STEPS = ("root", "left", "right", "judge")
OUTPUTS = st.sampled_from([{}, {"again": True}, {"again": False}, "Boom"])


def wide(count: int) -> dict[str, object]:
    """A root and many steps after it."""
    many = [{"id": f"s{number:03}", "depends_on": ["root"]} for number in range(count)]
    return {"name": "wide", "steps": [{"id": "root"}, *many]}


def picture(tally: Tally, seconds: float = 1, **more: object) -> list[str]:
    now = tally.record.started_at + timedelta(seconds=seconds)
    console = Console(file=StringIO(), width=100, force_terminal=False)
    console.print(frame(tally, Glance(now, **more)))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def seen(run: Run) -> Tally:
    tally = Tally(run.start)
    for move in run.moves:
        tally.told(move)
    return tally


@given(st.lists(st.tuples(st.sampled_from(STEPS), OUTPUTS), max_size=25))
def test_a_tally_that_follows_says_what_a_fresh_one_says(results: list[tuple[str, object]]) -> None:
    run = Run()
    run.go(*results)
    tally, cells = seen(run), dict(run.record.steps)
    assert +tally.counts == Counter(cell.status for cell in cells.values())
    assert tally.active == {step: cell for step, cell in cells.items() if cell.status in ACTIVE}
    assert tally.broken == {step: cell for step, cell in cells.items() if cell.status in BROKEN}


@given(st.lists(st.tuples(st.sampled_from(STEPS), OUTPUTS), max_size=25))
def test_every_fact_has_its_line_of_harmless_text(results: list[tuple[str, object]]) -> None:
    run = Run()
    run.go(*results)
    for move in run.moves:
        told = list(lines(*move))
        assert len(told) == len(move.facts)
        assert all(line.text and line.text.isprintable() for line in told)


def test_a_small_workflow_has_a_row_for_every_step() -> None:
    run = Run()
    run.go(("root", {}), ("left", {}), ("right", {}), ("judge", {"again": True}))
    told = "\n".join(picture(seen(run)))
    assert told.startswith("loop  ")
    for step in STEPS:
        assert step in told
    assert "▶  left" in told
    assert "turn 2" in told
    assert "✓ 1 complete   ▶ 2 running   ○ 1 not begun" in told


def test_a_large_one_shows_counts_and_what_is_at_work() -> None:
    run = Run(wide(200))
    run.go(("root", {}), ("s000", {}))
    told = picture(seen(run), places=4)
    assert len(told) < 30
    text = "\n".join(told)
    assert "2 of 201 steps" in text
    assert "✓ 2 complete   ▶ 4 running   ◌ 195 queued" in text
    assert [line.split()[1] for line in told if "▶  " in line] == ["s001", "s002", "s003", "s004"]


def test_a_step_that_failed_is_above_those_at_work() -> None:
    run = Run(wide(100))
    run.go(("root", {}), ("s050", "Boom"))
    told = "\n".join(picture(seen(run)))
    assert "✗  s050" in told
    assert "Boom: Boom happened" in told


def test_a_low_terminal_is_not_overrun() -> None:
    for count, rows in ((30, 24), (30, 40), (300, 24), (300, 12)):
        run = Run(wide(count))
        run.go(("root", {}))
        assert len(picture(seen(run), rows=rows)) < rows


def test_nothing_moves_sideways_from_one_picture_to_the_next() -> None:
    run = Run()
    run.go(("root", {}))
    tally = seen(run)
    one, other = picture(tally, 0.3), picture(tally, 9.7)
    assert [line.index("left") for line in one if "left" in line] == [
        line.index("left") for line in other if "left" in line
    ]


def test_progress_of_an_executor_is_counted() -> None:
    run = Run()
    run.go()
    assert "12 progress reports" in "\n".join(picture(seen(run), progress={"root": 12}))


def test_lines_name_step_and_event_and_leave_the_end_to_the_outcome() -> None:
    run = Run()
    run.go(("root", {}), ("left", "Boom"), ("left", {}), ("right", {}), ("judge", {}))
    stream = StringIO()
    view = Lines(run.start, stream)
    for move in run.moves:
        view.told(move)
    told = [line.split(maxsplit=1)[1] for line in stream.getvalue().splitlines()]
    assert told[:2] == ["root   started", f"root   complete in {told[1].split()[-1]}"]
    assert "left   attempt 1 failed, again in 0s: Boom: Boom happened" in told
    assert "left   started, attempt 2" in told
    assert told[-1].startswith("judge  complete")


class Closed(StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_lines_that_nobody_reads_do_no_harm() -> None:
    run = Run()
    run.go(("root", {}))
    view = Lines(run.start, Closed())
    for move in run.moves:
        view.told(move)
