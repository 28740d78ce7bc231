"""How much runfox costs, as ratios to the least that the same work can cost, measured in the same run.

    python benchmarks/ratios.py            # all; about two minutes
    python benchmarks/ratios.py P1 P4      # some

Times are CPU time of this process, the least of several rounds that alternate with the bare form. What the
disk does is told as counts. Nothing here passes or fails: run it on an idle machine, and read the ratios.
"""

import json
import math
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path
from time import perf_counter, process_time

import runfox
from runfox import expressions, spec
from runfox.backend.protocols import Query

OUTPUT = {"v": 1}


def execute(fn, inputs):
    return {"v": 1}


# The work ---------------------------------------------------------------------------------------------


def chain(count):
    steps = [{"id": "s0"}]
    steps += [
        {
            "id": f"s{n}",
            "depends_on": [f"s{n - 1}"],
            "input": {"v": {"var": f"steps.s{n - 1}.output.v"}},
        }
        for n in range(1, count)
    ]
    return {"name": "chain", "steps": steps}


def fan(count, read=100):
    wave = [{"id": f"s{n}", "depends_on": ["root"]} for n in range(count)]
    reads = [{"var": f"steps.s{n}.output.v"} for n in range(min(read, count))]
    join = {"id": "join", "depends_on": [s["id"] for s in wave], "input": {"values": reads}}
    return {"name": "fan", "steps": [{"id": "root"}, *wave, join]}


def loop(turns):
    branch = [
        {"condition": {">=": [{"var": "state.n"}, turns]}, "action": "complete"},
        {"action": {"set": "turn"}},
    ]
    step = {
        "id": "turn",
        "input": {"n": {"var": ["state.n", 0]}},
        "branch": branch,
        "max_iterations": turns + 1,
    }
    return {"name": "loop", "steps": [step]}


def count_up(fn, inputs):
    return {"n": inputs["n"] + 1}


# The measure ------------------------------------------------------------------------------------------


