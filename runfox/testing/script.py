"""What the steps of a simulated run answer, in place of an executor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias

from runfox.errors import RequestError, did_you_mean
from runfox.execution import failure, perform, result_from
from runfox.execution.returned import raised
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.spec import durations
from runfox.testing.script_names import Names, aliases
from runfox.values import Json


@dataclass(frozen=True, slots=True)
class Fails:
    """The attempt fails with an error of this type."""

    type: str = "Error"
    message: str = ""


@dataclass(frozen=True, slots=True)
class TimesOut:
    """The attempt never answers: a timeout of the step, or of what it stands in, has to end it."""


@dataclass(frozen=True, slots=True)
class Takes:
    """The attempt answers after so much virtual time: a ``timedelta``, or what the language reads as one."""

    duration: timedelta | str | float
    answer: "Answer"

    @property
    def time(self) -> timedelta:
        """The duration. Raises ``RequestError`` if it is none."""
        if isinstance(self.duration, timedelta):
            return self.duration
        try:
            return durations.parse(self.duration)
        except ValueError as error:
            raise RequestError(str(error)) from None


Answer: TypeAlias = (
    dict[str, Json] | Fails | TimesOut | Takes | BaseException | Callable[[dict[str, Json]], Any]
)
"""An output; a failure, or the exception that an executor would raise; no answer; a late one; or a function of the
inputs that returns, or raises, any of these."""

Answers: TypeAlias = Answer | Sequence[Answer]
"""One for every run of a step, or one after another, of which the last repeats."""


class Unscripted(RequestError):
    """A step is to run, and the script does not say what it answers. ``step`` is its path."""

    def __init__(self, step: str, fn: str, known: Sequence[str]) -> None:
        hint = f" {did_you_mean(step, known, label='It has')}" if known else ""
        named = repr(step) if fn == step else f"{step!r} (fn {fn!r})"
        super().__init__(
            f"the script has no answer for step {named}.{hint} Add one for it by its id, its path or its fn,"
            " or give a default for all steps that the script does not name."
        )
        self.step = step
        self.fn = fn


class Told(NamedTuple):
    """What a run answers, and how long it takes; ``result`` None: it never answers."""

    result: StepResult | None
    time: timedelta = timedelta(0)


class Script:
    """Answers by step id, by path, or by fn; the more exact name counts.

    A list is gone through by each step, and by each item of a ``foreach``, on its own.
    """

    def __init__(
        self, answers: Mapping[str, Answers], default: Answers | None, names: Names
    ) -> None:
        for key in answers:
            names.check(key)
        self._answers = {key: _listed(key, told) for key, told in answers.items()}
        self._default = None if default is None else _listed("default", default)

    def tell(self, path: str, job: DispatchJob, ordinal: int) -> Told:
        """Return what a run answers: the first of its path has ``ordinal`` 0. Raises ``Unscripted``."""
        found = self._default
        for name in aliases(path, job.fn):
            if name in self._answers:
                found = self._answers[name]
                break
        if found is None:
            raise Unscripted(path, job.fn, list(self._answers))
        return _told(found[min(ordinal, len(found) - 1)], job)


def _listed(key: str, told: Answers) -> Sequence[Answer]:
    if not isinstance(told, list | tuple):
        return (told,)  # type: ignore[return-value] # no other sequence is an answer
    if not told:
        raise RequestError(f"the script's list for {key!r} is empty: it needs one answer at least")
    return told


def _told(answer: Any, job: DispatchJob) -> Told:
    match answer:
        case Takes():
            told = _told(answer.answer, job)
            return told._replace(time=told.time + answer.time)
        case TimesOut():
            return Told(None)
        case Fails(type=kind, message=text):
            return Told(failure(job.step_id, job.run_id, kind, text, delivery=job.delivery))
        case BaseException():
            return Told(raised(job.step_id, job.run_id, answer, job.delivery))
        case _ if callable(answer):
            return _called(answer, job)
        case _:
            return Told(result_from(job.step_id, job.run_id, answer, delivery=job.delivery))


def _called(function: Callable[[dict[str, Json]], Any], job: DispatchJob) -> Told:
    special: list[Fails | TimesOut | Takes] = []

    def execute(_fn: str, inputs: dict[str, Json]) -> Any:
        answer = function(inputs)
        if isinstance(answer, Fails | TimesOut | Takes):
            special.append(answer)
            return {}
        return answer

    result = perform(execute, job)
    return _told(special[0], job) if special else Told(result)
