"""Workflows with mistakes. ``«`` stands before each place that must be reported and is taken out first.

Every case is the whole truth about its text: these problems, at these places, and no others.
"""

from tests.unit.spec.bad import Bad, one, steps, when, with_input
from tests.unit.spec.bad_rules import RULES
from tests.unit.spec.bad_shapes import SHAPE

READING = [
    Bad("yaml-syntax", "name: x\nsteps: [\n«"),
    Bad("yaml-syntax", "name: x\nsteps:\n«\t- id: a\n"),
    Bad("yaml-syntax", "name: 'x\nsteps: []\n«"),
    Bad("yaml-syntax", "name: x\nsteps:\n  - id: a\n   «fn: b\n"),
    Bad("yaml-syntax", "name: x«: y: z\n"),
    Bad("yaml-syntax", "name: x\nlabel: «@y\n"),
    Bad("yaml-syntax", "name: «\x07\n"),
    Bad("duplicate-key", "name: x\n«name: y\nsteps: [{id: a}]"),
    Bad("duplicate-key", steps("  - id: a\n    «id: b\n")),
    Bad("duplicate-key duplicate-key", "name: x\n«name: y\n«name: z\nsteps: [{id: a}]"),
    Bad("duplicate-key unknown-key", "name: x\nsteps: [{id: a}]\n«name: y\n«stpes: []"),
    Bad("unknown-key duplicate-key", "name: x\n«x: 1\n«x: 2\nsteps: [{id: a}]"),
    Bad("tag", "name: «!!str x\nsteps: [{id: a}]"),
    Bad("tag", "name: «! x\nsteps: [{id: a}]"),
    Bad("tag", "name: x\nsteps: «!!python/tuple [{id: a}]"),
    Bad("tag", "name: x\nsteps: [«!step {id: a}]"),
    Bad("merge-key unknown-key", "name: x\nsteps: [{id: a, ««<<: {fn: b}}]"),
    Bad("key-not-text", "name: x\nsteps: [{id: a, input: {«1: b}}]"),
    Bad("key-not-text", "name: x\nsteps: [{id: a, input: {«true: b}}]"),
    Bad("key-not-text", "name: x\nsteps: [{id: a, input: {«~: b}}]"),
    Bad("key-not-text", "name: x\nsteps: [{id: a, input: {«1.5: b}}]"),
    Bad("key-not-text", "name: x\nsteps: [{id: a, input: {? «[a] : b}}]"),
    Bad("bad-number", with_input("«.inf")),
    Bad("bad-number", with_input("«-.INF")),
    Bad("bad-number", with_input("«.nan")),
    Bad("bad-number", with_input("«1e999")),
    Bad("bad-number", with_input("«9223372036854775808")),
    Bad("bad-number", one("retry: {backoff: «.inf}")),
    Bad("bad-character", with_input('«"a\\0b"')),
    Bad("bad-character", "name: x\nsteps: «\0"),
    Bad("bad-character", "name: x\nsteps: «\ud800"),
    Bad("bad-alias", "name: «*nothing\nsteps: [{id: a}]"),
    Bad("bad-alias", "name: x\nsteps: &s [{id: a}, «*s]"),
    Bad("bad-alias", "name: &n x\nsteps: [{id: a, input: {«*n : 1}}]"),
    Bad("two-documents", "name: x\nsteps: [{id: a}]\n«---\nname: y\n"),
    Bad("wrong-type", "«"),
    Bad("wrong-type", "«just a text"),
    Bad("wrong-type", "«- name: x"),
]

GRAPH = [
    Bad("duplicate-id", steps("  - id: a\n  - id: b\n  - id: «a")),
    Bad("duplicate-id", steps("  - id: a\n  - op: «a")),
    Bad("unknown-step", steps("  - id: review\n  - id: b\n    depends_on: [«reveiw]")),
    Bad("unknown-step", steps("  - id: review\n  - id: b\n    depends_on: «reveiw")),
    Bad("unknown-step unknown-step", steps("  - id: b\n    depends_on: [«c, «d]")),
    Bad("duplicate-dependency", steps("  - id: a\n  - id: b\n    depends_on: [a, «a]")),
    Bad("self-dependency", one("depends_on: [«a]")),
    Bad("dependency-cycle", steps("  - {id: a, depends_on: [«b]}\n  - {id: b, depends_on: [a]}")),
    Bad(
        "dependency-cycle",
        steps(
            "  - {id: s}\n  - {id: a, depends_on: [s, «c]}\n  - {id: b, depends_on: a}\n"
            "  - {id: c, depends_on: [b]}\n  - {id: d, depends_on: [c]}"
        ),
    ),
    Bad(
        "dependency-cycle dependency-cycle",
        steps(
            "  - {id: a, depends_on: [«b]}\n  - {id: b, depends_on: [a]}\n"
            "  - {id: c, depends_on: [«d]}\n  - {id: d, depends_on: [c, b]}"
        ),
    ),
    Bad("set-without-exit", one("branch: [{condition: {var: b}, action: «{set: a}}]")),
    Bad("set-without-exit unknown-step", one("branch: [{action: «{set: «steps.b.status}}]")),
    Bad(
        "unknown-step",
        one(
            "branch: [{condition: {var: b}, action: {set: [a, «steps.b.status]}}, {action: finish}]"
        ),
    ),
    Bad("unreachable-branch", one("branch: [{action: complete}, «{action: finish}]")),
    Bad(
        "unreachable-branch",
        one("branch: [{condition: true, action: complete}, «{action: finish}]"),
    ),
    Bad(
        "unreachable-branch",
        one("branch:\n  - {condition: {'==': [1, 1]}, action: complete}\n  - «action: finish"),
    ),
    Bad("unreachable-branch", one("branch: [{condition: «false, action: complete}]")),
    Bad("unreachable-step", one("branch: [{action: halt}]") + "  - {id: b, depends_on: [«a]}"),
]

