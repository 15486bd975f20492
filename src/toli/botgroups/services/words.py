"""What the bot says, in the language of whom it speaks to; to those whose language is unknown, in both."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from toli.botgroups.models import Order
from toli.compliance import selectors as compliance


def text_of(order: Order) -> str:
    """The words of an order; empty when it has none."""
    if not order.about:
        return ""
    languages = [order.language] if order.language else [code for code, _name in settings.LANGUAGES]
    return "\n\n".join(_said(order, language) for language in languages)


def test_post() -> str:
    """A line that shows that the bot is there."""
    return _in_all(lambda: _("Toli looks after this group. This was a test; nothing has to be done."))


def rules() -> str:
    """The description of a group."""
    return _in_all(
        lambda: _("Only news of our organisation. Be kind. No telephone numbers of others. Leave whenever you like.")
    )[:255]


def _in_all(said: object) -> str:
    texts = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts.append(str(said()))  # type: ignore[operator]
    return "\n\n".join(texts)


def _said(order: Order, language: str) -> str:
    with translation.override(language):
        organisation = compliance.find_organisation()
        values = {
            "organisation": organisation.label(language) if organisation else "Toli",
            "site": settings.BASE_URL,
            "group": order.group.name if order.group else "",
            "address": order.group.join_address if order.group else "",
        }
        return _template(order.about) % values


def _template(about: str) -> str:
    return {
        "unknown": _(
            "%(organisation)s: this group is for members with a card. Open %(site)s/me/telegram, connect your account"
            " there, and ask again. You are not a member yet? %(site)s/join"
        ),
        "no_card": _(
            "%(organisation)s: this group is for members with a valid card. See yours at %(site)s/me/card, or ask your"
            " coordinator."
        ),
        "other_group": _("Your place is in the group “%(group)s”. Please join there: %(address)s"),
        "no_place": _(
            "There is no free place for you just now. You are on the waiting list: as soon as your place is there, you"
            " find it at %(site)s/me/group, and we write to you here unless you said stop. You need not ask again."
        ),
        "place_free": _("Your place is there: “%(group)s”. It is kept for a few days. Please join here: %(address)s"),
        "link_changes": _("The link of your group is being changed. Your place is kept: %(site)s/me/group"),
        "no_group": _("Your account is connected. Your group stands at %(site)s/me/group"),
        "stopped": _(
            "We write to you here no more. You stay in your group; leave it in Telegram or at %(site)s/me/group. To"
            " hear from us again, open %(site)s/me/telegram and connect once more."
        ),
        "your_group": _("Your account is connected. Your group is “%(group)s”: %(address)s"),
        "moved": _("Your group is now “%(group)s”. Please join there: %(address)s"),
        "taken": _(
            "This account belongs to another member already. Use your own, or have it disconnected at"
            " %(site)s/me/telegram first."
        ),
        "known": _("Your account is connected. Your group stands at %(site)s/me/group"),
        "code_over": _("Please open %(site)s/me/telegram and press “Connect” there. This address was used or is over."),
    }[about]
