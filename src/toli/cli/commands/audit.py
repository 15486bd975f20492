"""`toli audit`: who did what; whether the trail is whole."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from toli.audit import services as audit
from toli.audit.domain.faults import Fault, FaultKind
from toli.audit.selectors import Sought, entries
from toli.cli.output import JsonOption, fail, out, print_json, print_table, progress, say

app = typer.Typer(help=_("The audit trail: list, seal, verify. It holds ids, no names and no numbers."))
Yes = Annotated[bool, typer.Option("--yes", help=_("Do it; without this it is only shown."))]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help=_("From this day on."))]


@app.command(name="list", help=_("Who did what, the latest first. Example:") + " toli audit list --action members")
def list_(
    actor: Annotated[int | None, typer.Option(help=_("Number of the account that acted."))] = None,
    action: Annotated[str, typer.Option(help=_("An action, or what its name begins with."))] = "",
    target: Annotated[str, typer.Option(help=_("The thing, such as member:7, or its kind."))] = "",
    since: Day = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help=_("At most so many."))] = 50,
    json: JsonOption = False,
) -> None:
    start = timezone.make_aware(since) if since else None
    sought = Sought(action=action, target=target, actor_id=actor, since=start)
    found = list(entries(sought)[:limit])
    if json:
        print_json([_as_json(entry) for entry in found])
        return
    rows = [
        [
            f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}",
            f"{entry.actor_kind}:{entry.actor_id}" if entry.actor_id else entry.actor_kind,
            entry.address or "–",
            entry.action,
            entry.target,
            str(entry.position or "–"),
        ]
        for entry in found
    ]
    print_table([_("When"), _("Who"), _("From where"), _("What"), _("To what"), _("Position")], rows)


@app.command(help=_("Chain what is not sealed yet. The worker does this every minute. Example:") + " toli audit seal")
def seal(json: JsonOption = False) -> None:
    with progress(_("Entries"), quiet=json) as advance:
        count = audit.seal(advance=advance)
    if json:
        print_json({"sealed": count, "head": audit.present_head()})
    else:
        say(_("%(count)d entries sealed.") % {"count": count})


@app.command(
    help=_("Recompute the whole chain and compare it with the heads file; names the first wrong entry.")
    + "\n\n"
    + _("Example: [bold]toli audit verify --heads /mnt/elsewhere/heads.jsonl[/bold]")
)
def verify(
    heads: Annotated[Path | None, typer.Option(help=_("A copy of the heads file kept on another machine."))] = None,
    json: JsonOption = False,
) -> None:
    try:
        with progress(_("Entries"), quiet=json) as advance:
            report = audit.verify(heads=heads, advance=advance)
    except OSError as error:
        fail(_("%(path)s cannot be read: %(why)s.") % {"path": heads, "why": error.strerror}, code=2)
    if json:
        print_json(_report(report))
    else:
        _tell(report)
    if report.faults:
        sys.exit(1)


@app.command(
    help=_("Print the signed head of the chain, to be kept on another machine. Example: toli audit head --json")
)
def head(json: JsonOption = False) -> None:
    line = audit.present_head()
    if json:
        import json as plain

        sys.stdout.write(plain.dumps(line, ensure_ascii=False) + "\n")  # a line of a heads file
    else:
        out.print(_("Position %(position)d, seal %(seal)s") % line, highlight=False, soft_wrap=True)


@app.command(help=_("Remove entries from before a day, a year ago or earlier. Example: toli audit prune 2025-01-31"))
def prune(
    before: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help=_("Entries from before this day."))],
    yes: Yes = False,
    json: JsonOption = False,
) -> None:
    report = audit.prune(before=timezone.make_aware(before), dry_run=not yes)
    if json:
        print_json({"entries": report.entries, "position": report.position, "done": report.done})
    elif report.done:
        say(_("%(count)d entries removed; the chain can be checked from there on.") % {"count": report.entries})
    else:
        say(_("%(count)d entries would be removed. Add --yes to do it.") % {"count": report.entries})


@app.command(
    help=_("Accept the chain as it stands, after you restored a backup or lost a key and looked into it.")
    + "\n\n"
    + _('Example: [bold]toli audit restart --reason "restored the backup of 24 November" --yes[/bold]')
)
def restart(
    reason: Annotated[str, typer.Option(help=_("Why; stays in the heads file. No names."))],
    yes: Yes = False,
) -> None:
    if not yes:
        _tell(audit.verify())
        say(_("This would be accepted as it stands. Add --yes to do it."))
        return
    position = audit.restart(reason=reason).position
    say(_("The chain goes on from position %(position)d.") % {"position": position})


@app.command(name="rotate-key", help=_("Seal under a new key from now on. Back up the secrets file after it."))
def rotate_key(yes: Yes = False) -> None:
    if not yes:
        say(_("A new key would be made; older entries stay under the older keys. Add --yes to do it."))
        return
    say(_("Entries are sealed under key %(version)d from now on.") % {"version": audit.add_key()})


def _as_json(entry: Any) -> dict[str, Any]:
    names = "id at actor_kind actor_id address action target territory_id details position"
    return {name: getattr(entry, name) for name in names.split()}


def _report(report: audit.Report) -> dict[str, Any]:
    return {
        "whole": not report.faults,
        "checked": report.checked,
        "start": report.start,
        "position": report.head.position,
        "waiting": report.waiting,
        "waiting_seconds": report.waiting_seconds,
        "heads": report.heads,
        "torn_lines": report.torn,
        "restarts": [{"at": line.at, "position": line.position, "reason": line.restart} for line in report.restarts],
        "faults": [
            {
                "kind": fault.kind.value,
                "position": fault.position,
                "entry": fault.entry_id,
                "count": fault.count,
                "sentence": sentence(fault),
            }
            for fault in report.faults
        ],
    }


def _tell(report: audit.Report) -> None:
    out.print(_("%(count)d entries checked.") % {"count": report.checked}, highlight=False)
    if report.start:
        values = {"position": report.start, "reason": report.start_reason}
        out.print(_("Checked from position %(position)d on: %(reason)s.") % values, highlight=False)
    waiting = {"count": report.waiting, "seconds": report.waiting_seconds}
    out.print(_("%(count)d not sealed yet, the oldest for %(seconds)d seconds.") % waiting, highlight=False)
    if report.heads:
        out.print(_("%(count)d heads compared.") % {"count": report.heads}, highlight=False)
    else:
        say(_("There is no heads file: that the end was cut off would not be noticed."))
    if report.torn:
        say(_("%(count)d lines of the heads file cannot be read.") % {"count": report.torn})
    for line in report.restarts:
        values = {"position": line.position, "at": line.at, "reason": line.restart}
        say(_("Accepted at position %(position)d on %(at)s: %(reason)s") % values)
    for fault in report.faults:
        out.print(f"[red]✗[/red] {sentence(fault)}", highlight=False, soft_wrap=True)
    if not report.faults:
        out.print("[green]✓[/green] " + _("The audit trail is whole."), highlight=False)


def sentence(fault: Fault) -> str:
    """The fault in words, with what to do about it where that is not plain."""
    texts = {
        FaultKind.CHANGED: _("The entry at position %(position)d (number %(entry)s) was changed."),
        FaultKind.REMOVED: _("The entry at position %(position)d is missing (%(count)d in a row)."),
        FaultKind.INSERTED: _("The entry at position %(position)d (number %(entry)s) was slipped in."),
        FaultKind.REORDERED: _("The entries from position %(position)d on were put in another order."),
        FaultKind.CUT: _(
            "The database is older than the heads file: what was sealed from position %(position)d to %(known)d is not "
            "in it. Its end was cut off, or an older backup was restored; if you did that, say so with "
            "`toli audit restart`."
        ),
        FaultKind.KEY: _(
            "From position %(position)d on the audit key in the secrets file does not fit: it is another one than the "
            "entries were sealed with. Put back the secrets file that belongs to this database."
        ),
        FaultKind.ANCHOR: _("The anchor at position %(position)d, behind which old entries were removed, is not ours."),
        FaultKind.HEADS: _("Line %(known)d of the heads file was changed, or belongs to another key."),
    }
    values = {"position": fault.position, "entry": fault.entry_id, "count": fault.count, "known": fault.known}
    return texts[fault.kind] % values
