"""Sound workflows which together have every key of the language."""

WHOLE = {
    "a whole file": """
name: order
version: 3
labels: {team: shop}
inputs: {type: object, required: [order_id], properties: {order_id: {type: string}}}
state:
  total: {type: number, default: 0, merge: add}
  seen: {merge: union, default: []}
  best: {type: number, merge: max}
  any: {}
timeout: 2d
priority: 8
limit: {key: {"var": "input.customer"}, max: 1, full: skip}
on_failure: rollback
defaults: {retry: standard, timeout: 5m, queue: main, priority: 3}
schedule:
  - {cron: "0 6 * * MON-FRI", tz: Europe/London, overlap: queue, catchup: all, input: {full: true}}
  - {every: 1h}
  - {at: 2026-11-20T06:00:00+01:00}
workflows:
  fraud_check: {steps: [{id: score, call: second}], outputs: {score: {"var": "steps.score.output.s"}}}
  second: {description: Asks another, steps: [{id: ask}]}
steps:
  - {id: pay, undo: {fn: refund, input: {id: {"var": "output.id"}}, retry: aggressive}}
  - {id: ship, depends_on: [pay]}
finally:
  - {id: close, input: {how: {"var": "workflow.status"}}}
outputs: {tracking: {"var": ["steps.ship.output.tracking", null]}}
""",
    "gates": """
name: x
steps:
  - {id: a}
  - {id: b, when: {"==": [{"var": "input.kind"}, 1]}}
  - {id: c, depends_on: [a, b], join: all}
  - {id: d, depends_on: [a, b], join: any}
  - {id: e, depends_on: [a, b], join: 2}
  - {id: f, depends_on: [a, b], join: {need: 1, rest: cancel}}
  - {id: g, depends_on: [{a: failed}]}
  - {id: h, depends_on: [{a: ended, b: skipped}, c]}
""",
    "foreach": """
name: x
steps:
  - id: each
    foreach:
      {items: {"var": "input.files"}, as: file, max: 10, tolerate: 5%, need: 3, rest: wait,
       until: {"some": [{"var": "results"}, {"var": "found"}]}, more: {"vars": "results[*].next"}}
    input: {path: {"var": "file.path"}, n: {"var": "index"}, token: {secret: api.token}}
    retry: [{max_attempts: 2, if: {"==": [{"var": "error.type"}, Busy]}}, {max_attempts: 5, within: 10m}]
    output: {type: object, required: [next]}
    timeout: {attempt: 1m, heartbeat: 10s, queue: 1h, total: 1d}
    limit: {key: {"var": "file.host"}, max: 2, rate: 100/1m, full: wait}
    cache: {key: {"var": "file.path"}, for: 1d}
    undo: {fn: forget}
    priority: 9
    queue: gpu
  - {id: over_a_list, foreach: {items: [1, {"var": "input.n"}], tolerate: 1}, do: [{id: a}, {id: b}]}
""",
    "blocks, calls and waits": """
name: x
steps:
  - id: block
    retry: {max_attempts: 2}
    do:
      - id: inner
        do: [{id: deep, input: {v: {"var": "input.v"}}}]
        outputs: {v: {"var": "steps.deep.output.v"}}
      - {id: then, depends_on: inner, input: {v: {"var": "steps.inner.output.v"}}}
  - {id: child, call: billing@2, input: {v: 1}}
  - {id: apart, call: self, detach: true, when: {"var": "input.again"}}
  - {id: pause, wait: {for: 15m}}
  - {id: computed, wait: {for: {"var": "input.patience"}}}
  - {id: till, wait: {until: {"var": "input.deadline"}}}
  - {id: seconds, wait: {until: 1795000000}}
  - id: approval
    wait:
      - {signal: approved, key: {"var": "input.id"}, data: {type: object, required: [by]}, buffer: false}
      - {for: 2d}
    branch: [{condition: {"var": "timed_out"}, action: fail}, {action: complete}]
""",
    "actions": """
name: x
steps:
  - {id: a}
  - id: b
    depends_on: [a]
    branch:
      - {condition: {"var": "late"}, action: {cancel: [c, steps.d.status]}}
      - {condition: {"var": "one"}, action: {cancel: c}}
      - {condition: {"var": "bad"}, action: {rollback: true}}
  - {id: c, depends_on: [a], retry: none}
  - {id: d, depends_on: [a], retry: standard}
""",
    "a mapping of one key named secret, where it is data": """
name: x
steps: [{id: a, input: {v: {literal: {secret: x}}, w: {secret: 1, public: 2}, x: {secret: a-b.c_d}}}]
""",
    "workflows that call each other in a circle": """
name: x
workflows:
  a: {steps: [{id: s, do: [{id: t, when: {"var": "input.more"}, call: b}]}]}
  b: {steps: [{id: s}], finally: [{id: t, call: a}]}
steps: [{id: s, call: a}]
""",
}
