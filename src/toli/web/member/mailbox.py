"""A member's e-mail address: given, confirmed by the link that was sent there, changed, taken back."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.core.errors import Invalid
from toli.members import selectors as members
from toli.messaging import selectors
from toli.messaging.errors import MailAddressInvalid, MailNotSent
from toli.messaging.services import mailboxes
from toli.web.forms import MailboxForm
from toli.web.page import actor_of, member_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member

HOME = mailboxes.PAGE
WORDS = {"daily": True, "no_daily": False}


@member_page
def mailbox(request: HttpRequest, member: "Member") -> HttpResponse:
    """The address as it stands, and what can be done with it."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = MailboxForm(request.POST if act == "give" else None)
    if request.method == "POST" and _act(request, member, act, form):
        return see_other(HOME)
    context = {
        "member": member,
        "tab": "data",
        "form": form,
        "mailbox": selectors.mailbox_of(member.pk),
        "possible": mailboxes.can_mail(),
        "daily": members.words(member.pk).get(mailboxes.PAIR, False),
        "changing": "change" in request.GET or form.is_bound,
    }
    return render(request, "member/email.html", context, status=400 if form.errors else 200)


def _act(request: HttpRequest, member: "Member", act: str, form: MailboxForm) -> bool:
    """Whether it was done; else the form says why not."""
    language = request.LANGUAGE_CODE
    if act == "remove":
        mailboxes.remove_mailbox(actor=actor_of(request), member_id=member.pk, language=language)
    elif act == "again":
        mailboxes.send_link_again(member_id=member.pk, language=language)
    elif act in WORDS:
        mailboxes.set_daily(actor=actor_of(request), member_id=member.pk, given=WORDS[act], language=language)
    elif act != "give":
        raise Invalid
    elif not form.is_valid():
        return False
    else:
        try:
            mailboxes.give_mailbox(member_id=member.pk, address=form.cleaned_data["address"], language=language)
        except (MailAddressInvalid, MailNotSent) as error:
            form.refuse("address", error)
            return False
    return True


@member_page
def confirm(request: HttpRequest, member: "Member", token: str) -> HttpResponse:
    """The link that was sent there. Mail programs look at links themselves, so only a button confirms."""
    mailboxes.waiting_for(member_id=member.pk, token=token)
    if request.method == "POST":
        mailboxes.confirm_mailbox(
            actor=actor_of(request),
            member_id=member.pk,
            token=token,
            daily=request.POST.get("daily") == "yes",
            language=request.LANGUAGE_CODE,
        )
        return see_other(HOME)
    context = {"member": member, "tab": "data", "mailbox": selectors.mailbox_of(member.pk)}
    return render(request, "member/email_confirm.html", context)
