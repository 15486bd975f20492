"""The one door by which a message leaves for members: no other service holds their addresses.

Members are locked (shared) before their words are read and until the caller's transaction ends, and
whoever withdraws takes the same lock alone. So either the withdrawal was there first and nothing is sent,
or its answer comes after the message is out: nobody is written to after being told that it has ended.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import Scope
from toli.accounts.ports import TextMessage
from toli.accounts.services import text_sender
from toli.members.domain.purposes import Channel
from toli.members.models import Member
from toli.members.selectors import reachable_points
from toli.members.services.consenting import withdrawal_path


@transaction.atomic
def send_texts(
    *, scope: Scope, purpose: str, kind: str, texts: Mapping[int, str], channel: str = Channel.SMS.value
) -> int:
    """Send each member of the scope their text, if their consent to purpose and channel stands. Returns to how many.

    ``texts`` maps ids of members to what they are to read; the link that ends such messages is added.

    Raises:
        ValueError: there is no such purpose or channel. Unavailable: the messages could not be handed over.
    """
    languages = dict(Member.objects.filter(pk__in=texts).values_list("pk", "language"))
    _hold(list(texts))
    messages = [
        TextMessage(phone, _with_way_out(texts[member_id], member_id, purpose, channel, languages[member_id]), kind)
        for member_id, phone in reachable_points(scope, purpose=purpose, channel=channel, member_ids=texts)
    ]
    if messages:
        text_sender().send_many(messages)
    return len(messages)


def _with_way_out(text: str, member_id: int, purpose: str, channel: str, language: str) -> str:
    link = settings.BASE_URL + withdrawal_path(member_id=member_id, purpose=purpose, channel=channel)
    with translation.override(language):
        return text + "\n" + _("To stop such messages: %(link)s") % {"link": link}


def _hold(member_ids: list[int]) -> None:
    """Nobody of these takes a word back until the transaction ends. In order of id, so that two senders cannot
    wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM members_member WHERE id = ANY(%s) ORDER BY id FOR SHARE", [member_ids])
