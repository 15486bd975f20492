"""What a call of a platform came to, for providers whose platforms are asked by HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from toli.posting.domain.states import Verdict
from toli.posting.ports import Receipt


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` is only there where it was done. ``status``: as HTTP says it; 0 where there was no answer."""

    verdict: Verdict
    data: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    status: int = 0

    @property
    def receipt(self) -> Receipt:
        """For an answer that ends the matter."""
        return Receipt(self.verdict, code=self.code, retry_after=self.retry_after)


def receipts(found: Sequence[Receipt | None], *, missed: Verdict = Verdict.LATER) -> list[Receipt]:
    """What was not begun is tried again; ``missed``: what is said of it, where somebody only asked."""
    return [item or Receipt(missed, code="not_begun", retry_after=1.0) for item in found]
