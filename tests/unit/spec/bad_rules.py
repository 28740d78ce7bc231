"""Workflows whose steps do not fit together, marked as in ``bad_specs``."""

from tests.unit.spec.bad import Bad, one, steps

EQ_A = "{'==': [{var: input.kind}, a]}"
EQ_B = "{'==': [{var: input.kind}, b]}"
KINDS = "inputs: {properties: {kind: {enum: [a, b, c]}, fast: {type: boolean}}}\n"
LATEST = "state: {total: {type: number}, seen: {merge: union}}\n"
WRITES = "output: {properties: {total: {}, seen: {}}}"
ENDLESS = "wait: {signal: go}"


def each(text: str, more: str = "") -> str:
    """A workflow of a step that is done for each of a list, with more keys of the step in braces."""
    return steps(f"  - {{id: a, foreach: {{items: [1, 2], as: it{more}}}, {text}}}\n")


LISTS = [
    Bad("out-of-reach", steps("  - id: a\n  - {id: b, do: [{id: c, depends_on: [«a]}]}")),
    Bad("out-of-reach", steps("  - id: a\n  - {id: b, do: [{id: c, depends_on: [{«a: failed}]}]}")),
    Bad(
        "out-of-reach out-of-reach",
        steps(
            "  - id: a\n  - id: b\n    do:\n      - id: c\n        branch:\n"
            "          - {condition: {var: x}, action: {set: «a}}\n"
            "          - {condition: {var: y}, action: {cancel: [«b]}}\n"
            "          - {action: complete}"
        ),
    ),
    Bad("out-of-reach", steps("  - id: a\nfinally: [{id: z, depends_on: [«a]}]")),
    Bad(
        "out-of-reach",
        steps(
            "  - id: a\nfinally:\n  - id: z\n    branch:\n"
            "      - {condition: {var: x}, action: {set: «a}}\n      - {action: complete}"
        ),
    ),
    Bad("out-of-reach", steps("  - {id: a, depends_on: [«z]}\nfinally: [{id: z}]")),
    Bad("unknown-step", steps("  - {id: a, do: [{id: b}]}\n  - {id: c, depends_on: [«b]}")),
    Bad("unknown-step", steps("  - id: a\n  - {id: b, depends_on: [{«c: failed}]}")),
    Bad(
        "unknown-step", one("branch: [{condition: {var: x}, action: {cancel: [«steps.b.status]}}]")
    ),
    Bad("self-dependency", one("depends_on: [{«a: ended}]")),
    Bad(
        "dependency-cycle",
        steps("  - {id: a, depends_on: [{«b: failed}]}\n  - {id: b, depends_on: a}"),
    ),
    Bad(
        "dependency-cycle",
        steps("  - {id: a, do: [{id: b, depends_on: [«c]}, {id: c, depends_on: b}]}"),
    ),
    Bad("duplicate-dependency", steps("  - id: a\n  - {id: b, depends_on: [a, {«a: failed}]}")),
    Bad("duplicate-id", steps("  - {id: a, do: [{id: b}, {id: «b}]}")),
    Bad("duplicate-id", steps("  - id: a\nfinally: [{id: «a}]")),
    Bad("duplicate-id", steps("  - id: a\nfinally: [{id: z}, {id: «z}]")),
    Bad("bad-id", steps("  - id: «undo")),
    Bad("bad-id", steps("  - {id: a, do: [{op: «undo}]}")),
    Bad("set-without-exit", steps("  - {id: a, do: [{id: b, branch: [{action: «{set: b}}]}]}")),
    Bad("delay-cut-short", one("undo: {fn: f, retry: [{}, {delay: «1m}]}")),
    Bad("delay-cut-short", steps("  - id: a\ndefaults: {retry: {delay: «1m}}")),
    Bad(
        "numeric-version unknown-step",
        steps("  - id: a\nworkflows:\n  w: {version: «1.10, steps: [{id: b, depends_on: [«a]}]}"),
    ),
    Bad(
        "unknown-step",
        steps(
            "  - id: a\nworkflows:\n  w: {steps: [{id: b}], outputs: {v: {var: «steps.a.output}}}"
        ),
    ),
]

LOOPS = [
    Bad(
        "set-without-exit unreachable-branch",
        one(
            "branch: [{condition: {var: x}, action: «{set: a}}, {condition: «false, action: complete}]"
        ),
    ),
    Bad(
        "set-without-exit unreachable-branch",
        one("branch: [{action: «{set: a}}, «{action: complete}]"),
    ),
]

