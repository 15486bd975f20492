"""The desk: what is on its way to members, what became of it, and stopping it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import holds_everywhere
from toli.core.errors import NotFound
from toli.messaging import selectors
from toli.messaging.domain.slots import fill
from toli.messaging.services import outbox
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.page import actor_of, page, see_other
from toli.web.plan_forms import channel_name

LIST = "/console/delivery"
VERBS: Mapping[str, Callable[..., object]] = {
    "stop": outbox.stop_batch,
    "resume": outbox.resume_batch,
    "cancel": outbox.cancel_batch,
}
# State -> what people call it. In the order in which a message passes through them.
STATES: dict[str, str | Promise] = {
    "queued": pgettext_lazy("message", "Waiting"),
    "sending": pgettext_lazy("message", "Being sent"),
    "unknown": pgettext_lazy("message", "Not known"),
    "sent": pgettext_lazy("message", "Sent"),
    "delivered": pgettext_lazy("message", "Arrived"),
    "read": pgettext_lazy("message", "Read"),
    "failed": pgettext_lazy("message", "Failed"),
    "expired": pgettext_lazy("message", "Too late"),
    "cancelled": pgettext_lazy("message", "Called off"),
}
REASONS: dict[str, str | Promise] = {
    "no_consent": _("no consent for this"),
    "too_late": _("its time was over"),
    "by_hand": _("decided by a person"),
    "unknown": _("the answer was lost"),
    "holder_lost": _("our process died while sending"),
    "not_reached": _("the provider was not reached"),
    "slow_sender": _("the number sends too fast"),
    "slow_recipient": _("too much to the same person"),
    "recipient_rested": _("too much to the same person"),
    "not_today": _("the person had enough for today"),
    "other_channel": _("not reachable this way"),
    "opted_out": _("the person wants no more"),
    "refused": _("the provider refused it"),
    "poison": _("it could not be written"),
    "silence_window": _("silence before a poll"),
    "quiet_hours": _("quiet hours"),
    "stop_batch": _("too many people reported it"),
    "stop_template": _("the template is paused or wrong"),
    "pause_sender": _("the sender is paused"),
    "channel_barred": _("this channel is barred for us"),
    "restored": _("a backup was restored"),
    "sent_again": _("sent again after its window"),
    "recalled": _("the material was withdrawn"),
}
SENDER_REASONS: dict[str, str | Promise] = {
    "": "",
    "by_hand": _("by hand"),
    "channel_barred": REASONS["channel_barred"],
    "sender_invalid": _("its settings do not fit any more"),
}
OWN_LINK, STOP_LINK = _("[own link]"), _("[link that stops messages]")
ARRIVED = ("sent", "delivered", "read")


@page(can.DELIVERY_VIEW)
def batches(request: HttpRequest, scope: Scope) -> HttpResponse:
    found = selectors.batches(scope)
    counts = selectors.counts([batch.pk for batch in found])
    context = {
        **frame(request, scope, territories.roots(scope)[0], "delivery"),
        "rows": [{"batch": batch, "text": _text_of(batch), **_summary(counts[batch.pk])} for batch in found],
        "paused": selectors.paused(),
        "senders": [_told(sender) for sender in selectors.senders()] if _is_country(scope) else [],
        "keeps": holds_everywhere(actor_of(request), can.SENDERS_MANAGE),
    }
    return render(request, "console/delivery.html", context)


@page(can.DELIVERY_VIEW)
def batch(request: HttpRequest, scope: Scope, batch_id: int) -> HttpResponse:
    found = selectors.get_batch(scope, batch_id)
    counts = selectors.counts([found.pk])[found.pk]
    context = {
        **frame(request, scope, found.territory, "delivery"),
        "batch": found,
        "text": _text_of(found),
        "reason": REASONS.get(found.reason, found.reason),
        "states": [(name, STATES[name], counts[name]) for name in STATES if name in counts],
        "reasons": [
            (STATES.get(state, state), REASONS.get(reason, reason), count)
            for state, reason, count in selectors.reasons(found.pk)
        ],
        **_summary(counts),
    }
    return render(request, "console/delivery_batch.html", context)


@page(can.DELIVERY_STOP)
def batch_step(request: HttpRequest, scope: Scope, batch_id: int, verb: str) -> HttpResponse:
    """Stop, resume, cancel."""
    found = selectors.get_batch(scope, batch_id)
    if request.method == "POST":
        if verb not in VERBS:
            raise NotFound
        VERBS[verb](actor=actor_of(request), scope=scope, batch_id=found.pk)
    return see_other(f"{LIST}/{found.pk}")


def _summary(counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "all": sum(counts.values()),
        "arrived": sum(counts.get(name, 0) for name in ARRIVED),
        "waiting": counts.get("queued", 0) + counts.get("sending", 0),
        "unknown": counts.get("unknown", 0),
    }


def _text_of(batch: Any) -> str:
    """What it says, with words where each message has its own."""
    return fill(batch.content.get("text") or batch.template, [str(OWN_LINK)], lambda: str(STOP_LINK))


def sender_reason(reason: str) -> str | Promise:
    """Why a sender does not send. What is no word of ours is the code with which its provider refused it."""
    refused = _("refused by its provider (%(code)s)") % {"code": reason}
    return SENDER_REASONS.get(reason, refused)


def _told(sender: Any) -> dict[str, Any]:
    return {"sender": sender, "channel": channel_name(sender.provider), "reason": sender_reason(sender.reason)}


def _is_country(scope: Scope) -> bool:
    """Senders are the whole organisation's: they are shown to who sees all of it."""
    return any(path.count("/") == 2 for path in scope.paths)
