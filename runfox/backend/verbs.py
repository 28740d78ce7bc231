"""What operators do to executions."""

from abc import abstractmethod

from runfox.backend.protocols import Store
from runfox.errors import RequestError, TooLarge
from runfox.graph import (
    CancelAsked,
    Event,
    PauseAsked,
    RerunAsked,
    ResumeAsked,
    RetryAsked,
    SignalSent,
    SkipAsked,
    Transition,
)
from runfox.values import Json, NotJson, TooBig, checked


class Verbs:
    """The operators' verbs of a backend. What a run cannot do is refused with ``VerbRefused``."""

    store: Store

    @abstractmethod
    def ask(self, key: str, event: Event) -> Transition:
        """Do what somebody wants of an execution, and dispatch what is ready then.

        Raises ``VerbRefused`` and ``SignalRefused``; then nothing has happened.
        """

    def signal(
        self, key: str, name: str, data: Json = None, *, to: Json = None, id: str = ""
    ) -> None:
        """Send a signal. ``to`` addresses it to the wait of that ``key``; one of an ``id`` counts once."""
        self.ask(key, SignalSent(name, self.given(data, "data"), self.given(to, "to"), id))

    def cancel(self, key: str) -> None:
        """End an execution as cancelled, its ``finally`` run first; again, without the rest of that."""
        self.ask(key, CancelAsked())

    def pause(self, key: str) -> None:
        """Dispatch nothing more of an execution until it is resumed."""
        self.ask(key, PauseAsked())

    def resume(self, key: str) -> None:
        """Let a paused execution go on."""
        self.ask(key, ResumeAsked())

    def retry(self, key: str, *steps: str) -> None:
        """Try what failed again, keeping what succeeded: all, or these steps."""
        self.ask(key, RetryAsked(steps))

    def rerun(self, key: str, step: str, *, input: dict[str, Json] | None = None) -> None:
        """Run a step, and all behind it, again; with another ``input``, if one is given."""
        given = None if input is None else self.given(input, "input")
        self.ask(key, RerunAsked(step, given))

    def skip(self, key: str, step: str, *, output: dict[str, Json] | None = None) -> None:
        """Let a step not run in this turn: skipped, or complete with ``output``."""
        given = None if output is None else self.given(output, "output")
        self.ask(key, SkipAsked(step, given))

    def given(self, value: Json, what: str) -> Json:
        """Return a copy of what comes with a verb. Raises ``RequestError``, ``TooLarge``."""
        limit = self.store.limits.max_inputs
        try:
            return checked(value, limit=limit)
        except NotJson as error:
            raise RequestError(f"{what}{error}") from None
        except TooBig:
            raise TooLarge(what, limit="max_inputs", allowed=limit) from None
