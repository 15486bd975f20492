"""Commands as an operator calls them."""

import json
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from toli.cli.main import build


@dataclass(frozen=True)
class Answer:
    """What a command said, on which channel, and how it ended."""

    code: int
    out: str
    err: str
    error: BaseException | None

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def toli():
    """``toli("card", "issue", "--json")``"""

    def call(*words):
        result = CliRunner().invoke(build(), [str(word) for word in words])
        return Answer(result.exit_code, result.stdout, result.stderr, result.exception)

    return call
