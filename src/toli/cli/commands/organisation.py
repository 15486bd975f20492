"""`toli organisation`: who runs this installation."""

from datetime import datetime
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, fail, print_json, print_table, say
from toli.compliance import selectors, services

app = typer.Typer(help=_("Who runs this installation: name, kind, imprint."))


@app.command(
    name="set",
    help=_("Describe the organisation. Its kind decides which channels may be used.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli organisation set --kind union --name-en "Jan Setu Union" --name-hi "जन सेतु संघ" '
    '--imprint-en "..." --imprint-hi "..." --privacy-contact privacy@example.org[/bold]',
)
def set_(
    kind: Annotated[str, typer.Option(help=_("political, union, cooperative or ngo"))],
    name_en: Annotated[str, typer.Option(help=_("Name in English."))],
    name_hi: Annotated[str, typer.Option(help=_("Name in Hindi."))],
    imprint_en: Annotated[str, typer.Option(help=_("Publisher and address, in English."))],
    imprint_hi: Annotated[str, typer.Option(help=_("Publisher and address, in Hindi."))],
    privacy_contact: Annotated[str, typer.Option(help=_("Where people ask about their data."))],
) -> None:
    organisation = services.set_organisation(
        actor=SYSTEM,
        kind=kind,
        name_en=name_en,
        name_hi=name_hi,
        imprint_en=imprint_en,
        imprint_hi=imprint_hi,
        privacy_contact=privacy_contact,
    )
    say(_("This installation now belongs to %(name)s.") % {"name": organisation.name_en})


@app.command(
    help=_("Change the organisation's own rules: quiet hours, two people for a kit, registered SMS texts.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli organisation rules --quiet-from 21:00 --quiet-until 08:00 --two-people[/bold]"
)
def rules(
    quiet_from: Annotated[datetime | None, typer.Option(formats=["%H:%M"], help=_("Nobody is disturbed from."))] = None,
    quiet_until: Annotated[
        datetime | None, typer.Option(formats=["%H:%M"], help=_("Until; the same time: always allowed."))
    ] = None,
    two_people: Annotated[
        bool | None, typer.Option("--two-people/--one-person", help=_("Whether somebody else approves a kit."))
    ] = None,
    sms_texts: Annotated[
        bool | None, typer.Option("--sms-texts/--no-sms-texts", help=_("Whether SMS need a registered text."))
    ] = None,
) -> None:
    organisation = services.set_rules(
        actor=SYSTEM,
        quiet_from=quiet_from.time() if quiet_from else None,
        quiet_until=quiet_until.time() if quiet_until else None,
        two_people=two_people,
        sms_templates_needed=sms_texts,
    )
    quiet = {"since": f"{organisation.quiet_from:%H:%M}", "until": f"{organisation.quiet_until:%H:%M}"}
    say(_("Quiet from %(since)s to %(until)s.") % quiet)


@app.command(help=_("Show the organisation."))
def show(json: JsonOption = False) -> None:
    organisation = selectors.find_organisation()
    if organisation is None:
        fail(_("No organisation has been described yet. Run `toli organisation set`."))
    names = (
        "kind", "name_en", "name_hi", "imprint_en", "imprint_hi", "privacy_contact",
        "quiet_from", "quiet_until", "two_people", "sms_templates_needed",
    )  # fmt: skip
    data = {name: getattr(organisation, name) for name in names}
    if json:
        print_json(data)
    else:
        print_table([_("Field"), _("Value")], list(data.items()))
