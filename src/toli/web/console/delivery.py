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
from toli.core.errors import NotFound
from toli.messaging import selectors
from toli.messaging.services import outbox
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.page import actor_of, page, see_other

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
}
ARRIVED = ("sent", "delivered", "read")


@page(can.DELIVERY_VIEW)
def batches(request: HttpRequest, scope: Scope) -> HttpResponse:
    found = selectors.batches(scope)
    counts = selectors.counts([batch.pk for batch in found])
    context = {
        **frame(request, scope, territories.roots(scope)[0], "delivery"),
        "rows": [{"batch": batch, **_summary(counts[batch.pk])} for batch in found],
        "paused": selectors.paused(),
        "senders": selectors.senders() if scope.everywhere or _is_country(scope) else [],
    }
    return render(request, "console/delivery.html", context)


@page(can.DELIVERY_VIEW)
def batch(request: HttpRequest, scope: Scope, batch_id: int) -> HttpResponse:
    found = selectors.get_batch(scope, batch_id)
    counts = selectors.counts([found.pk])[found.pk]
    context = {
        **frame(request, scope, found.territory, "delivery"),
        "batch": found,
        "text": found.content.get("text") or found.template,
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


def _is_country(scope: Scope) -> bool:
    """Senders are the whole organisation's: they are shown to who sees all of it."""
    return any(path.count("/") == 2 for path in scope.paths)
