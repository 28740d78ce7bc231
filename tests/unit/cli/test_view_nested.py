"""What the live picture and the lines show of steps inside of others, of items, waits, finally and undo."""

from collections import Counter
from datetime import timedelta
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from runfox.cli.view.entries import entries, name_width
from runfox.cli.view.frame import Glance, frame
from runfox.cli.view.lines import Lines
from runfox.cli.view.tally import ACTIVE, BROKEN, Tally
from runfox.cli.view.wording import lines
from tests.unit.cli.runs import Run

NESTED = {
    "name": "nested",
    "on_failure": "rollback",
    "steps": [
        {"id": "pay", "undo": {"fn": "refund"}},
        {
            "id": "block",
            "depends_on": ["pay"],
            "do": [
                {"id": "x"},
                {
                    "id": "y",
                    "depends_on": ["x"],
                    "branch": [
                        {"condition": {"var": "again"}, "action": {"set": "x"}},
                        {"action": "complete"},
                    ],
                },
            ],
            "retry": {"max_attempts": 2, "delay": 0},
        },
        {
            "id": "each",
            "depends_on": ["pay"],
            "foreach": {"items": [1, 2, 3], "tolerate": 2},
            "do": [{"id": "i"}],
        },
        {"id": "ask", "depends_on": ["each"], "wait": {"signal": "go", "for": "1h"}},
    ],
    "finally": [{"id": "tidy"}],
}
PATHS = (
    "pay",
    "block.x",
    "block.y",
    "each[0].i",
    "each[1].i",
    "each[2].i",
    "undo[0]",
    "tidy",
    "go",
)
OUTPUTS = st.sampled_from([{}, {"again": True}, {"again": False}, "Boom"])
RESULTS = st.lists(st.tuples(st.sampled_from(PATHS), OUTPUTS), max_size=30)


def moved(results: list[tuple[str, object]]) -> Run:
    run = Run(NESTED)
    run.go()
    for path, output in results:
        if path != "go":
            run.go((path, output))
        elif not run.record.status.ended:
            run.workflow.signal("go", output)
    return run


def seen(run: Run) -> Tally:
    tally = Tally(run.start)
    for move in run.moves:
        tally.told(move)
    return tally


def picture(run: Run) -> str:
    now = run.record.started_at + timedelta(seconds=1)
    console = Console(file=StringIO(), width=100, force_terminal=False)
    console.print(frame(seen(run), Glance(now)))
    return console.file.getvalue()


@given(RESULTS)
def test_a_tally_that_follows_says_what_a_fresh_one_says(results) -> None:
    run = moved(results)
    tally = seen(run)
    found = {entry.path: entry.cell for entry in entries(run.record)}
    assert tally.size == len(found)
    assert +tally.counts == Counter(cell.status for cell in run.record.steps.values())
    assert tally.active == {path: cell for path, cell in found.items() if cell.status in ACTIVE}
    assert tally.broken == {path: cell for path, cell in found.items() if cell.status in BROKEN}
    assert picture(run)


@given(RESULTS)
def test_every_fact_has_its_line_of_harmless_text(results) -> None:
    for move in moved(results).moves:
        told = list(lines(*move))
        assert len(told) == len(move.facts)
        assert all(line.text and line.text.isprintable() for line in told)
        assert not any(line.text.startswith(("Step", "Workflow", "Items")) for line in told)


def test_steps_of_a_block_stand_below_it_and_items_are_one_line_with_counts() -> None:
    run = moved([("pay", {}), ("block.x", {}), ("each[0].i", {}), ("each[1].i", "Boom")])
    told = picture(run).splitlines()
    at = next(number for number, line in enumerate(told) if "block" in line)
    assert "✓    x" in told[at + 1]
    assert "▶    y" in told[at + 2]
    assert "1/3 done, 1 failed" in told[at + 3]
    assert "each[0]" not in "".join(told)


def test_a_wait_shows_for_what_and_until_when() -> None:
    run = moved([("pay", {}), *((f"each[{n}].i", {}) for n in range(3))])
    assert "for signal go or until " in picture(run)


def test_a_rollback_and_finally_have_rows_of_their_own() -> None:
    run = moved(
        [
            ("pay", {}),
            ("block.x", "Boom"),
            ("block.x", "Boom"),
            *((f"each[{n}].i", {}) for n in range(3)),
        ]
    )
    assert "▶  undo pay" in picture(run)
    run.go(("undo[0]", {}))
    assert "✓  undo pay" in picture(run)
    assert "▶  finally tidy" in picture(run)


def test_lines_name_the_paths_and_tell_of_signals() -> None:
    run = moved(
        [
            ("pay", {}),
            ("go", {"by": "me"}),
            ("block.x", {}),
            *((f"each[{n}].i", {}) for n in range(3)),
        ]
    )
    stream = StringIO()
    view = Lines(run.start, stream)
    for move in run.moves:
        view.told(move)
    told = [line.split(maxsplit=1)[1] for line in stream.getvalue().splitlines()]
    assert 'signal go came with {"by":"me"}, kept until a step waits for it' in told
    assert any(line.split()[:3] == ["block.x", "complete", "in"] for line in told)
    assert any(line.split() == ["each", "started:", "3", "items"] for line in told)
    assert not any("can be undone" in line for line in told)


def test_the_column_of_names_has_room_for_paths() -> None:
    plan = Run(NESTED).record.plan
    assert name_width(plan, 99) == len("each[1234].i")
    assert name_width(plan, 5) == 5
