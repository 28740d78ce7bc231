"""The checks: one function for each rule, all of them over the same data, so that one pass tells everything."""

from itertools import islice
from typing import NamedTuple

from runfox.spec.checks import branches, literals, logic, order, reads, references, values
from runfox.spec.checks.graph import dependency_graph
from runfox.spec.checks.outline import outline_of
from runfox.spec.checks.structure import check_structure
from runfox.spec.checks.words import Words
from runfox.spec.compiled import Compiled
from runfox.spec.limits import MAX_PROBLEMS
from runfox.spec.problem import Finding
from runfox.values import Json


class Checked(NamedTuple):
    """All findings, in no order, and the expressions that were compiled on the way."""

    findings: list[Finding]
    compiled: Compiled


def check(data: Json) -> Checked:
    """Check the plain data of a workflow. Costs O(what is in it)."""
    compiled = Compiled()
    findings = check_structure(data)
    if type(data) is not dict:
        return Checked(findings, compiled)
    outlined = outline_of(data)
    dependencies = dependency_graph(outlined)
    uses, refused = logic.uses_of(outlined, compiled)
    words = Words(outlined.positions, "Steps")
    findings += refused
    for rule in (
        references.duplicate_ids(outlined),
        references.unknown_dependencies(outlined, words),
        references.unknown_targets(outlined, words),
        references.self_dependencies(outlined),
        references.dependency_cycles(outlined, dependencies),
        branches.sets_without_exit(outlined),
        branches.misplaced_results(outlined),
        branches.unreachable_branches(outlined, compiled),
        branches.unreachable_steps(outlined, compiled),
        reads.unknown_names(uses),
        reads.unknown_steps(outlined, uses, words),
        reads.unknown_fields(uses),
        reads.hidden_keys(outlined, uses),
        order.reads_out_of_order(outlined, dependencies, uses),
        literals.constant_logic(uses),
        literals.nearly_logic(outlined),
        values.numeric_versions(outlined),
        values.delays_cut_short(outlined),
    ):
        findings += islice(rule, MAX_PROBLEMS)
    return Checked(findings, compiled)
