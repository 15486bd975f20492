"""The desk: what sends messages to members, how it fares, and its keys, which are written and never shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import holds_everywhere
from toli.compliance import selectors as compliance
from toli.compliance.domain.channels import why_barred
from toli.compliance.services import require_channel
from toli.core.errors import DomainError, Forbidden, NotFound
from toli.messaging import selectors
from toli.messaging.ports import SendReceipt
from toli.messaging.providers import provider_class, providers
from toli.messaging.services import senders, trying
from toli.territories import selectors as territories
from toli.web.console.delivery import REASONS, sender_reason
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other
from toli.web.plan_forms import channel_name
from toli.web.sender_forms import SenderForm, TestForm, initial_of

LIST = "/console/senders"
STATES = {"pause": "paused", "resume": "active", "off": "off"}
VERDICTS = {**REASONS, "accepted": _("the provider took it"), "not_begun": _("no time was left for the call")}


@page(can.SENDERS_MANAGE)
def listed(request: HttpRequest, scope: Scope) -> HttpResponse:
    """All senders with their health, and the providers that one can be set up for."""
    _require_everything(request)
    kind = compliance.get_organisation().kind
    context = {
        **_frame(request, scope),
        "rows": [_row(sender) for sender in selectors.senders()],
        "paused": selectors.paused(),
        "providers": [(key, channel_name(key)) for key in providers() if why_barred(kind, key) is None],
        "barred": any(why_barred(kind, key) for key in providers()),
    }
    return render(request, "console/senders.html", context)


@page(can.SENDERS_MANAGE, step_up=True)
def new(request: HttpRequest, scope: Scope, provider: str) -> HttpResponse:
    """Set one up. A provider that is barred for this kind of organisation has no form at all."""
    _require_everything(request)
    if provider not in providers():
        raise NotFound
    require_channel(provider)
    form = SenderForm(request.POST or None, provider=provider)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            made = senders.create_sender(
                actor=actor_of(request), code=form.cleaned_data["code"], provider=provider, **form.facts()
            )
            return see_other(f"{LIST}/{made.code}")
        except DomainError as error:
            form.refuse(None, error)
            status = STATUS[error.kind]
    context = {**_frame(request, scope), "form": form, "channel": channel_name(provider), "provider": provider}
    return render(request, "console/sender_new.html", context, status=status)


@page(can.SENDERS_MANAGE, step_up=True)
def sender(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """How one fares, and its settings."""
    _require_everything(request)
    found = selectors.get_sender(code)
    form = SenderForm(request.POST or None, provider=found.provider, known=True, initial=initial_of(found))
    if request.method != "POST":
        return _show(request, scope, code, form)
    status = 400
    if form.is_valid():
        try:
            senders.change_sender(actor=actor_of(request), code=code, **form.facts())
            return see_other(f"{LIST}/{code}?saved=1")
        except DomainError as error:
            form.refuse(None, error)
            status = STATUS[error.kind]
    return _show(request, scope, code, form, status=status)


@page(can.SENDERS_MANAGE, step_up=True)
def step(request: HttpRequest, scope: Scope, code: str, verb: str) -> HttpResponse:
    """Pause, resume, turn off; or send a test to oneself and see what the provider says."""
    _require_everything(request)
    found = selectors.get_sender(code)
    if verb not in {*STATES, "test"}:
        raise NotFound
    if request.method != "POST":
        return see_other(f"{LIST}/{code}")
    form = SenderForm(provider=found.provider, known=True, initial=initial_of(found))
    try:
        if verb != "test":
            senders.set_sender_state(actor=actor_of(request), code=code, state=STATES[verb])
            return see_other(f"{LIST}/{code}")
        asked = TestForm(request.POST)
        if not asked.is_valid():
            return _show(request, scope, code, form, asked=asked, status=400)
        receipt = trying.try_sender(
            actor=actor_of(request), code=code, to=asked.cleaned_data["to"],
            sample=trying.sample_for(found, request.LANGUAGE_CODE),
        )  # fmt: skip
        return _show(request, scope, code, form, receipt=receipt)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return _show(request, scope, code, form, refused=str(error), status=STATUS[error.kind])


def _show(
    request: HttpRequest,
    scope: Scope,
    code: str,
    form: SenderForm,
    *,
    asked: TestForm | None = None,
    receipt: SendReceipt | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    found = selectors.get_sender(code)
    context = {
        **_frame(request, scope),
        **_row(found),
        "form": form,
        "test": asked or TestForm(),
        "told": {"words": VERDICTS.get(receipt.verdict, receipt.verdict), "receipt": receipt} if receipt else None,
        "refused": refused,
        "saved": "saved" in request.GET,
        "needs_template": provider_class(found.provider).capabilities.needs_template and not found.kit_template,
    }
    return render(request, "console/sender.html", context, status=status)


def _row(found: Any) -> dict[str, Any]:
    health = selectors.health_of(found)
    return {
        "sender": found,
        "channel": channel_name(found.provider),
        "health": health,
        "error": VERDICTS.get(health.error, health.error),
        "reason": sender_reason(found.reason),
    }


def _require_everything(request: HttpRequest) -> None:
    """Senders are the whole organisation's."""
    if not holds_everywhere(actor_of(request), can.SENDERS_MANAGE):
        raise Forbidden


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, territories.roots(scope)[0], "delivery")
