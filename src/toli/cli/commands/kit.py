"""`toli kit`: content, from draft to withdrawal. Each step is taken in somebody's name."""

import json as json_module
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import Actor
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, say
from toli.content import selectors, services
from toli.content.domain.passport import RenditionDraft
from toli.content.services.pictures import PictureDraft
from toli.core import clock
from toli.distribution import selectors as distribution
from toli.distribution import services as distribution_services
from toli.distribution.domain.beyond import Beyond
from toli.distribution.domain.forecast import Forecast
from toli.distribution.errors import INSTEAD, OBSTACLES, PICTURES
from toli.dues.domain.money import written
from toli.messaging.domain.prices import CURRENCY
from toli.messaging.providers import providers

app = typer.Typer(help=_("Kits: content in several languages, its approval and its way into the groups."))
Code = Annotated[str, typer.Argument(help=_("Short name of the kit."))]
As = Annotated[str, typer.Option("--as", help=_("Login of the person who does this."))]


@app.command(
    help=_("Write a draft from a JSON file.")
    + "\n\n"
    + _("The file holds code, territory, act_url, valid_days and, for each language, title, texts and act_label.")
    + " "
    + _("E-mails have words of their own with email: subject, text.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli kit create kit.json --as rohit[/bold]"
)
def create(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=_("The JSON file."))], as_: As
) -> None:
    try:
        data = json_module.loads(file.read_text(encoding="utf-8"))
        renditions = [
            RenditionDraft(language, item["title"], tuple(item["texts"]), item["act_label"])
            for language, item in data["renditions"].items()
        ]
        now = clock.now()
        kit = services.create_kit(
            actor=_actor(as_),
            code=data["code"],
            territory_code=data["territory"],
            act_url=data["act_url"],
            renditions=renditions,
            valid_from=now,
            valid_until=now + timedelta(days=int(data["valid_days"])),
            certificate_number=data.get("certificate_number", ""),
            made_with_ai=bool(data.get("made_with_ai", False)),
            platform_texts=[_mail_words(*item) for item in data["renditions"].items()],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fail(_("%(file)s does not describe a kit: %(error)s") % {"file": file.name, "error": error})
    say(_("The draft %(code)s is there.") % {"code": kit.code})


@app.command(
    help=_("Give a draft its picture, from a file or an address on the web.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli kit illustrate check poster.png --alt-hi 'एक सूची' --alt-en 'A list' --as rohit[/bold]"
)
def illustrate(
    code: Code,
    source: Annotated[str, typer.Argument(help=_("A file, or an address that begins with https://."))],
    as_: As,
    alt_hi: Annotated[str, typer.Option(help=_("What the picture shows, in Hindi."))] = "",
    alt_en: Annotated[str, typer.Option(help=_("What the picture shows, in English."))] = "",
    json: JsonOption = False,
) -> None:
    actor, kit_id, origin = _actor(as_), _kit(code), "file"
    if source.startswith(("https://", "http://")):
        picture = services.fetch_picture(actor=actor, address=source)
        origin = urlsplit(source).hostname or ""
    elif Path(source).is_file():
        picture = services.read_picture(actor=actor, data=Path(source).read_bytes())
    else:
        fail(_("There is no file %(file)s.") % {"file": source})
    draft = PictureDraft(picture, {"hi": alt_hi, "en": alt_en}, origin)
    kept = services.set_picture(actor=actor, kit_id=kit_id, picture=draft)
    if json:
        print_json({"kit": code, "digest": kept.digest, "width": kept.width, "height": kept.height})
    else:
        say(_("The picture is there: %(width)d × %(height)d.") % {"width": kept.width, "height": kept.height})


@app.command(name="list", help=_("All kits."))
def list_(json: JsonOption = False) -> None:
    rows = [
        {"code": kit.code, "state": kit.state, "territory": kit.territory.code, "valid_until": kit.valid_until}
        for kit in selectors.kits(EVERYWHERE)
    ]
    if json:
        print_json(rows)
    else:
        columns = [_("Kit"), _("State"), _("Territory"), _("Valid until")]
        print_table(columns, [[str(value) for value in row.values()] for row in rows])


@app.command(help=_("Show a kit and how far it has come."))
def show(code: Code, json: JsonOption = False) -> None:
    kit = selectors.get_kit_by_code(EVERYWHERE, code)
    way = distribution.cascade(EVERYWHERE, kit)
    data = {"code": kit.code, "state": kit.state, "groups_asked": way.asked, "groups_confirmed": way.confirmed}
    if json:
        print_json(data)
    else:
        print_table([_("Field"), _("Value")], [[name, str(value)] for name, value in data.items()])


@app.command(help=_("Send a draft for approval."))
def submit(code: Code, as_: As) -> None:
    services.submit_kit(actor=_actor(as_), kit_id=_kit(code))
    say(_("Sent for approval."))


@app.command(help=_("Approve a kit; whoever wrote it cannot."))
def approve(code: Code, as_: As) -> None:
    services.approve_kit(actor=_actor(as_), kit_id=_kit(code))
    say(_("Approved."))


@app.command(help=_("Send an approved kit to the groups of a territory."))
def release(
    code: Code,
    as_: As,
    campaign: Annotated[str, typer.Option(help=_("Short name of the campaign."))],
    territory: Annotated[str, typer.Option(help=_("Code of the territory."))] = "IN",
) -> None:
    distribution_services.release_kit(
        actor=_actor(as_), kit_id=_kit(code), campaign_code=campaign, territory_code=territory
    )
    way = distribution.cascade(EVERYWHERE, selectors.get_kit_by_code(EVERYWHERE, code))
    say(_("Asked for in %(count)d groups.") % {"count": way.asked})


@app.command(help=_("Send a kit in review back to whoever wrote it."))
def reject(code: Code, as_: As, note: Annotated[str, typer.Option(help=_("What has to change."))]) -> None:
    services.reject_kit(actor=_actor(as_), kit_id=_kit(code), note=note)
    say(_("Sent back."))


@app.command(
    help=_("Plan where a kit goes and when, and count what that would do. Scheduled only with --yes.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli kit plan check --campaign connect --territory UP --at 2029-04-01T09:00 --as rohit[/bold]"
)
def plan(
    code: Code,
    as_: As,
    campaign: Annotated[str, typer.Option(help=_("Short name of the campaign."))],
    territory: Annotated[list[str], typer.Option(help=_("Code of a territory. Repeatable."))],
    at: Annotated[datetime, typer.Option(formats=["%Y-%m-%dT%H:%M"], help=_("When it begins."))],
    channel: Annotated[
        list[str] | None,
        typer.Option(help=_("assisted, or a provider's key, the preferred one first. Repeatable.")),
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(help=_("members, or citizens (who agreed and are no members); without it members. Repeatable.")),
    ] = None,
    language: Annotated[str, typer.Option(help=_("hi or en; without it each reader's own."))] = "",
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    actor = _actor(as_)
    made = distribution_services.make_plan(
        actor=actor,
        kit_id=_kit(code),
        campaign_code=campaign,
        territory_codes=territory,
        channels=channel or ["assisted"],
        starts_at=timezone.make_aware(at),
        languages=[language] if language else [],
        audiences=audience or ["members"],
    )
    found = distribution.dry_run(made)
    if json:
        print_json([_forecast(item) for item in found])
    else:
        head = [
            _("Channel"), _("Places"), _("Goes to"), _("Held back by rules"), _("Takes"), _("Costs at most"),
            _("Picture"), _("In the way"),
        ]  # fmt: skip
        print_table(head, [_forecast_row(item) for item in found])
        for account in (account for item in found for account in item.allowances):
            say(_("%(account)s: %(used)d of %(total)d used.") % asdict(account))
    if yes:
        distribution_services.schedule_plan(actor=actor, plan_id=made.pk)
        say(_("Scheduled."))
    else:
        distribution_services.cancel_plan(actor=actor, plan_id=made.pk)
        say(_("Nothing is scheduled. To schedule it, add --yes."))


def _forecast(item: Forecast) -> dict[str, Any]:
    return {
        "channel": item.channel,
        "audience": item.audience,
        "places": item.places,
        "sendable": item.sendable,
        "refused": dict(item.refused),
        "seconds": int(item.duration.total_seconds()),
        "cost_paise": item.cost,
        "currency": CURRENCY,
        "obstacle": item.obstacle,
        "picture": item.pictured,
        "quota": {found.account: [found.used, found.total] for found in item.allowances},
    }


def _forecast_row(item: Forecast) -> list[Any]:
    refused = ", ".join(f"{rule} {count}" for rule, count in item.refused.items()) or "–"
    costs = _("not known") if item.cost is None else written(item.cost, CURRENCY, "en")
    if item.free or item.channel not in providers():
        costs = _("free")
    obstacle = str(OBSTACLES[item.obstacle]) if item.obstacle else "–"
    picture = str(PICTURES[item.pictured]) if item.pictured else "–"
    name = f"{item.channel} ({item.audience})" if item.audience else item.channel
    return [name, item.places, item.sendable, refused, str(item.duration), costs, picture, obstacle]


@app.command(help=_("Take a kit back everywhere: share pages, what is queued, and by name whoever posted it."))
def withdraw(code: Code, as_: As, reason: Annotated[str, typer.Option(help=_("Why."))]) -> None:
    recall = distribution_services.recall_kit(actor=_actor(as_), kit_id=_kit(code), reason=reason)
    say(_("Withdrawn. %(count)d people are asked to delete what they posted.") % {"count": recall.places.count()})


@app.command(
    help=_("How the recall of a kit goes: what is gone, and who still has to delete what.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli kit recall check --json[/bold]"
)
def recall(code: Code, json: JsonOption = False) -> None:
    report = distribution.recall_of(EVERYWHERE, selectors.get_kit_by_code(EVERYWHERE, code))
    rest = [
        {
            "group": place.relay.group.name,
            "person": place.person.display_name,
            "state": place.state,
            "why": place.reason,
        }
        for place in distribution.recall_rest(EVERYWHERE, report.recall)
    ]
    if json:
        facts = {
            "begun_at": report.recall.begun_at,
            "deadline_at": report.recall.deadline_at,
            "automatic_seconds": report.automatic_seconds,
            "unsent": report.recall.unsent,
            "share_pages": report.recall.share_pages,
            "messages_out": report.out,
            "messages_uncertain": report.uncertain,
            "cannot_be_taken_back": [_beyond(item) for item in report.beyond],
            "gone": report.gone,
            "rest": rest,
        }
        print_json(facts)
    else:
        print_table([_("Group"), _("With whom"), _("State"), _("Reason")], [list(line.values()) for line in rest])
        words = _("%(out)d messages had gone out to people and cannot be taken back; of %(unsure)d nobody knows.")
        say(words % {"out": report.out, "unsure": report.uncertain})
        if report.beyond:
            head = [_("Channel"), _("Delivered"), _("Taken by the provider"), _("Nobody knows"), _("Instead")]
            print_table(head, [_beyond_row(item) for item in report.beyond])


def _beyond(item: Beyond) -> dict[str, Any]:
    return {
        "channel": item.channel,
        "delivered": item.delivered,
        "accepted": item.accepted,
        "uncertain": item.uncertain,
        "instead": item.instead,
    }


def _beyond_row(item: Beyond) -> list[Any]:
    return [item.channel, item.delivered, item.accepted, item.uncertain, str(INSTEAD[item.instead])]


def _mail_words(language: str, rendition: dict[str, Any]) -> services.PlatformDraft:
    """Words of its own for e-mail; none: the others are used."""
    told = rendition.get("email", {})
    text = str(told.get("text", "")).strip()
    return services.PlatformDraft(language, "email", (text,) if text else (), str(told.get("subject", "")).strip())


def _actor(login: str) -> Actor:
    return accounts.actor_for(accounts.get_account(login))


def _kit(code: str) -> int:
    return selectors.get_kit_by_code(EVERYWHERE, code).pk
