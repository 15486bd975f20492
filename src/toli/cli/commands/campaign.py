"""`toli campaign`: the theme that runs through all groups."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups import pasting, selectors, services
from toli.cli.output import JsonOption, print_json, print_table, say

app = typer.Typer(help=_("Campaigns: the theme that runs through all groups."))


@app.command(
    help=_("Set up a campaign.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli campaign create connect-2029 --name-en "Connect 2029" --name-hi "जुड़ाव 2029"[/bold]'
)
def create(
    code: Annotated[str, typer.Argument(help=_("Short name of the campaign."))],
    name_en: Annotated[str, typer.Option(help=_("Name in English."))],
    name_hi: Annotated[str, typer.Option(help=_("Name in Hindi."))],
    platform: Annotated[str, typer.Option(help=_("whatsapp or telegram"))] = "whatsapp",
    provider: Annotated[str, typer.Option(help=_("How groups are created: assisted means by people."))] = "assisted",
    territory: Annotated[str, typer.Option(help=_("Code of the territory."))] = "IN",
    capacity: Annotated[int, typer.Option(min=2, help=_("People a group can hold."))] = 1024,
    target_size: Annotated[int, typer.Option(min=2, help=_("People a group is planned for."))] = 900,
    minimum_size: Annotated[
        int | None, typer.Option(min=1, help=_("People that are worth a group of their own; unset: a tenth."))
    ] = None,
    community_limit: Annotated[int, typer.Option(min=1, help=_("Groups that a community can hold."))] = 50,
) -> None:
    services.create_campaign(
        actor=SYSTEM,
        code=code,
        name_en=name_en,
        name_hi=name_hi,
        platform=platform,
        provider=provider,
        territory_code=territory,
        capacity=capacity,
        target_size=target_size,
        minimum_size=minimum_size,
        community_limit=community_limit,
    )
    say(_("The campaign %(code)s is set up.") % {"code": code})


@app.command(
    help=_("Change a campaign's names and what is pasted into its groups; what is not given stays.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli campaign describe connect-2029 --rules-en "Be kind. Only our news."[/bold]'
)
def describe(
    code: Annotated[str, typer.Argument(help=_("Short name of the campaign."))],
    name_en: Annotated[str | None, typer.Option(help=_("Name in English."))] = None,
    name_hi: Annotated[str | None, typer.Option(help=_("Name in Hindi."))] = None,
    naming_pattern: Annotated[
        str | None, typer.Option(help=_("Names of its groups, of {campaign}, {territory} and {number}."))
    ] = None,
    description_en: Annotated[
        str | None, typer.Option(help=_("Description in English; {territory} stands in it."))
    ] = None,
    description_hi: Annotated[
        str | None, typer.Option(help=_("Description in Hindi; {territory} stands in it."))
    ] = None,
    rules_en: Annotated[str | None, typer.Option(help=_("Rules in English."))] = None,
    rules_hi: Annotated[str | None, typer.Option(help=_("Rules in Hindi."))] = None,
) -> None:
    campaign = services.describe_campaign(
        actor=SYSTEM,
        campaign_code=code,
        naming_pattern=naming_pattern,
        name_en=name_en,
        name_hi=name_hi,
        description_en=description_en,
        description_hi=description_hi,
        rules_en=rules_en,
        rules_hi=rules_hi,
    )
    for pasted in pasting.example_texts(campaign):
        say(f"{pasted.language}: {pasted.description}\n{pasted.rules}")


@app.command(name="list", help=_("All campaigns."))
def list_(json: JsonOption = False) -> None:
    rows = [
        {
            "code": campaign.code,
            "platform": campaign.platform,
            "territory": campaign.territory.code,
            "capacity": campaign.capacity,
            "target": campaign.target_size,
        }
        for campaign in selectors.campaigns()
    ]
    if json:
        print_json(rows)
    else:
        columns = [_("Campaign"), _("Platform"), _("Territory"), _("Capacity"), _("Planned size")]
        print_table(columns, [list(row.values()) for row in rows])