def cpu(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def least(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the least CPU seconds of each work, taken in turns so that a busy moment hits all of them."""
    best = [math.inf] * len(works)
    for _ in range(rounds):
        best = [min(least_yet, cpu(work)) for least_yet, work in zip(best, works, strict=True)]
    return best


def run(data, backend, executor=execute):
    checked = spec.build(data)
    return runfox.Workflow(backend.create(checked), backend).run()


def in_memory(data, executor=execute):
    return lambda: run(data, runfox.Backend(executor=executor))


def bare_graph(data):
    edges = {s["id"]: s.get("depends_on", []) for s in data["steps"]}

    def work():
        sorter = TopologicalSorter(edges)
        sorter.prepare()
        while sorter.is_active():
            for step in sorter.get_ready():
                execute(step, OUTPUT)
                sorter.done(step)

    return work


def say(name, text):
    print(f"{name:4} {text}", flush=True)


def compare(name, label, count, bare, ours):
    low, high = least(5, bare, ours)
    say(
        name,
        f"{label}: {high / count * 1e6:6.1f} us/step, bare {low / count * 1e6:5.2f}: {high / low:5.1f}x",
    )
    return high / count


# The goals --------------------------------------------------------------------------------------------


def p1():
    """Chain in memory, plan compiled each time."""
    costs = {}
    for count in (100, 1_000, 10_000):
        data = chain(count)
        costs[count] = compare(
            "P1", f"chain of {count} in memory", count, bare_graph(data), in_memory(data)
        )
    say("P1", f"10,000 against 100: {costs[10_000] / costs[100]:.2f}x per step")


def p2():
    """Fan-out and join in memory."""
    data = fan(1_000)
    compare("P2", "fan-out of 1,000 and join in memory", 1_002, bare_graph(data), in_memory(data))


def p3():
    """A loop turn with a condition."""
    for turns in (1_000, 10_000):
        [cost] = least(3, in_memory(loop(turns), count_up))
        backend = runfox.Backend(executor=count_up)
        cost = min(cost, cpu(lambda b=backend, t=turns: run(loop(t), b)))
        say("P3", f"loop of {turns} turns: {cost / turns * 1e6:.1f} us/turn")


def bare_sqlite(path, count):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    text = json.dumps(OUTPUT)

    def work():
        for _ in range(count):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO t (b) VALUES (?)", (text,))
            connection.execute("COMMIT")

    return work


def p4(folder):
    """Chain on SQLite, durable."""
    count = 1_000
    data = chain(count)
    backend = runfox.Backend(runfox.SqliteStore(folder / "p4.db"), executor=execute)
    bare = bare_sqlite(folder / "bare.db", count)
    walls = {"bare": math.inf, "ours": math.inf}
    low = high = math.inf
    for _ in range(3):
        for name, work in (("bare", bare), ("ours", lambda: run(data, backend))):
            start = perf_counter()
            used = cpu(work)
            walls[name] = min(walls[name], perf_counter() - start)
            low, high = (min(low, used), high) if name == "bare" else (low, min(high, used))
    say(
        "P4",
        f"chain of {count} on SQLite FULL: {high / count * 1e6:.0f} us CPU/step, bare"
        f" {low / count * 1e6:.0f}; wall {walls['ours'] / walls['bare']:.2f}x bare",
    )
    [newest] = backend.executions(Query(limit=1))
    say("P4", f"commits: {newest.revision} for {count} steps")
    fan_data = fan(1_000)
    run(fan_data, backend)
    [newest] = backend.executions(Query(limit=1))
    say("P4b", f"fan-out of 1,000 and join on SQLite FULL: {newest.revision} commits")
    fast = runfox.Backend(runfox.SqliteStore(folder / "fast.db", profile="fast"), executor=execute)
    [cost] = least(3, lambda: run(data, fast))
    say("P4c", f"chain of {count} on SQLite fast: {cost / count * 1e6:.0f} us CPU/step")


def p10(folder):
    """Growth of bytes and CPU per step."""
    costs, sizes = {}, {}
    for count in (100, 1_000, 10_000):
        file = folder / f"p10-{count}.db"
        backend = runfox.Backend(runfox.SqliteStore(file, profile="fast"), executor=execute)
        costs[count] = cpu(lambda b=backend, c=count: run(chain(c), b)) / count
        rows = backend.history(backend.executions()[0].execution_id)
        sizes[count] = sum(len(row.facts) for row in rows) / count
    exponent = math.log(costs[10_000] / costs[100]) / math.log(100)
    say("P10", f"CPU per step on SQLite grows with N to the {exponent:+.2f}")
    exponent = math.log(sizes[10_000] / sizes[100]) / math.log(100)
    say("P10", f"bytes of facts per step ({sizes[100]:.0f}) grow with N to the {exponent:+.2f}")


def p11():
    """Loading and checking a spec."""
    for count in (10, 10_000):
        text = json.dumps(chain(count))
        yaml = _as_yaml(count)
        [low, high] = least(3, lambda t=text: spec.load(t), lambda y=yaml: spec.load(y))
        say(
            "P11",
            f"{count} steps load and check: {high * 1e3:.2f} ms as YAML, {low * 1e3:.2f} as JSON",
        )


def _as_yaml(count):
    lines = ["name: chain", "steps:", "  - id: s0", "    fn: work"]
    for n in range(1, count):
        lines += [f"  - id: s{n}", "    fn: work", f"    depends_on: [s{n - 1}]"]
        lines += [f'    input: {{v: {{"var": "steps.s{n - 1}.output.v"}}}}']
    return "\n".join(lines) + "\n"


def p12():
    """A branch condition, and a collection over 1,000 steps."""
    data = {"steps": {f"s{n}": {"output": {"score": n}} for n in range(1_000)}}
    data["scores"] = {"unsafe": 0.1}
    for label, expression, times in (
        ("a condition", {">=": [{"var": "scores.unsafe"}, 0.7]}, 100_000),
        ("vars over 1,000 steps", {"vars": "steps[*].output.score"}, 200),
    ):
        compiled = expressions.compile(expression)

        def work(compiled=compiled, times=times):
            for _ in range(times):
                compiled(data)

        [cost] = least(5, work)
        say("P12", f"{label}: {cost / times * 1e6:.2f} us")


def p13():
    """Importing."""
    code = "import time; t = time.perf_counter(); import runfox; print(time.perf_counter() - t)"
    best = min(
        float(
            subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(5)
    )
    say("P13", f"import runfox: {best * 1e3:.0f} ms")


def main() -> None:
    wanted = {name.upper() for name in sys.argv[1:]}
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for goal in (p1, p2, p3, p4, p10, p11, p12, p13):
            if not wanted or goal.__name__.upper() in wanted:
                goal(Path(folder)) if goal in (p4, p10) else goal()


if __name__ == "__main__":
    main()