NAMES = [
    Bad("unknown-name", one("input: {v: {var: «item.x}}")),
    Bad("unknown-name", one("input: {v: {var: «index}}")),
    Bad("unknown-name", each("input: {v: {var: «item}}")),
    Bad("unknown-name", each("when: {var: «it.x}")),
    Bad("unknown-name", each("branch: [{condition: {var: «it.x}, action: complete}]")),
    Bad("unknown-name", each("input: {v: {var: «results}}")),
    Bad("unknown-name", each("fn: f", ", until: {var: «it}")),
    Bad("unknown-name", each("fn: f", ", more: {var: «it}")),
    Bad("unknown-name", steps("  - {id: a, foreach: {items: {var: «item}}}")),
    Bad("unknown-name", one("limit: {key: {var: «output.x}, max: 1}")),
    Bad("unknown-name", one("cache: {key: [{var: «tenant}]}")),
    Bad("unknown-name", one("undo: {fn: f, input: {v: {var: «order}}}")),
    Bad("unknown-name", one("undo: {fn: f, retry: {if: {var: «order}}}")),
    Bad("unknown-name", one("wait: {for: {var: «delay}}")),
    Bad(
        "unknown-name unknown-name",
        one("wait: [{until: {var: «at}}, {signal: go, key: {var: «order}}]"),
    ),
    Bad(
        "unknown-name",
        one("wait: {for: 1h}\nbranch: [{condition: {var: «timedout}, action: complete}]"),
    ),
    Bad("unknown-name", one("when: {var: «score}")),
    Bad("unknown-name", steps("  - {id: a, do: [{id: b}], outputs: {v: {var: «output}}}")),
    Bad("unknown-name", "name: x\nlimit: {key: {var: «state.x}, max: 1}\nsteps: [{id: a}]"),
    Bad("unknown-step", steps("  - id: a\ndefaults: {retry: {if: {var: «steps.b.status}}}")),
    Bad("unknown-field", one("retry: [{if: {var: «error.typ}}]")),
    Bad("not-logic", one("when: «{a: 1, b: 2}")),
    Bad("unknown-operator", one("when: «{smaller: [1, 2]}")),
    Bad("unknown-operator", each("fn: f", ", until: «{smaller: [1, 2]}")),
    Bad("nearly-logic", one("undo: {fn: f, input: {v: {«vra: x}}}")),
    Bad("nearly-logic", steps("  - {id: a, do: [{id: b, input: {v: {«vra: x}}}]}")),
    Bad("reserved-name", steps("  - {id: a, foreach: {items: [1], as: «steps}}")),
    Bad("reserved-name", steps("  - {id: a, foreach: {items: [1], as: «index}}")),
    Bad(
        "hidden-key",
        steps(
            "  - id: e\n    foreach: {items: [1]}\n    do:\n      - id: a\n        branch:\n"
            "          - {condition: {var: «item.x}, action: complete}\n"
            "      - {id: b, depends_on: a, input: {v: {var: steps.a.output.item}}}"
        ),
    ),
]

READS = [
    Bad("unknown-step", steps("  - {id: a, do: [{id: bc, input: {v: {var: «steps.aa.output}}}]}")),
    Bad(
        "unknown-step",
        steps(
            "  - {id: a, do: [{id: b}]}\n  - {id: c, depends_on: a, input: {v: {var: «steps.b.output}}}"
        ),
    ),
    Bad("read-too-early", steps("  - {id: a, do: [{id: b, input: {v: {var: «steps.a.output}}}]}")),
    Bad(
        "read-too-early", steps("  - {id: a, do: [{id: b}], outputs: {v: {var: «steps.a.output}}}")
    ),
    Bad(
        "read-too-early",
        steps(
            "  - {id: a, do: [{id: b, input: {v: {var: «steps.c.output}}}]}\n  - {id: c, depends_on: a}"
        ),
    ),
    Bad(
        "read-too-early",
        steps(
            "  - {id: a, do: [{id: b, input: {v: {var: «steps.c.output}}}, {id: c, depends_on: b}]}"
        ),
    ),
    Bad(
        "unordered-read",
        steps("  - {id: a, do: [{id: b, input: {v: {var: «steps.c.output}}}]}\n  - id: c"),
    ),
    Bad(
        "unordered-read",
        steps("  - {id: a, do: [{id: b}], outputs: {v: {var: «steps.c.output}}}\n  - id: c"),
    ),
    Bad("read-too-early", each("input: {v: {var: «steps.a.output}}")),
    Bad("read-too-early", each("fn: f", ", until: {var: «steps.a.output}")),
    Bad("read-too-early", one("when: {var: «steps.a.output.x}")),
    Bad("read-too-early", one("cache: {key: {var: «steps.a.output.x}}")),
    Bad(
        "read-too-early",
        steps("  - {id: a, input: {v: {var: «steps.z.output}}}\nfinally: [{id: z}]"),
    ),
    Bad(
        "read-too-early",
        steps("  - id: a\nfinally: [{id: z}]\noutputs: {v: {var: «steps.z.output}}"),
    ),
    Bad(
        "unordered-read",
        steps("  - id: a\nfinally: [{id: z}, {id: y, input: {v: {var: «steps.z.output}}}]"),
    ),
]

