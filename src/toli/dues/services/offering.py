"""What a drive offers: classes, their terms and fees."""

from django.db import transaction

from toli.access.domain.permissions import DUES_MANAGE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.dues import selectors
from toli.dues.domain.money import is_currency
from toli.dues.domain.offers import Terms
from toli.dues.errors import CurrencyUnknown, OfferWrong
from toli.dues.models import Offer


@transaction.atomic
def set_offer(*, actor: Actor, drive_code: str, terms: Terms) -> Offer:
    """Offer a class of membership by a drive, or change what is offered. What is owed already stays as it is.

    Raises:
        DriveNotFound: also when its territory is not in the actor's area. OfferWrong, CurrencyUnknown.
    """
    drive = selectors.drive_within(scope_for(actor, DUES_MANAGE), drive_code)
    if not terms.is_possible():
        raise OfferWrong
    if not is_currency(terms.currency):
        raise CurrencyUnknown(currency=terms.currency)
    values = {"months": terms.months, "fee": terms.fee, "currency": terms.currency}
    values |= {"grace_days": terms.grace_days, "least_months": terms.least_months}
    offer, _created = Offer.objects.update_or_create(drive=drive, grade=terms.grade, defaults=values)
    audit.record_act(
        actor,
        action="dues.offer",
        target=f"drive:{drive.pk}",
        territory_id=drive.territory_id,
        details={"grade": terms.grade, **values},
    )
    return offer
