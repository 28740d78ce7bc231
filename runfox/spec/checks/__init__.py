"""The checks: one function for each rule, all of them over the same data, so that one pass tells everything."""

from itertools import islice
from typing import NamedTuple

from runfox.spec.checks import (
    branches,
    calls,
    choices,
    gates,
    items,
    literals,
    logic,
    order,
    reads,
    references,
    skips,
    states,
    timeouts,
    values,
    waits,
)
from runfox.spec.checks.outlining import outline_of
from runfox.spec.checks.structure import check_structure
from runfox.spec.checks.words import Hints
from runfox.spec.compiled import Compiled
from runfox.spec.limits import MAX_PROBLEMS
from runfox.spec.problem import Finding
from runfox.values import Json


class Checked(NamedTuple):
    """All findings, in no order, and the expressions that were compiled on the way."""

    findings: list[Finding]
    compiled: Compiled


def check(data: Json, *, threads: bool = False) -> Checked:
    """Check the plain data of a workflow. Costs O(what is in it).

    ``threads``: its steps are executed in threads.
    """
    compiled = Compiled()
    findings = check_structure(data)
    if type(data) is not dict:
        return Checked(findings, compiled)
    outline = outline_of(data)
    uses, in_data, refused = logic.uses_of(outline, compiled)
    read_steps = order.step_reads(uses)
    hints = Hints()
    findings += refused
    for rule in (
        references.reserved_ids(outline),
        references.duplicate_ids(outline),
        references.unknown_dependencies(outline, hints),
        references.unknown_targets(outline, hints),
        references.self_dependencies(outline),
        references.dependency_cycles(outline),
        branches.sets_without_exit(outline, compiled),
        branches.misplaced_results(outline),
        branches.unreachable_branches(outline, compiled),
        gates.constant_gates(outline, compiled),
        gates.unreachable_steps(outline, compiled),
        gates.joins_of_too_few(outline),
        gates.joins_never_met(outline, compiled),
        choices.holes(outline),
        items.reserved_names(outline),
        items.more_needed_than_there_are(outline),
        calls.nearly_local(outline),
        calls.endless_calls(outline),
        waits.waits_without_end(outline),
        reads.unknown_names(uses),
        reads.unknown_steps(uses, hints),
        reads.unknown_fields(uses),
        reads.hidden_keys(uses),
        order.reads_out_of_order(read_steps),
        skips.maybe_skipped_reads(outline, read_steps),
        states.state_races(outline),
        literals.constant_logic(uses),
        literals.nearly_logic(in_data),
        values.numeric_versions(outline),
        values.delays_cut_short(outline),
        timeouts.threads_that_go_on(outline) if threads else (),
    ):
        findings += islice(rule, MAX_PROBLEMS)
    return Checked(findings, compiled)