SKIPS = [
    Bad(
        "maybe-skipped-read",
        steps(f"  - {{id: a, when: {EQ_A}}}\noutputs: {{v: {{var: «steps.a.output.x}}}}"),
    ),
    Bad(
        "maybe-skipped-read",  # a merge of two ways reads one of them
        steps(
            f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, when: {EQ_B}}}\n"
            "  - {id: c, depends_on: [a, b], input: {v: {var: «steps.a.output.x}}}"
        ),
    ),
    Bad(
        "maybe-skipped-read",  # b is skipped with a
        steps(
            f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, depends_on: a}}\n  - id: c\n"
            "  - {id: d, depends_on: [b, c], input: {v: {'+': [1, {var: «steps.b.output.x}]}}}"
        ),
    ),
    Bad(
        "maybe-skipped-read",
        steps(
            "  - id: a\n  - {id: h, depends_on: [{a: failed}]}\n  - {id: b, depends_on: a}\n"
            "  - {id: c, depends_on: [h, b], when: {'>': [{var: «steps.h.output.x}, 1]}}"
        ),
    ),
    Bad(
        "maybe-skipped-read",
        steps(
            "  - id: a\n  - id: b\n  - {id: c, join: any, depends_on: [a, b], input: {v: {var: «steps.a.output}}}"
        ),
    ),
    Bad(
        "maybe-skipped-read",
        steps(
            "  - id: a\n  - {id: b, depends_on: [{a: ended}], input: {v: {var: [«steps.a.output]}}}"
        ),
    ),
    Bad(
        "maybe-skipped-read",
        steps("  - {id: a, limit: {max: 1, full: skip}}\noutputs: {v: {var: «steps.a.output.x}}"),
    ),
    Bad(
        "maybe-skipped-read",
        steps(
            f"  - {{id: a, when: {EQ_A}}}\n  - id: b\n  - id: c\n    depends_on: [a, b]\n"
            "    do: [{id: d, input: {v: {var: «steps.a.output.x}}}]"
        ),
    ),
    Bad(
        "maybe-skipped-read",
        steps(
            f"  - {{id: a, do: [{{id: b, when: {EQ_A}}}], outputs: {{v: {{var: «steps.b.output}}}}}}"
        ),
    ),
]

