"""What a workflow may hold at most. Every refusal names one of these."""

MAX_BYTES = 5_000_000
MAX_DEPTH = 100
MAX_EVENTS = 1_000_000
"""Scalars, and starts and ends of mappings and lists, in one file."""

MAX_ALIAS_NODES = 10_000
MAX_ALIAS_BYTES = 1_000_000
"""What the aliases of one file may add to it, in nodes and in characters."""

MAX_STEPS = 100_000
MAX_NAME = 200
MAX_ATTEMPTS = 1_000_000
MAX_ITERATIONS = 1_000_000_000
MAX_BACKOFF = 1_000
MAX_PROBLEMS = 1_000
"""Problems reported of one file; a file with more is not read by a person."""
MAX_ITEMS = 100_000
"""Items of one foreach, and runs at once under one limit."""

MAX_PRIORITY = 10
MAX_SCHEDULES = 100
