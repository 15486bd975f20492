"""A member proves with a fresh code who sits there, before what does harm in the wrong hands."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts.errors import CodeExpired, CodeWrong
from toli.core import wall
from toli.members import selectors as members
from toli.members import services
from toli.web.forms import CodeForm
from toli.web.limited import limited
from toli.web.page import actor_of, is_proved, member_page, safe_next, see_other
from toli.web.templatetags.toli import url_with_next

if TYPE_CHECKING:
    from toli.members.models import Member

HERE = "/me/confirm"
SENT = "confirming"  # in the session once a code is on its way


@member_page(apart=True)
@limited("sign_in.address")
def confirm(request: HttpRequest, member: "Member") -> HttpResponse:
    """Ask for a code, write it, go on to where one was stopped."""
    form = CodeForm(request.POST if request.POST.get("step") == "code" else None)
    if form.is_bound and form.is_valid():
        _try(request, form)
    with wall.behind(account=member.account_id):
        return _answer(request, member, form)


def _try(request: HttpRequest, form: CodeForm) -> None:
    """Tell the code. That a guess was wrong is written down whatever comes after, hence outside of any transaction."""
    key = str(request.session.session_key)
    try:
        services.confirm(actor=actor_of(request), session_key=key, code=form.cleaned_data["code"])
    except (CodeWrong, CodeExpired) as error:
        form.refuse("code", error)


def _answer(request: HttpRequest, member: "Member", form: CodeForm) -> HttpResponse:
    target = safe_next(request.GET.get("next", ""), "/me")
    if is_proved(request):
        request.session.pop(SENT, None)
        return see_other(target)
    if request.POST.get("step") == "send":
        services.send_confirmation(actor=actor_of(request))
        request.session[SENT] = True
        return see_other(url_with_next(HERE, target))
    ending = members.masked_phone(member)[-3:]
    context = {"member": member, "tab": "data", "form": form, "next": target, "ending": ending}
    context["sent"] = SENT in request.session and request.GET.get("step") != "send"
    return render(request, "member/confirm.html", context, status=400 if form.errors else 200)