LOGIC = [
    Bad("unknown-operator", when("«{frobnicate: [1]}")),
    Bad("unknown-operator", when("{and: [true, «{vra: x}]}")),
    Bad("unknown-operator unknown-operator", when("{or: [«{a: 1}, «{b: 1}]}")),
    Bad("unknown-operator", with_input("{cat: [«{name: x}]}")),
    Bad("wrong-arity", when('«{"==": [1]}')),
    Bad("wrong-arity", with_input("«{in: eu}")),
    Bad("wrong-arity", with_input("[1, {a: «{filter: x}}]")),
    Bad("bad-path", when("{var: «a..b}")),
    Bad("bad-path", when("{vars: «'steps[*.output'}")),
    Bad("unknown-name", with_input("{var: «inptu.x}")),
    Bad("unknown-name", with_input("{var: «output.x}")),
    Bad("unknown-name", "name: x\nsteps: [{id: a}]\noutputs: {v: {var: «step.a}}"),
    Bad("unknown-step", "name: x\nsteps: [{id: a}]\noutputs: {v: {var: «steps.b.output}}"),
    Bad("unknown-step", "name: x\nsteps: [{id: a}]\noutputs: {v: {vars: «'steps.b.output[*].x'}}"),
    Bad("unknown-step", when("{and: [{var: x}, {var: [«steps.b.output.x, 0]}]}")),
    Bad("unknown-field", "name: x\nsteps: [{id: a}]\noutputs: {v: {var: «steps.a.outptu.x}}"),
    Bad("unknown-field", "name: x\nsteps: [{id: a}]\noutputs: {v: {vars: «'steps[*].outptu'}}"),
    Bad("unknown-field", with_input("{var: «workflow.name}")),
    Bad("unknown-field", one("retry: {if: {'==': [{var: «error.typ}, Timeout]}}")),
    Bad("unknown-step", one("retry: {if: {var: «steps.b.status}}")),
    Bad("read-too-early", with_input("{var: «steps.a.output.x}")),
    Bad(
        "read-too-early",
        steps(
            "  - {id: a, input: {v: {var: «steps.c.output}}}\n"
            "  - {id: b, depends_on: a}\n  - {id: c, depends_on: b}"
        ),
    ),
    Bad(
        "read-too-early",
        steps(
            "  - {id: a, branch: [{condition: {var: «steps.b.output.x}, action: complete}]}\n"
            "  - {id: b, depends_on: a}"
        ),
    ),
    Bad(
        "read-too-early",  # c comes after the step that closes the loop
        steps(
            "  - {id: a, input: {v: {var: «steps.c.output}}}\n"
            "  - {id: b, depends_on: a,\n"
            "     branch: [{condition: {var: again}, action: {set: a}}, {action: complete}]}\n"
            "  - {id: c, depends_on: b}"
        ),
    ),
    Bad("unordered-read", steps("  - {id: a, input: {v: {var: «steps.b.output}}}\n  - id: b")),
    Bad(
        "unordered-read",
        steps(
            "  - id: a\n  - {id: b, depends_on: a}\n  - {id: c, depends_on: a, input: {v: {var: «steps.b.output}}}"
        ),
    ),
    Bad(
        "hidden-key",
        one("branch: [{condition: {var: «state.x}, action: complete}]")
        + "outputs: {v: {var: steps.a.output.state}}",
    ),
    Bad("constant-logic", with_input("«{max: 5}")),
    Bad("constant-logic", with_input("[{a: «{cat: [b, c]}}]")),
    Bad("nearly-logic", with_input("{«vra: 3}")),
    Bad("nearly-logic", with_input("[{a: {«Var: input.x}}]")),
    Bad("nearly-logic", with_input("{«vr: input.x}")),
    Bad("nearly-logic", with_input("{«fliter: [1]}")),
    Bad("set-without-exit unknown-operator", one("branch: [{action: «{set: «{a: b}}}]")),
]

VALUES = [
    Bad("numeric-version", "name: x\nversion: «1.10\nsteps: [{id: a}]"),
    Bad("delay-cut-short", one("retry: {delay: «1m}")),
    Bad("delay-cut-short", one("retry: {delay: «5s, max_delay: 2s}")),
]

BAD = [*READING, *SHAPE, *GRAPH, *LOGIC, *VALUES, *RULES]
