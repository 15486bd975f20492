"""A country in which members wait for a card."""

import pytest

from tests.factories import make_organisation, make_territories


@pytest.fixture
def country(db):
    make_organisation()
    return make_territories("IN/UP/07/A1", "IN/UP/070/B1")
