"""Workflows whose steps fit together, each for the sake of a rule that could be too strict."""

from tests.unit.spec.bad import one, steps
from tests.unit.spec.bad_rules import EQ_A, EQ_B, KINDS, LATEST, WRITES

NOT_A = f"{{'!': [{EQ_A}]}}"

SOUND = {
    "everything at once": """
name: order
inputs: {properties: {orders: {type: array}, kind: {enum: [a, b]}}}
limit: {key: {"var": "input.customer"}, max: 1}
defaults: {retry: {if: {"!=": [{"var": "error.type"}, "Fatal"]}}}
steps:
  - id: start
  - id: each
    depends_on: [start]
    foreach:
      items: {"var": "input.orders"}
      as: order
      until: {">": [{"count": [{"var": "results"}]}, 3]}
      more: {"var": "results"}
    when: {"var": "input.orders"}
    do:
      - id: fetch
        input: {order: {"var": "order.id"}, n: {"var": "index"}, s: {"var": "steps.start.output.x"}}
        cache: {key: [{"var": "order.id"}]}
      - id: start
        depends_on: [fetch]
        input: {v: {"var": "steps.fetch.output.v"}}
      - id: nested
        depends_on: [start]
        foreach: {items: {"var": "order.lines"}, as: line}
        input: {line: {"var": "line"}, order: {"var": "order"}}
        limit: {key: {"var": "line.shop"}, max: 3}
        undo: {fn: back, input: {was: {"var": "output"}, own: {"var": "steps.nested.output"}}}
        branch: [{condition: {"var": "order.urgent"}, action: finish}, {action: complete}]
      - id: approve
        depends_on: [{nested: ended}]
        wait: [{signal: ok, key: {"var": "order.id"}}, {for: {"var": "order.patience"}}]
        branch:
          - {condition: {"var": "timed_out"}, action: fail}
          - {condition: {"==": [{"var": "signal"}, "ok"]}, action: complete}
          - {condition: {"var": "data.again"}, action: {set: [fetch]}}
    outputs: {v: {"var": "steps.fetch.output.v"}, order: {"var": "order.id"}, outer: {"var": "steps.start.output"}}
    branch:
      - {condition: {"var": "ok"}, action: complete}
      - {condition: {"var": "output"}, action: {cancel: [later]}}
  - {id: later, depends_on: [start]}
finally:
  - {id: clean, input: {a: {"var": "steps.each.output"}, b: {"var": "steps.later.output.x"}}}
  - {id: tell, depends_on: [clean], call: "teller@2"}
workflows:
  inner: {steps: [{id: start, call: other}, {id: clean}], outputs: {v: {"var": "steps.clean.output"}}}
  other: {steps: [{id: a}]}
""",
    "all joined choices are covered": KINDS
    + steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, when: {NOT_A}}}\n  - {{id: c, depends_on: [a, b]}}"
    ),
    "a choice with one for the others": KINDS
    + steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, when: {EQ_B}}}\n"
        "  - {id: o, when: {'!': [{in: [{var: input.kind}, [a, b]]}]}}\n  - {id: c, depends_on: [a, b, o]}"
    ),
    "a choice among all there are": KINDS
    + steps(
        "  - {id: a, when: {'==': [{var: input.fast}, true]}}\n"
        "  - {id: b, when: {'==': [{var: input.fast}, false]}}\n  - {id: c, depends_on: [a, b]}"
    ),
    "a choice of values that nobody listed": steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, when: {EQ_B}}}\n  - {{id: c, depends_on: [a, b]}}"
    ),
    "a choice with a step that always runs": KINDS
    + steps(f"  - {{id: a, when: {EQ_A}}}\n  - id: b\n  - {{id: c, depends_on: [a, b]}}"),
    "a read of a merge of two ways": steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, when: {NOT_A}}}\n"
        "  - {id: c, depends_on: [a, b]}\noutputs: {v: {var: steps.c.output.v}}"
    ),
    "a read behind the same condition": steps(
        f"  - {{id: a, when: {EQ_A}}}\n"
        f"  - {{id: b, depends_on: a, when: {{and: [{{var: x}}, {EQ_A}]}}, input: {{v: {{var: steps.a.output}}}}}}"
    ).replace("{var: x}", "{var: input.x}"),
    "a read of what a step needs": steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, depends_on: a}}\n  - {{id: c, depends_on: a}}\n"
        "  - {id: d, depends_on: [b, c], input: {v: {var: steps.a.output.v}}}"
    ),
    "a read of what a join needs to the last": steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - id: b\n"
        "  - {id: c, depends_on: [a, b], join: 2, input: {v: {var: steps.a.output.v}}}"
    ),
    "reads with something else to take": steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - id: b\n  - id: c\n    depends_on: [a, b]\n    input:\n"
        "      v: {var: [steps.a.output.v, 0]}\n      w: {'??': [{var: steps.a.output.v}, 0]}\n"
        "      x: {if: [{var: steps.a.output}, {'+': [{var: steps.a.output.v}, 1]}, 0]}\n"
        "      y: {if: [{'==': [{var: steps.a.status}, complete]}, {var: steps.a.output.v}, 0]}\n"
        "      z: {'==': [{var: steps.a.output.v}, 3]}\n      s: {var: steps.a.status}\n"
        "    when: {var: steps.a.output.v}"
    ),
    "a branch reads a step that may be skipped": steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - id: b\n  - id: c\n    depends_on: [a, b]\n"
        "    branch: [{condition: {'>': [{var: steps.a.output.v}, 1]}, action: complete}]"
    ),
    "a read inside a step that runs only then": steps(
        f"  - {{id: a, when: {EQ_A}}}\n"
        "  - {id: b, depends_on: a, do: [{id: c, input: {v: {var: steps.a.output}}}]}"
    ),
    "finally reads what may not have run": steps(
        f"  - {{id: a, when: {EQ_A}}}\nfinally: [{{id: z, input: {{v: {{var: steps.a.output}}}}}}]"
    ),
    "an inner step is set and cancelled in its own list": steps(
        "  - id: a\n    do:\n      - id: b\n      - id: c\n        depends_on: b\n        branch:\n"
        "          - {condition: {var: x}, action: {set: b}}\n"
        "          - {condition: {var: y}, action: {cancel: d}}\n"
        "          - {condition: {var: z}, action: {rollback: true}}\n      - id: d"
    ),
    "an inner loop reads the turn before": steps(
        "  - id: a\n    do:\n      - {id: b, input: {v: {var: steps.c.output.v}}}\n"
        "      - id: c\n        depends_on: b\n"
        "        branch: [{condition: {var: x}, action: {set: b}}, {action: complete}]"
    ),
    "a step after a failure": steps(
        "  - {id: a, branch: [{action: fail}]}\n  - {id: b, depends_on: [{a: failed}]}\n"
        "  - {id: c, depends_on: [{a: ended}]}"
    ),
    "a join that goes on without one that fails": steps(
        "  - {id: a, branch: [{action: fail}]}\n  - id: b\n  - {id: c, depends_on: [a, b], join: any}"
    ),
    "a handler beside what it saves": steps(
        "  - id: a\n  - {id: b, depends_on: a}\n  - {id: c, depends_on: [{a: failed}, b]}\n"
        "  - {id: d, depends_on: [{a: failed}, b], join: any}"
    ),
    "waits that end": steps(
        "  - {id: a, wait: [{signal: go}, {for: 1d}]}\n  - {id: b, wait: {signal: go}, timeout: {total: 1d}}\n"
        "  - {id: c, timeout: 1d, do: [{id: d, wait: {signal: go}}]}\n"
        "  - {id: e, wait: {signal: go}}\n  - {id: f, branch: [{condition: {var: x}, action: {cancel: e}}]}\n"
        "  - {id: g, wait: {signal: go}}\n  - id: h\n"
        "  - {id: i, depends_on: [g, h], join: {need: 1, rest: cancel}}"
    ),
    "a wait in a run that ends": "timeout: 1d\n"
    + steps(
        "  - {id: a, wait: {signal: go}}\nworkflows: {w: {steps: [{id: b, wait: {signal: go}}]}}"
    ),
    "waits that end by default": "defaults: {timeout: {total: 1d}}\n"
    + steps("  - {id: a, wait: {signal: go}}"),
    "steps that write state in an order": LATEST
    + steps(
        f"  - {{id: a, {WRITES}}}\n  - {{id: b, depends_on: a}}\n  - {{id: c, depends_on: b, {WRITES}}}"
    ),
    "steps of which one may not write": LATEST
    + steps(
        f"  - {{id: a, {WRITES}}}\n  - {{id: b, when: {EQ_A}, {WRITES}}}\n  - {{id: c, depends_on: b, {WRITES}}}"
    ),
    "items write no state": LATEST
    + steps(f"  - {{id: a, {WRITES}}}\n  - {{id: b, foreach: {{items: [1]}}, {WRITES}}}"),
    "calls that end": steps(
        "  - id: a\n  - {id: b, when: {var: input.more}, call: self}\n  - {id: c, depends_on: b, call: self}\n"
        "  - {id: d, foreach: {items: {var: input.parts}}, call: self}\n"
        "  - {id: e, wait: [{signal: go}, {for: 1d}]}\n  - {id: f, depends_on: e, call: self}\n"
        "  - {id: g, depends_on: [{a: failed}], call: self}"
    ),
    "a call behind a step that may halt": steps(
        "  - {id: a, branch: [{condition: {var: x}, action: halt}]}\n  - {id: b, depends_on: a, call: self}"
    ),
    "calls of each other that end": steps(
        "  - {id: a, call: w}\nworkflows:\n  w: {steps: [{id: b, call: v}]}\n"
        "  v: {steps: [{id: c, when: {var: input.x}, call: w}]}"
    ),
    "calls of other names": steps(
        "  - {id: a, call: fraud_check}\n  - {id: b, call: fraud_check@2}\n"
        "  - {id: d, call: billing}\nworkflows: {fraud_check: {steps: [{id: c}]}}"
    ),
    "items that are added": steps(
        "  - {id: a, foreach: {items: [1], need: 3, more: {var: results}}}\n"
        "  - {id: b, foreach: {items: [1], need: 1}}"
    ),
    "a step called as one inside another": steps(
        "  - {id: a, do: [{id: a}, {id: b, depends_on: a}]}"
    ),
    "a condition on the key of an output": one(
        "branch: [{condition: {var: item}, action: complete}, {condition: {var: data}, action: complete}]"
    ),
}