GATES = [
    Bad("unreachable-step", one("when: «false")),
    Bad("unreachable-step", one("when: «{'==': [1, 2]}")),
    Bad("constant-logic", one("when: «true")),
    Bad("constant-logic", one("when: «{'==': [1, 1]}")),
    Bad("join-alone", one("join: «any")),
    Bad("join-alone", one("join: «all")),
    Bad("join-alone", one("join: {need: «1, rest: wait}\ndepends_on: []")),
    Bad("need-too-high", steps("  - id: a\n  - {id: b, depends_on: a, join: «2}")),
    Bad(
        "need-too-high",
        steps("  - id: a\n  - {id: b, depends_on: [a], join: {need: «3, rest: cancel}}"),
    ),
    Bad("need-too-high", steps("  - {id: a, foreach: {items: [1, 2], need: «3}}")),
    Bad(
        "unreachable-step",
        one("branch: [{action: {rollback: true}}]") + "  - {id: b, depends_on: [«a]}",
    ),
    Bad(
        "unreachable-step",
        one("branch: [{action: halt}]") + "  - {id: b, depends_on: [{«a: failed}]}",
    ),
    Bad(
        "join-never-met",
        steps(
            "  - {id: a, branch: [{action: fail}]}\n  - id: b\n  - {id: c, depends_on: [a, b], join: «2}"
        ),
    ),
    Bad(
        "join-never-met",
        steps(
            "  - id: a\n  - {id: b, depends_on: a}\n  - {id: c, depends_on: b}\n"
            "  - {id: d, depends_on: [{a: failed}, c], join: «2}"
        ),
    ),
    Bad(
        "join-never-met",
        steps(
            "  - id: a\n  - {id: b, depends_on: a}\n  - {id: c, depends_on: a}\n  - {id: d, depends_on: [b, c]}\n"
            "  - {id: e, depends_on: [{a: skipped}, {d: failed}], join: {need: «2}}"
        ),
    ),
    Bad(
        "when-hole",
        KINDS
        + steps(
            f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, when: {EQ_B}}}\n  - {{id: c, «depends_on: [a, b]}}"
        ),
    ),
    Bad(
        "when-hole",
        KINDS
        + steps(
            "  - {id: a, when: {in: [{var: input.kind}, [a, b]]}}\n"
            "  - {id: b, when: {'===': [b, {var: input.kind}]}}\n"
            "  - {id: c, join: any, «depends_on: [a, b]}"
        ),
    ),
    Bad(
        "when-hole",
        steps(
            "  - {id: t, output: {properties: {ok: {type: boolean}}}}\n"
            "  - {id: a, depends_on: t, when: {'==': [{var: steps.t.output.ok}, true]}}\n"
            "  - {id: b, depends_on: t, when: {'!=': [{var: steps.t.output.ok}, false]}}\n"
            "  - {id: c, «depends_on: [a, b]}"
        ),
    ),
]

OTHERS = [
    Bad("wait-without-end", one(ENDLESS.replace("wait: ", "wait: «"))),
    Bad("wait-without-end", one("wait: «[{signal: go}, {signal: stop}]")),
    Bad("wait-without-end", one("wait: «{signal: go}\ntimeout: {queue: 1m}")),
    Bad("wait-without-end", steps("  - {id: a, do: [{id: b, wait: «{signal: go}}]}")),
    Bad(
        "state-race",
        LATEST
        + steps(
            f"  - {{id: a, {WRITES}}}\n  - {{id: b, output: {{properties: {{«total: {{}}}}}}}}"
        ),
    ),
    Bad(
        "state-race",
        LATEST
        + steps(
            f"  - {{id: a, {WRITES}}}\n  - {{id: b, depends_on: a, {WRITES}}}\n"
            "  - {id: c, depends_on: a, output: {properties: {«total: {}}}}"
        ),
    ),
    Bad(
        "state-race",
        LATEST
        + steps(
            f"  - {{id: a, do: [{{id: b, {WRITES}}}, {{id: c, output: {{properties: {{«total: {{}}}}}}}}]}}"
        ),
    ),
    Bad(
        "nearly-local",
        steps("  - {id: a, call: «fruad_check}\nworkflows: {fraud_check: {steps: [{id: b}]}}"),
    ),
    Bad("endless-call", one("call: «self")),
    Bad("endless-call", one("call: «self\ndetach: true")),
    Bad(
        "endless-call",
        steps(
            "  - id: a\n  - {id: b, depends_on: a}\n  - {id: c, depends_on: [b, {a: ended}], call: «self}"
        ),
    ),
    Bad("endless-call", steps("  - {id: a, do: [{id: b}, {id: c, call: «self}]}")),
    Bad("endless-call", steps("  - id: a\nfinally: [{id: z, call: «self}]")),
    Bad(
        "endless-call", steps("  - {id: a, call: w}\nworkflows: {w: {steps: [{id: b, call: «w}]}}")
    ),
    Bad(
        "endless-call",
        steps(
            "  - id: a\nworkflows:\n  v: {steps: [{id: b, call: «w}]}\n"
            "  w: {steps: [{id: c, wait: {for: 1h}}, {id: d, depends_on: c, call: v}]}"
        ),
    ),
]

RULES = [*LISTS, *LOOPS, *NAMES, *READS, *SKIPS, *GATES, *OTHERS]
