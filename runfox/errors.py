"""Every error of runfox, split by who must act.

RunfoxError
  SpecError               the author of the workflow: carries every problem of the file
  ExpressionError
    ExpressionInvalid     the author: the expression cannot be compiled
    ExpressionFailed      the author: it met values that it cannot work with
  RequestError            the caller of a function
    InvalidId             a name outside its grammar
    InputsInvalid         inputs that cannot be stored or do not fit
    ExecutionNotFound     no such execution here (a KeyError too)
    ExecutionExists       the id is taken by another spec or other inputs
    TooLarge              over a limit that is named
    MissingExtra          an optional part is not installed
    SignalRefused         the run does not take the signal
    VerbRefused           the run cannot do what an operator wants of it
    TokenRefused          a token from outside is not accepted
    ExecutorError         the executor itself cannot be used
      SecretMissing       the worker has no such secret (in runfox.execution)
  StoreError              the operator of the database
    RevisionConflict      somebody else moved the execution on (runfox itself decides again)
    SlotsFull             a limit is reached (runfox itself decides again)
    StoreUnavailable      it did not answer; safe to try again
    StoreCorrupt          what is stored cannot be read
    SchemaMismatch        written by a newer runfox
    EngineTooOld          an execution that a newer runfox has moved on
  IllegalMove             us: a fact that the record cannot take
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any


class RunfoxError(Exception):
    """The root of all errors that runfox raises on purpose."""


def did_you_mean(word: str, known: Iterable[str], *, label: str = "Known") -> str:
    """Return the hint that ends a message about an unknown word: the nearest known one, or all of them."""
    options = list(known)
    near = get_close_matches(word, options, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    if not options:
        return f"{label}: none."
    shown = ", ".join(options[:12])
    return f"{label}: {shown}{', ...' if len(options) > 12 else ''}."


class SpecError(RunfoxError):
    """A workflow cannot be used. ``problems`` holds all of them, in the order of the file."""

    def __init__(self, problems: Sequence[Any]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class ExpressionError(RunfoxError):
    """An expression is at fault."""


class ExpressionInvalid(ExpressionError):
    """An expression cannot be compiled. ``problems`` holds every reason, each with its path inside."""

    def __init__(self, problems: Sequence[Any]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class ExpressionFailed(ExpressionError):
    """An expression met values that it cannot work with.

    ``path`` leads to the place inside the expression, ``values`` are what its operator was given.
    """

    def __init__(
        self, message: str, *, path: tuple[str | int, ...] = (), values: tuple[Any, ...] = ()
    ) -> None:
        super().__init__(message)
        self.path = path
        self.values = values


class RequestError(RunfoxError):
    """A call cannot be carried out as it was made; calling again the same way will not help."""


class InvalidId(RequestError):
    """A name is outside its grammar."""

    def __init__(self, kind: str, value: object, grammar: str) -> None:
        super().__init__(f"{value!r} is not a valid {kind}: it must match {grammar}")
        self.kind = kind
        self.value = value


class InputsInvalid(RequestError):
    """The inputs of an execution cannot be taken; no execution was created."""


class ExecutionNotFound(RequestError, KeyError):
    """No execution of that id is in the store."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(
            f"no execution {execution_id!r} in this store. 'runfox list' shows those that are there."
        )
        self.execution_id = execution_id

    __str__ = Exception.__str__  # KeyError would show the repr of the message


class ExecutionExists(RequestError):
    """An execution of that id exists already, with another spec or other inputs."""

    def __init__(self, execution_id: str, difference: str) -> None:
        super().__init__(
            f"execution {execution_id!r} exists already with {difference}. "
            "Choose another id, or resume the one that is there."
        )
        self.execution_id = execution_id


class TooLarge(RequestError):
    """Something is over a limit. ``limit`` is that limit's name, ``allowed`` its value."""

    def __init__(self, what: str, *, limit: str, allowed: int) -> None:
        super().__init__(
            f"{what} is over the limit {limit} ({allowed} bytes). Store it elsewhere and pass a reference."
        )
        self.limit = limit
        self.allowed = allowed


class MissingExtra(RequestError):
    """An optional part of runfox is used that was not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the extra {extra!r}. Install it with: pip install 'runfox[{extra}]'"
        )
        self.extra = extra


class ExecutorError(RequestError):
    """An executor cannot be used as it is given."""


class SignalRefused(RequestError):
    """A signal that the run does not take: it is over, never waits for it, or the data does not fit."""


class VerbRefused(RequestError):
    """An operator's wish that the run cannot fulfil as it stands; the message says why, and what can be done."""


class TokenRefused(RequestError):
    """A token is not accepted. Its bearer is told no more; ``reason`` is for the operator, and in the log."""

    def __init__(self, reason: str) -> None:
        super().__init__("this token is not accepted; ask for a new one")
        self.reason = reason


class StoreError(RunfoxError):
    """The store could not do what it was asked. Never turned into the failure of a workflow."""


class RevisionConflict(StoreError):
    """The stored revision is not the one that was decided on. Nothing was written; decide again."""

    def __init__(self, execution_id: str, expected: int) -> None:
        super().__init__(
            f"execution {execution_id!r} is no longer at revision {expected}; load it again"
        )
        self.execution_id = execution_id
        self.expected = expected


class StoreUnavailable(StoreError):
    """The store did not answer. The write may or may not have happened; its token tells on the next try."""


class StoreCorrupt(StoreError):
    """What the store returned cannot be read."""


class SchemaMismatch(StoreError):
    """The database was written by a newer runfox, or is none of ours."""


class EngineTooOld(StoreError):
    """A newer runfox has moved the execution on, in a format that this one does not read. It is left alone."""

    def __init__(self, execution_id: str, needed: int, known: int) -> None:
        super().__init__(
            f"execution {execution_id!r} needs a runfox that reads format {needed}, and this one reads {known}."
            " Upgrade this process; newer ones go on with it meanwhile."
        )
        self.execution_id = execution_id
        self.needed = needed


class IllegalMove(RunfoxError):
    """A fact does not fit the record it is applied to: the history is damaged, or runfox has a fault."""


class StaleDelivery(StoreError):
    """A failure was reported by a worker whose job has been taken over. Nothing was written.

    ``runs`` are those reports, as (step, run_id, delivery).
    """

    def __init__(self, runs: Sequence[tuple[str, int, int]]) -> None:
        super().__init__(f"these jobs were taken over by other workers: {list(runs)}")
        self.runs = tuple(runs)


class SlotsFull(StoreError):
    """Slots were claimed that others hold. Nothing was written; decide again.

    ``full`` says for each key who holds its slots, and when its rate frees one: ``protocols.Full``.
    """

    def __init__(self, full: Mapping[str, Any]) -> None:
        super().__init__(f"no slot is free of {', '.join(map(repr, full))}")
        self.full = dict(full)


class DefinitionNotFound(StoreError, KeyError):
    """The store has no definition of that id."""

    def __init__(self, workflow_id: str) -> None:
        super().__init__(f"no definition {workflow_id!r} in this store")
        self.workflow_id = workflow_id

    __str__ = Exception.__str__
