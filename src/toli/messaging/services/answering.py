"""The one answer to a word that means stop: its words, and how it reaches a citizen of whom nothing else is kept.

Members are answered by the outbox. A citizen's number goes with their word; it stands sealed beside what they wrote
until the answer is tried, once: it is forgotten before the call, so that nothing can send it a second time.
"""

import json
import logging
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.compliance.errors import ChannelBarred
from toli.compliance.selectors import get_organisation, judge_all
from toli.compliance.services import SendingQuestion
from toli.core import clock, jobs, wall
from toli.core.crypto import CannotDecrypt, cipher_for
from toli.members.domain.purposes import ANSWER
from toli.members.services.citizens import Parting
from toli.messaging.errors import SenderInvalid
from toli.messaging.models import Inbound, Sender, SenderState
from toli.messaging.ports import ChannelProvider, Content, Letter
from toli.messaging.providers import provider_class
from toli.messaging.services import control
from toli.messaging.services.senders import provider_of
from toli.messaging.services.trying import send_now

log = logging.getLogger(__name__)

# A registered text of this name is the answer where only registered texts may leave. No place in it is filled.
TEMPLATE = "stopped"
GOOD_FOR = timedelta(hours=12)  # whoever wrote by night is answered in the morning
REPLY_CONTEXT = "messaging_inbound.reply"
AT_ONCE = 60  # in a minute, by all senders together
JOB = "messaging.answer"


def words_of(sender: Sender, language: str) -> Content:
    """What the answer says."""
    capabilities = provider_class(sender.provider).capabilities
    free = not capabilities.needs_template or capabilities.answers_freely
    with translation.override(language):
        text = _("%(organisation)s will send you no more messages this way.") % {
            "organisation": get_organisation().label(language)
        }
    return Content(text=text, template="" if free else TEMPLATE, language=language)


def language_of(spoken: str, own: str) -> str:
    """The language of the word where we write it, else the one that the reader chose."""
    return spoken if spoken in dict(settings.LANGUAGES) else own


@transaction.atomic
def owe_answer(*, inbound_id: int, parting: Parting, spoken: str) -> None:
    """Have whoever wrote this answered, soon and once."""
    owed = {
        "to": parting.number, "language": language_of(spoken, parting.language), "place": parting.territory_id,
    }  # fmt: skip
    sealed = cipher_for(REPLY_CONTEXT).encrypt(json.dumps(owed), row=inbound_id)
    Inbound.objects.filter(pk=inbound_id).update(reply_sealed=sealed)
    jobs.enqueue_once(JOB)


@wall.lifted("whoever is answered is nobody's member")
def give_answers() -> int:
    """Give the answers that are owed and may leave now. Returns how many calls were made. Safe from any process."""
    if control.require_sending():
        return 0
    owed = list(Inbound.objects.exclude(reply_sealed=b"").order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_give(inbound_id) for inbound_id in owed)


def _give(inbound_id: int) -> bool:
    """Whether a call was made. What may leave later stays; what never may is forgotten."""
    with transaction.atomic():
        found = Inbound.objects.select_for_update(of=("self",), skip_locked=True).select_related("sender")
        inbound = found.exclude(reply_sealed=b"").filter(pk=inbound_id).first()
        if inbound is None:
            return False
        going = _ready(inbound)
        if going is None:
            return False
        _forget(inbound)
    provider, letter = going
    receipt = send_now(provider, letter)
    log.info("answer to %d: %s", inbound_id, receipt.verdict)
    return True


def _ready(inbound: Inbound) -> tuple[ChannelProvider, Letter] | None:
    """What to send now; None: not now, or never, and then it is forgotten here."""
    sender = inbound.sender
    if clock.now() >= inbound.received_at + GOOD_FOR or sender.state == SenderState.OFF:
        _forget(inbound)
        return None
    if sender.state != SenderState.ACTIVE:
        return None
    try:
        owed = json.loads(cipher_for(REPLY_CONTEXT).decrypt(bytes(inbound.reply_sealed), row=inbound.pk))
        provider = provider_of(sender)
    except (CannotDecrypt, ChannelBarred, SenderInvalid):
        _forget(inbound)
        return None
    content = words_of(sender, owed["language"])
    question = SendingQuestion(owed["place"], provider.key, ANSWER, clock.now(), template=content.template)
    (refusal,) = judge_all([question])  # asked again each minute by night: not recorded each time
    if refusal is not None and refusal.final:
        _forget(inbound)
    if refusal is not None:
        return None
    return provider, Letter(owed["to"], content, (), f"{uuid4()}.1")


def _forget(inbound: Inbound) -> None:
    Inbound.objects.filter(pk=inbound.pk).update(reply_sealed=b"")
