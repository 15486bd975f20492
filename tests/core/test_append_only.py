"""Rows of the consent ledger are added and never changed, whoever tries; one door is left."""

import pytest
from django.db import DatabaseError, transaction

from tests.factories import make_member, make_territories
from toli.core import append_only
from toli.members.domain.purposes import CHANNELS
from toli.members.models import ConsentRecord
from toli.members.services import set_consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def spoken():
    make_territories("IN/UP/07")
    set_consent(member_id=make_member("07").pk, purpose="content", given=False, language="hi", evidence={})
    return ConsentRecord.objects.order_by("pk")


def refused(change):
    with pytest.raises(DatabaseError, match="added, never changed"), transaction.atomic():
        change()


def test_no_row_can_be_changed_or_deleted(spoken):
    refused(lambda: spoken.update(given=True))
    refused(spoken.delete)
    assert spoken.filter(given=False).count() == len(CHANNELS)


def test_the_door_closes_behind_whoever_went_through_it(spoken):
    with append_only.opened("a test"):
        spoken.update(language="en")
    refused(lambda: spoken.update(language="hi"))
    with pytest.raises(KeyError), append_only.opened("a test"):
        raise KeyError
    refused(lambda: spoken.update(language="hi"))


def test_the_door_closes_with_a_transaction_that_failed(spoken):
    with pytest.raises(DatabaseError), transaction.atomic(), append_only.opened("a test"):
        spoken.update(at=None)
    refused(lambda: spoken.update(language="hi"))


def test_each_opening_says_why():
    with pytest.raises(ValueError, match="why"), append_only.opened(""):
        pass
