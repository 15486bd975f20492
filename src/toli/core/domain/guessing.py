"""What somebody who guesses gets: how many guesses the limits let through, and the chance that one is right.

Everything here is an upper bound. A window of a limit that ends just after an attack began gives it one window
more than the attack's length holds (:meth:`Limit.most_in`), and every guess is taken to be a new one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import expm1, log1p

from toli.core.domain.limits import Limit


@dataclass(frozen=True, slots=True)
class Bound:
    """``limit`` lets so many requests through, each worth so many ``guesses``.

    ``by_address``: every address of the attacker has its own counter; else every target (number, login) has, or,
    with ``shared``, everybody has the same one.
    """

    limit: Limit
    guesses: int = 1
    by_address: bool = False
    shared: bool = False

    def counters(self, *, addresses: int, targets: int) -> int:
        """How many counters of this limit an attacker has at hand."""
        return 1 if self.shared else addresses if self.by_address else targets


@dataclass(frozen=True, slots=True)
class Attack:
    """Guessing at one of ``space`` equally likely values, ``right`` of which open the door.

    ``targets``: how many things of the kind the attacker tries at; counters by target exist so many times.
    """

    space: int
    bounds: Sequence[Bound]
    right: int = 1
    targets: int = 1

    def guesses(self, span: timedelta, *, addresses: int = 1) -> int:
        """The most guesses that pass all bounds in any ``span``, made from so many addresses."""
        return min(
            bound.limit.most_in(span) * bound.guesses * bound.counters(addresses=addresses, targets=self.targets)
            for bound in self.bounds
        )

    def chance(self, span: timedelta, *, addresses: int = 1) -> float:
        """The probability that at least one of them is right."""
        return -expm1(self.guesses(span, addresses=addresses) * log1p(-self.right / self.space))

    def hits(self, span: timedelta, *, addresses: int = 1) -> float:
        """How many of them are right on average."""
        return self.guesses(span, addresses=addresses) * self.right / self.space
