"""Executions to look at, moved by hand."""

from runfox import Backend, Workflow
from runfox.cli.feed import Moved
from runfox.graph import Transition, WorkflowRecord

LOOP = {
    "name": "loop",
    "steps": [
        {"id": "root"},
        {"id": "left", "depends_on": ["root"], "max_attempts": 3},
        {"id": "right", "depends_on": ["root"]},
        {
            "id": "judge",
            "depends_on": ["left", "right"],
            "branch": [
                {
                    "condition": {"==": [{"var": "again"}, True]},
                    "action": {"set": ["left", "right"]},
                },
                {"action": "complete"},
            ],
        },
    ],
}


class Run:
    """An execution whose commits are kept."""

    def __init__(self, data: object = None) -> None:
        self.backend = Backend()
        self.workflow = Workflow.from_dict(data or LOOP, self.backend)
        self.start = self.backend.load(self.workflow.id)
        self.moves: list[Moved] = []
        self.backend.observers.append(self._keep)

    def _keep(self, before: WorkflowRecord, transition: Transition) -> None:
        self.moves.append(Moved(before, transition.facts, transition.record))

    @property
    def record(self) -> WorkflowRecord:
        return self.backend.load(self.workflow.id)

    def go(self, *results: tuple[str, object]) -> None:
        """Dispatch what is ready; then, one after the other, give a step its result, or its failure."""
        self.workflow.advance()
        for step, output in results:
            if isinstance(output, str):
                self.workflow.on_step_error(step, output, f"{output} happened")
            else:
                self.workflow.on_step_result(step, output)
            self.workflow.advance()
