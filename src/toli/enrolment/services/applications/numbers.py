"""The number of an entry: sealed, found again, kept from being written down once more."""

from django.conf import settings
from django.db.models import QuerySet

from toli.core.crypto import cipher_for, index_for, keyed_hash
from toli.core.domain.phone import masked
from toli.enrolment.models import Application
from toli.members.selectors import PHONE_INDEX

CONTEXT = "enrolment_application.number"


def seal_number(application: Application, number: str) -> None:
    """Put the number (E.164) into the row, which still has to be saved."""
    application.number_sealed = cipher_for(CONTEXT).encrypt(number, row=application.sealed_row())
    application.number_index = index_for(PHONE_INDEX).of(number)


def number_of(application: Application) -> str:
    """The number (E.164) of an open entry."""
    return cipher_for(CONTEXT).decrypt(bytes(application.number_sealed), row=application.sealed_row())


def shown_number(application: Application) -> str:
    """The number as a screen may show it; empty once the entry has ended."""
    return masked(number_of(application)) if application.is_open else ""


def open_with_number(number: str) -> QuerySet[Application]:
    """Open entries with this number, the oldest first."""
    keys = index_for(PHONE_INDEX).all_of(number)
    return Application.objects.open().filter(number_index__in=keys).order_by("pk")


def hash_of(number: str) -> bytes:
    """What of a number stays after its owner said no. Nobody finds the number without the key."""
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, "enrolment_application.said_no", number)
