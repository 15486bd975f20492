"""`toli account`: accounts of staff, and where anybody is signed in."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from toli.access import services as access
from toli.accounts import selectors, services
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, say
from toli.core.errors import Unavailable

if TYPE_CHECKING:
    from toli.accounts.models import Account

app = typer.Typer(help=_("Accounts of staff: invite them, let them sign in, end what is lost."))
LoginArgument = Annotated[str, typer.Argument(help=_("The account's login."))]
HoursOption = Annotated[int, typer.Option(min=1, max=72, help=_("How long the link can be used."))]
PhoneOption = Annotated[str, typer.Option(help=_("Also send the link to this number; it is not kept."))]
KINDS = ("staff", "member")


def _example(command: str) -> str:
    return "\n\n" + _("Example:") + f" [bold]toli account {command}[/bold]"


@app.command(
    help=_("Open an account for somebody new on the staff, with a role, and print the link that lets them in once.")
    + " "
    + _("There they add a passkey, or a password with an app.")
    + _example('invite --name "Asha Rao" --role headquarters --phone "+91 01234 56789"')
)
def invite(
    name: Annotated[str, typer.Option(help=_("Name that others see."))],
    login: Annotated[str, typer.Option(help=_("Short name to sign in with; unset: made from the name."))] = "",
    role: Annotated[str, typer.Option(help=_("headquarters, content, privacy or coordinator"))] = "",
    territory: Annotated[
        str, typer.Option(help=_("Where the role is held; headquarters: everywhere unless told otherwise."))
    ] = "",
    phone: PhoneOption = "",
    language: Annotated[str, typer.Option(help=_("hi or en"))] = "hi",
    hours: HoursOption = 24,
    json: JsonOption = False,
) -> None:
    chosen = login or slugify(name)
    if not chosen:
        fail(_("No login can be made from this name. Please give one: --login asha"), code=2)
    _check(phone)
    account, token = access.invite_staff(
        actor=SYSTEM,
        login=chosen,
        name=name,
        language=language,
        lifetime=timedelta(hours=hours),
        role_code=role,
        territory_code=territory,
    )
    _hand_over(account, token, phone, json)


@app.command(
    help=_("Create an account for someone on the staff. It may do nothing before a role is given.")
    + _example('create imran --name "Imran Khan"')
)
def create(
    login: Annotated[str, typer.Argument(help=_("Short name to sign in with."))],
    name: Annotated[str, typer.Option(help=_("Name that others see."))],
    language: Annotated[str, typer.Option(help=_("hi or en"))] = "hi",
) -> None:
    services.create_account(actor=SYSTEM, login=login, display_name=name, kind="staff", language=language)
    say(_("The account %(login)s is there. Give it a role with `toli role grant`.") % {"login": login})


@app.command(
    name="sign-in-link",
    help=_("Print a link that signs the account in once.") + _example("sign-in-link imran --hours 2"),
)
def sign_in_link(login: LoginArgument, hours: HoursOption = 24, json: JsonOption = False) -> None:
    account = selectors.get_account(login)
    token = services.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=hours))
    _hand_over(account, token, "", json)


@app.command(name="list", help=_("All accounts of staff."))
def list_(json: JsonOption = False) -> None:
    rows = [
        {"login": account.login, "name": account.display_name, "active": account.is_active}
        for account in selectors.staff()
    ]
    if json:
        print_json(rows)
    else:
        print_table([_("Login"), _("Name"), _("Active")], [[str(value) for value in row.values()] for row in rows])


@app.command(help=_("Where somebody is signed in now.") + _example("sessions imran"))
def sessions(login: LoginArgument, json: JsonOption = False) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": session.pk,
            "device": session.device,
            "network": session.network,
            "method": session.method,
            "since": session.created_at,
            "last_seen": session.last_seen_at,
            "ends": session.ends_at,
        }
        for session in selectors.sessions_of(selectors.get_account(login).pk)
    ]
    if json:
        print_json(rows)
        return
    columns = [_("Number"), _("Device"), _("Address"), _("Signed in by"), _("Since"), _("Last used"), _("Ends")]
    times = ("since", "last_seen", "ends")
    print_table(
        columns,
        [[f"{row[key]:%Y-%m-%d %H:%M}" if key in times else str(row[key]) for key in row] for row in rows],
    )


@app.command(
    name="sign-out",
    help=_("Sign somebody out everywhere, from their next request on. Everyone: only counted without --yes.")
    + _example("sign-out imran")
    + "\n\n"
    + "[bold]toli account sign-out --everyone --kind staff --yes[/bold]",
)
def sign_out(
    login: Annotated[str, typer.Argument(help=_("The account's login."))] = "",
    everyone: Annotated[bool, typer.Option("--everyone", help=_("All accounts, instead of one."))] = False,
    kind: Annotated[str, typer.Option(help=_("With --everyone: staff or member only."))] = "",
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    if bool(login) == everyone or (kind and (login or kind not in KINDS)):
        fail(_("Give either one login, or --everyone, and with that perhaps --kind staff or --kind member."), code=2)
    if login:
        count, done = services.revoke_sessions(actor=SYSTEM, account_id=selectors.get_account(login).pk), True
    elif yes:
        count, done = services.revoke_all_sessions(actor=SYSTEM, kind=kind), True
    else:
        count, done = selectors.count_sessions(kind), False
    if json:
        print_json({"sessions": count, "done": done})
    elif done:
        say(_("Sign-ins ended: %(count)d.") % {"count": count})
    else:
        say(_("Sign-ins that would end: %(count)d. Nothing was changed; add --yes.") % {"count": count})


@app.command(
    name="reset-factors",
    help=_(
        "Take passkeys, password, app and recovery codes of an account away, sign it out and print a new way in: "
        "its owner has lost them."
    )
    + " "
    + _("The owner reads of it after signing in. Without --yes it is only counted.")
    + _example("reset-factors imran --yes"),
)
def reset_factors(
    login: LoginArgument,
    phone: PhoneOption = "",
    hours: HoursOption = 24,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    account = selectors.get_account(login)
    _check(phone)
    if not yes:
        _show_factors(selectors.what_reset_takes(account.pk), json)
        return
    gone = services.reset_factors(actor=SYSTEM, account_id=account.pk)
    token = services.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=hours))
    _hand_over(account, token, phone, json, gone=gone)


@app.command(
    help=_("Close an account: nobody signs in with it any more, and it is signed out.") + _example("close imran")
)
def close(login: LoginArgument) -> None:
    services.set_active(actor=SYSTEM, account_id=selectors.get_account(login).pk, active=False)
    say(_("The account %(login)s is closed. `toli account reopen` opens it again.") % {"login": login})


@app.command(help=_("Open an account again that was closed.") + _example("reopen imran"))
def reopen(login: LoginArgument) -> None:
    services.set_active(actor=SYSTEM, account_id=selectors.get_account(login).pk, active=True)
    say(_("The account %(login)s is open again.") % {"login": login})


def _check(phone: str) -> None:
    """Refuse what is no number before anything is done."""
    if phone:
        services.phone_from(phone)


def _show_factors(found: dict[str, int], json: bool) -> None:
    if json:
        print_json({"done": False, "gone": found})
        return
    print_table([_("What"), _("How many")], [[_what(name), count] for name, count in found.items()])
    say(_("Nothing was changed. Add --yes to take them away."))


def _what(name: str) -> str:
    return {
        "passkeys": _("Passkeys"),
        "totp": _("Authenticator app"),
        "recovery_codes": _("Recovery codes"),
        "password": _("Password"),
        "links": _("Unused links"),
        "sessions": _("Sign-ins"),
    }[name]


def _hand_over(account: "Account", token: str, phone: str, json: bool, gone: dict[str, int] | None = None) -> None:
    """The link alone on stdout, so that it can be passed on; and to the telephone when there is one."""
    link = f"{settings.BASE_URL}/a/{token}"
    texted = bool(phone) and _texted(account, phone, link, after_reset=gone is not None)
    if json:
        told: dict[str, Any] = {"login": account.login, "link": link}
        if phone:
            told["texted"] = texted
        if gone is not None:
            told |= {"done": True, "gone": gone}
        print_json(told)
        return
    typer.echo(link)
    say(_("Login: %(login)s. The link works once; give it to nobody else.") % {"login": account.login})
    if texted:
        say(_("The link is on its way to the telephone."))


def _texted(account: "Account", phone: str, link: str, *, after_reset: bool) -> bool:
    try:
        services.text_sign_in_link(actor=SYSTEM, account_id=account.pk, phone=phone, link=link, after_reset=after_reset)
    except Unavailable as error:
        say(str(error) + " " + _("The link was not sent; please pass it on yourself."))
        return False
    return True
