"""Executions and jobs in this process's memory: for tests, scripts, and workflows that need not outlive it."""

from runfox.backend.memory.inbox import MemoryInbox
from runfox.backend.memory.ledger import MemoryLedger
from runfox.backend.memory.store import InMemoryStore

__all__ = ["InMemoryStore", "MemoryInbox", "MemoryLedger"]
