"""Ways to plant a bug."""

from collections.abc import Callable
from functools import wraps

import pytest

from toli.access.domain.scope import EVERYWHERE

Patch = pytest.MonkeyPatch


def with_everything(module: object, name: str) -> Callable[[Patch], None]:
    """A selector that forgets the scope it was given."""

    def plant(patch: Patch) -> None:
        real = getattr(module, name)

        @wraps(real)
        def forgetful(_scope, *args, **kwargs):
            return real(EVERYWHERE, *args, **kwargs)

        patch.setattr(module, name, forgetful)

    return plant
