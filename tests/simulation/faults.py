"""How much goes wrong in a simulation, and when."""

from typing import NamedTuple

from runfox.testing.unreliable import NONE, Faults


class Profile(NamedTuple):
    """Shares of operations that a fault meets, and seconds between faults that come by themselves (0: none).

    ``crash``: the process is killed, before or after. ``down``: the store does not answer, having done nothing;
    ``lost``: having done it. ``slow``: others do much meanwhile. ``kill``, ``freeze``, ``outage``, ``cut``,
    ``stop``: a process dies, stands still beyond its lease, the store is restarted, one process cannot reach it, a
    worker is asked to end.
    """

    name: str
    crash: float = 0
    down: float = 0
    lost: float = 0
    slow: float = 0
    kill: float = 0
    freeze: float = 0
    outage: float = 0
    cut: float = 0
    stop: float = 0
    hints: Faults = NONE


HINTS = Faults()
CALM = Profile("calm")
PROFILES = (
    CALM,
    Profile("light", 0.004, 0.01, 0.01, 0.03, 25, 60, 60, 60, 60, HINTS),
    Profile("light", 0.004, 0.01, 0.01, 0.03, 25, 60, 60, 60, 60, HINTS),
    Profile("heavy", 0.02, 0.04, 0.04, 0.1, 10, 25, 30, 30, 25, HINTS._replace(lost=0.2, down=0.2)),
    Profile("crashes", crash=0.025, kill=8, hints=NONE),
    Profile("answers are lost", lost=0.12, slow=0.1),
    Profile("stands still", slow=0.1, freeze=9, cut=15, hints=HINTS),
    Profile("the queue", slow=0.05, hints=HINTS._replace(lost=0.5, twice=0.3, delayed=0.5)),
)
HARSH = Profile("harsh", kill=4, freeze=5)
BY_NAME = {profile.name: profile for profile in (*PROFILES, HARSH)}

HEAL = 40.0
"""After so many seconds nothing goes wrong any more."""

LATE = 600.0
"""So many seconds later everything must be over."""
