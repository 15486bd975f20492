"""`toli delivery`: the process that sends, and what becomes of messages."""

import signal
from dataclasses import asdict
from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, say
from toli.messaging import selectors
from toli.messaging.dispatcher import BATCH, CONNECTIONS, LANES, Dispatcher, Options
from toli.messaging.services import control, outbox, sweeping

app = typer.Typer(help=_("Sending of messages: run it, look at it, stop it."))
BatchId = Annotated[int, typer.Argument(min=1, help=_("Number of the batch."))]


@app.command(
    help=_("Send what is queued until stopped. Run as many as you like, on any machine.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli delivery run --lanes 4[/bold]"
)
def run(
    lanes: Annotated[
        int, typer.Option(min=1, max=32, help=_("Batches under way at the same time, per sender."))
    ] = LANES,
    batch: Annotated[int, typer.Option(min=1, max=1000, help=_("Messages in a batch."))] = BATCH,
    connections: Annotated[
        int, typer.Option(min=1, max=512, help=_("Calls at the same time, per batch."))
    ] = CONNECTIONS,
    until_idle: Annotated[bool, typer.Option(help=_("Stop when nothing is left that can be sent now."))] = False,
) -> None:
    if settings.EMBEDDED_POSTGRES:
        settings.EMBEDDED_POSTGRES.watch()
    dispatcher = Dispatcher(Options(batch=batch, lanes=lanes, connections=connections))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: dispatcher.stop())
    if paused := control.require_sending():
        say(_("Nothing is sent: %(why)s. See `toli delivery status`.") % {"why": paused})
    if until_idle:
        dispatcher.run_until_idle()
    else:
        say(_("Sending what is queued. Stop with Ctrl+C."))
        dispatcher.run()
    say(_("%(count)d messages were taken by their providers.") % {"count": dispatcher.sent})


@app.command(
    help=_("How many messages are in which state, and whether anything is sent.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli delivery status[/bold]"
)
def status(json: JsonOption = False) -> None:
    standing, totals = control.standing(), selectors.totals()
    if json:
        print_json({"paused": standing.paused, "serial": standing.serial, "states": totals})
        return
    print_table([_("State"), _("Messages")], sorted(totals.items()))
    if standing.paused:
        say(WHY.get(standing.paused, lambda: standing.paused)())
    for sender in selectors.senders():
        if sender.state != "active":
            say(_("The sender %(code)s is paused: %(why)s.") % {"code": sender.code, "why": sender.reason})


WHY = {
    control.RESTORED: lambda: _(
        "Nothing is sent: this database was put back to an earlier time, and some of what is queued went out since."
        " `toli delivery resume --cancel-queued` calls it off; without the option it is sent."
    ),
    control.STRANGE: lambda: _(
        "Nothing is sent: this machine does not know this database. `toli delivery resume` makes it known."
    ),
    control.BY_HAND: lambda: _("Nothing is sent: it was paused by hand."),
}


@app.command(
    help=_("Send nothing more, on any machine.") + "\n\n" + _("Example:") + " [bold]toli delivery pause[/bold]"
)
def pause() -> None:
    control.pause(actor=SYSTEM)
    say(_("Nothing is sent now. What is under way is brought to its end."))


@app.command(
    help=_("Send again; also after a backup was restored, on each machine that sends.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli delivery resume --cancel-queued[/bold]"
)
def resume(
    cancel_queued: Annotated[bool, typer.Option(help=_("Call off what is queued: it may have gone out."))] = False,
) -> None:
    cancelled = control.resume(actor=SYSTEM, cancel_queued=cancel_queued)
    say(_("Messages are sent again; %(count)d were called off.") % {"count": cancelled})


@app.command(
    help=_("Messages of which nobody knows whether they were sent, the oldest first.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli delivery unknown[/bold]"
)
def unknown(
    limit: Annotated[int, typer.Option(min=1, help=_("At most so many."))] = 100, json: JsonOption = False
) -> None:
    found = selectors.unknown(limit=limit)
    if json:
        print_json([asdict(item) for item in found])
        return
    columns = [_("Message"), _("Batch"), _("Sender"), _("Reason"), _("Calls"), _("Last call")]
    print_table(
        columns,
        [
            (
                str(item.id),
                str(item.batch_id),
                item.sender,
                item.reason,
                item.attempts,
                f"{item.tried_at:%Y-%m-%d %H:%M}",
            )
            for item in found
        ],
    )


@app.command(
    help=_("Say what became of unknown messages: sent, failed, or resend. Without numbers: of all.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli delivery settle failed 17 18 --yes[/bold]"
)
def settle(
    outcome: Annotated[str, typer.Argument(help=_("sent, failed or resend."))],
    messages: Annotated[list[int] | None, typer.Argument(help=_("Numbers of messages."))] = None,
    yes: YesOption = False,
) -> None:
    if outcome not in {"sent", "failed", "resend"}:
        fail(_("Say sent, failed or resend."), code=2)
    if not yes:
        count = len(messages) if messages else selectors.totals().get("unknown", 0)
        say(_("%(count)d messages would be settled. Add --yes to do it.") % {"count": count})
        return
    count = sweeping.settle_by_hand(actor=SYSTEM, message_ids=messages or None, outcome=outcome)
    say(_("%(count)d messages are settled.") % {"count": count})


@app.command(help=_("The latest batches.") + "\n\n" + _("Example:") + " [bold]toli delivery batches[/bold]")
def batches(json: JsonOption = False) -> None:
    found = selectors.batches(EVERYWHERE)
    counts = selectors.counts([batch.pk for batch in found])
    rows = [
        {
            "batch": item.pk, "sender": item.sender.code, "audience": item.audience, "subject": item.subject,
            "state": item.state,
            "reason": item.reason, "messages": counts[item.pk],
        }
        for item in found
    ]  # fmt: skip
    if json:
        print_json(rows)
        return
    print_table(
        [_("Batch"), _("Sender"), _("Goes to"), _("About"), _("State"), _("Reason"), _("Messages")],
        [
            (str(r["batch"]), r["sender"], r["audience"], r["subject"], r["state"], r["reason"],
             ", ".join(f"{state} {count:,}" for state, count in sorted(r["messages"].items())))  # type: ignore[attr-defined]
            for r in rows
        ],
    )  # fmt: skip


@app.command(
    help=_("Let nothing more of a batch leave, until it goes on.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli delivery stop 7[/bold]"
)
def stop(batch: BatchId) -> None:
    outbox.stop_batch(actor=SYSTEM, scope=EVERYWHERE, batch_id=batch)
    say(_("The batch stands still."))


@app.command(
    "go-on", help=_("Let a stopped batch go on.") + "\n\n" + _("Example:") + " [bold]toli delivery go-on 7[/bold]"
)
def go_on(batch: BatchId) -> None:
    outbox.resume_batch(actor=SYSTEM, scope=EVERYWHERE, batch_id=batch)
    say(_("The batch goes on."))


@app.command(help=_("Call a batch off for good.") + "\n\n" + _("Example:") + " [bold]toli delivery cancel 7[/bold]")
def cancel(batch: BatchId) -> None:
    count = outbox.cancel_batch(actor=SYSTEM, scope=EVERYWHERE, batch_id=batch)
    say(_("The batch is called off; %(count)d messages will not be sent.") % {"count": count})
