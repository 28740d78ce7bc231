"""What runfox takes at most, in one table: README shows it, and each refusal names one of these."""

from runfox.backend.shapes import DEFAULT_LIMITS, MAX_DELIVERIES
from runfox.execution.returned import MAX_MESSAGE, MAX_OUTPUT
from runfox.expressions.limits import MAX_DEPTH as MAX_LEVELS
from runfox.expressions.limits import MAX_NODES
from runfox.graph.bodies import MAX_DEPTH as MAX_CALLS
from runfox.graph.bodies import MAX_ITEMS, MAX_WIDTH
from runfox.graph.fitting import MAX_STATE
from runfox.spec.limits import MAX_BYTES, MAX_DEPTH, MAX_STEPS
from runfox.spec.model import MAX_ITERATIONS


def _bytes(count: int) -> str:
    return f"{count // 1_000_000} MB" if count % 1_000_000 == 0 else f"{count // 1_000} KB"


TABLE: dict[str, str] = {
    "a spec": f"{_bytes(MAX_BYTES)}, {MAX_DEPTH} levels deep",
    "steps of a workflow": f"{MAX_STEPS:,}",
    "an expression": f"{MAX_NODES:,} nodes, {MAX_LEVELS} levels; and a bounded amount of work when it runs",
    "inputs of a run": f"{_bytes(DEFAULT_LIMITS.max_inputs)} (`max_inputs`)",
    "an output, a result, the inputs of a step": f"{_bytes(MAX_OUTPUT)} (`max_output`)",
    "an error's message": f"{MAX_MESSAGE:,} characters; the rest is cut",
    "`state`": f"{_bytes(MAX_STATE)} (`max_state`)",
    "facts of one commit": f"{_bytes(DEFAULT_LIMITS.max_facts)} (`max_facts`); the rest comes in the next",
    "loop turns by one step": f"{MAX_ITERATIONS:,} (`max_iterations`)",
    "items of a `foreach`": f"{MAX_WIDTH:,}, {_bytes(MAX_ITEMS)} together",
    "executions that call each other": f"{MAX_CALLS} deep",
    "deliveries of one run": f"{MAX_DELIVERIES}",
}
"""What is bounded, and by how much, as people read it."""


def markdown() -> str:
    """Return the table as the documents have it."""
    rows = [f"| {what} | {most} |" for what, most in TABLE.items()]
    return "\n".join(["| what | most |", "|---|---|", *rows])
