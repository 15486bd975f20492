"""What every act on a kit needs: the kit itself, locked and within the actor's area, and a trace."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.content.domain.lifecycle import may_become
from toli.content.errors import KitNotFound, KitStateWrong
from toli.content.models import Kit, KitState
from toli.territories import selectors as territories


def locked(actor: Actor, permission: str, kit_id: int) -> Kit:
    """The kit, if the actor's area covers the place it belongs to. Raises KitNotFound."""
    scope = scope_for(actor, permission)
    kit = Kit.objects.select_for_update().filter(pk=kit_id).first()
    if kit is None or not scope.covers(territories.path_of(kit.territory_id)):
        raise KitNotFound
    return kit


def move(actor: Actor, kit: Kit, state: KitState, action: str, **details: Any) -> Kit:
    """Put a kit that the caller has locked into another state, and record it. Raises KitStateWrong."""
    if not may_become(kit.state, state):
        raise KitStateWrong(state=KitState(kit.state).label)
    kit.state = state
    kit.save()
    trace(actor, action, kit, **details)
    return kit


def trace(actor: Actor, action: str, kit: Kit, **details: Any) -> None:
    """Record the act."""
    audit.record_act(
        actor,
        action=action,
        target=f"kit:{kit.pk}",
        territory_id=kit.territory_id,
        details=details,
    )


def named(codes: Sequence[str]) -> str:
    """Codes such as ``text:hi`` in words."""
    words = {
        "title": _("title"),
        "text": _("text"),
        "act_label": _("words on the button"),
        "imprint": _("imprint"),
        "certificate": _("certificate number"),
        "validity": _("dates"),
        "rendition": _("content in at least one language"),
        "alt": _("what the picture shows"),
        "certificate_file": _("the certificate as a file, for the election"),
        "ai_label": _("the label of AI in the picture"),
        "video": _("the video, which is being made ready or cannot be read"),
        "platform": _("a text that fits the platform"),
        "subject": _("a subject of one line, at most 120 letters"),
    }
    languages = {"hi": _("Hindi"), "en": _("English")}
    found = []
    for code in codes:
        what, _colon, language = code.partition(":")
        found.append(f"{words[what]} ({languages.get(language, language)})" if language else str(words[what]))
    return ", ".join(found)
