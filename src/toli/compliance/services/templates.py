"""SMS texts that were registered with the telephone companies."""

from datetime import datetime

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance.errors import TemplateNotFound
from toli.compliance.models import SmsTemplate
from toli.core import clock
from toli.core.errors import Forbidden


@transaction.atomic
def register_sms_template(
    *, actor: Actor, code: str, registered_id: str, header: str, text: str, valid_until: datetime | None = None
) -> SmsTemplate:
    """Say under which number a text is registered; again to change it. Only the operator may."""
    if not actor.is_system:
        raise Forbidden
    template, _created = SmsTemplate.objects.update_or_create(
        code=code,
        defaults={"registered_id": registered_id, "header": header, "text": text, "valid_until": valid_until},
    )
    audit.record_act(actor, action="sms_template.register", target=f"sms_template:{code}")
    return template


@transaction.atomic
def end_sms_template(*, actor: Actor, code: str) -> None:
    """From now on nothing is sent by this text. Only the operator may. Raises TemplateNotFound."""
    if not actor.is_system:
        raise Forbidden
    if not SmsTemplate.objects.filter(code=code).update(valid_until=clock.now()):
        raise TemplateNotFound(template=code)
    audit.record_act(actor, action="sms_template.end", target=f"sms_template:{code}")
