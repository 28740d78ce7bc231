"""Workflows with mistakes. ``«`` stands before each place that must be reported and is taken out first.

Every case is the whole truth about its text: these problems, at these places, and no others.
"""

from typing import NamedTuple


class Bad(NamedTuple):
    codes: str
    text: str


def steps(text: str) -> str:
    return "name: x\nsteps:\n" + text


def one(text: str) -> str:
    """A workflow of one step ``a`` with more keys, each on its line."""
    lines = "".join(f"    {line}\n" for line in text.strip("\n").split("\n"))
    return steps("  - id: a\n" + lines)


def with_input(text: str) -> str:
    return one(f"input: {{v: {text}}}")


def when(text: str) -> str:
    return one(f"branch:\n  - condition: {text}\n    action: complete")


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

SHAPE = [
    Bad("missing-key", "«name: x"),
    Bad("missing-key missing-key", "««description: d"),
    Bad("missing-key", steps("  - «fn: a")),
    Bad("unknown-key", "name: x\n«step: []\nsteps: [{id: a}]"),
    Bad("unknown-key", "name: x\nsteps: [{id: a}]\n«finally: []"),
    Bad("unknown-key", one("«depends-on: [b]")),
    Bad("unknown-key", one("«condition: true")),
    Bad("unknown-key", one("«when: true")),
    Bad("unknown-key", one("retry: {«attempts: 3}")),
    Bad("unknown-key", one("branch: [{«if: true, action: complete}]")),
    Bad("set-without-exit unknown-key", one("branch: [{action: «{set: a, «to: ready}}]")),
    Bad("unknown-key", one("branch: [{action: fail, result: {type: T, «msg: m}}]")),
    Bad("unknown-key unknown-key unknown-key", "name: x\n«a: 1\nsteps: [{id: a, «b: 1}]\n«c: 1"),
    Bad("clashing-keys", one("«op: a")),
    Bad("clashing-keys", one("fn: f\n«type: g")),
    Bad("clashing-keys", one("«max_attempts: 3\nretry: {}")),
    Bad("wrong-type", "name: «5\nsteps: [{id: a}]"),
    Bad("empty", "name: «''\nsteps: [{id: a}]"),
    Bad("too-large", f"name: «{'n' * 201}\nsteps: [{{id: a}}]"),
    Bad("wrong-type", "name: x\nversion: «true\nsteps: [{id: a}]"),
    Bad("wrong-type", "name: x\ndescription: «[]\nsteps: [{id: a}]"),
    Bad("wrong-type", "name: x\nlabels: {team: «7}\nsteps: [{id: a}]"),
    Bad("wrong-type", "name: x\nlabels: «[a]\nsteps: [{id: a}]"),
    Bad("wrong-type", "name: x\noutputs: «[1]\nsteps: [{id: a}]"),
    Bad("wrong-type", "name: x\nsteps: «{id: a}"),
    Bad("wrong-type", "name: x\nsteps:« "),
    Bad("empty", "name: x\nsteps: «[]"),
    Bad("wrong-type wrong-type", "name: x\nsteps: [«fetch, {id: a}, «3]"),
    Bad("bad-id", steps("  - id: «2nd")),
    Bad("bad-id", steps("  - id: «a.b")),
    Bad("bad-id", steps(f"  - id: «{'a' * 65}")),
    Bad("bad-id", steps('  - id: «"a\\n"')),
    Bad("wrong-type", steps("  - id: «7")),
    Bad("wrong-type", one("fn: «7")),
    Bad("wrong-type", one("input: «[1, 2]")),
    Bad("wrong-type", one("input: «text")),
    Bad("wrong-type", one("label: «{}")),
    Bad("wrong-type", one("depends_on: «{b: complete}")),
    Bad("wrong-type", one("depends_on: [«1]")),
    Bad("wrong-type", one("branch: «{action: complete}")),
    Bad("empty", one("branch: «[]")),
    Bad("wrong-type", one("branch: [«halt]")),
    Bad("missing-key", one("branch: [«{condition: true}]")),
    Bad("wrong-type", one("branch: [{action: «[halt]}]")),
    Bad("wrong-type", one("branch: [{action: «set}]")),
    Bad("wrong-type", one("branch: [{action: «{halt: {}}}]")),
    Bad("unknown-action", one("branch: [{action: «stop}]")),
    Bad("unknown-action", one("branch: [{action: «{cancel: [a]}}]")),
    Bad(
        "wrong-type",
        one("branch: [{condition: {var: b}, action: {set: a, value: «done}}, {action: complete}]"),
    ),
    Bad("wrong-type", when("«text")),
    Bad("wrong-type", when("«1")),
    Bad("wrong-type", when("«[a]")),
    Bad("not-logic", when('«{"==": [1, 1], and: [true]}')),
    Bad("not-logic", when("«{}")),
    Bad("wrong-type", one("retry: «standard")),
    Bad("wrong-type", one("max_attempts: «many")),
    Bad("wrong-type", one("max_attempts: «true")),
    Bad("wrong-type", one("max_attempts: «2.5")),
    Bad("out-of-range", one("max_attempts: «0")),
    Bad("out-of-range", one("max_iterations: «0")),
    Bad("out-of-range", one("retry: {max_attempts: «-1}")),
    Bad("out-of-range", one("retry: {backoff: «0.5}")),
    Bad("out-of-range", one("retry: {jitter: «1.1}")),
    Bad("wrong-type", one("retry: {jitter: «high}")),
    Bad("bad-duration", one("retry: {delay: «soon}")),
    Bad("bad-duration", one("retry: {delay: «-1}")),
    Bad("bad-duration", one("retry: {delay: «P1M}")),
    Bad("bad-duration", one("retry: {max_delay: «1m1h}")),
    Bad("bad-duration", one("retry: {max_delay: «40000d}")),
    Bad("bad-duration", one("retry: {max_delay: «true}")),
    Bad("misplaced-result", one("branch: [{action: complete, «result: {a: 1}}]")),
    Bad("misplaced-result", one("branch: [{action: finish, «result: {a: 1}}]")),
    Bad(
        "misplaced-result",
        one("branch: [{condition: {var: b}, action: {set: a}, «result: 1}, {action: complete}]"),
    ),
    Bad("wrong-type", one("branch: [{action: fail, result: «sorry}]")),
    Bad(
        "bad-target",
        one("branch: [{condition: {var: b}, action: {set: «steps.a.output}}, {action: complete}]"),
    ),
    Bad(
        "bad-target",
        one("branch: [{condition: {var: b}, action: {set: [a, «'a b']}}, {action: complete}]"),
    ),
    Bad(
        "wrong-type", one("branch: [{condition: {var: b}, action: {set: «3}}, {action: complete}]")
    ),
    Bad("empty", one("branch: [{condition: {var: b}, action: {set: «[]}}, {action: complete}]")),
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

BAD = [*READING, *SHAPE, *GRAPH, *LOGIC, *VALUES]
