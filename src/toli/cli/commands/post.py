"""`toli post`: what programs posted in the organisation's own places, and what became of it."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, print_json, print_table, say
from toli.content import selectors as content
from toli.posting import selectors, services
from toli.sharing import selectors as sharing

app = typer.Typer(help=_("Posts in own places: what went out, what waits, what was held back, what cannot be deleted."))
Number = Annotated[int, typer.Argument(help=_("Number of the post."))]
MOST = 500


@app.command(
    name="list",
    help=_("Posts, the latest first; with --kit, those of one kit and their counts.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli post list --kit check --json[/bold]",
)
def list_(
    kit: Annotated[str, typer.Option(help=_("Short name of a kit."))] = "",
    state: Annotated[str, typer.Option(help=_("Only posts in this state."))] = "",
    json: JsonOption = False,
) -> None:
    about = content.get_kit_by_code(EVERYWHERE, kit) if kit else None
    found = selectors.posts(EVERYWHERE, kit=about)
    if state:
        found = found.filter(state=state)
    rows = [_facts(post) for post in found[:MOST]]
    if json:
        counts = asdict(selectors.counts(EVERYWHERE, about)) if about else None
        opens = sharing.own_opens(EVERYWHERE, about) if about else None
        print_json({"counts": counts, "opens": opens, "posts": rows})
    else:
        head = [_("Number"), _("Kit"), _("Where"), _("State"), _("Reason")]
        print_table(head, [[str(row["id"]), row["kit"], row["place"], row["state"], row["why"]] for row in rows])


@app.command(help=_("Post what is due and delete what was recalled, now instead of within a minute."))
def send(json: JsonOption = False) -> None:
    done = services.send_due()
    if json:
        print_json({"done": done})
    else:
        say(_("Dealt with: %(count)d") % {"count": done})


@app.command(
    help=_("Say what became of a post of which nobody knows: look there first. It is not sent again.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli post settle 12 --stands --yes[/bold]"
)
def settle(
    post: Number,
    stands: Annotated[bool, typer.Option("--stands/--missing", help=_("Whether it stands there."))],
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    found = selectors.get_post(EVERYWHERE, post)
    if yes:
        found = services.settle_unknown(actor=SYSTEM, post_id=post, stands=stands)
    if json:
        print_json(_facts(found))
    else:
        say(_("%(post)s: %(state)s") % {"post": post, "state": found.state})


def _facts(post: Any) -> dict[str, Any]:
    return {
        "id": post.pk,
        "kit": post.kit.code if post.kit else "",
        "place": post.place.title,
        "provider": post.place.provider,
        "language": post.language,
        "state": post.state,
        "why": post.rule or post.reason,
        "address": post.address,
        "posted_at": post.posted_at,
        "recalled_at": post.recalled_at,
    }
