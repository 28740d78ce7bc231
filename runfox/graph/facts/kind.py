"""What every fact is."""

from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.draft import Draft

Error: TypeAlias = dict[str, Json]
"""``type`` (a word), ``message``, and for errors of a run the ``step`` it came from."""


class Fact(Protocol):
    """Anything that can become true of an execution. ``at`` is the moment of the commit it belongs to."""

    @property
    def at(self) -> datetime: ...

    def apply(self, draft: "Draft") -> None:
        """Change the draft as the fact says. Raises ``IllegalMove`` where it cannot be true."""
