"""`toli emulator`: stand-ins for providers, on this machine, for developers."""

from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.cli.output import say
from toli.emulators.faults import Fault, Faults
from toli.emulators.graph import KINDS, Graph
from toli.emulators.push_service import PushService
from toli.emulators.running import HOST, Emulator, RawEmulator, serve
from toli.emulators.sms import Reports, SmsGateway
from toli.emulators.smtp import MailServer
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.emulators.telegram_courier import Disturbance
from toli.emulators.telegram_gateway import TelegramGateway
from toli.emulators.whatsapp_cloud import Mischief, Webhooks, WhatsAppCloud
from toli.emulators.youtube import YouTube

app = typer.Typer(help=_("Stand-ins for providers on this machine, for developers: nothing reaches a phone."))

FaultOption = Annotated[Fault, typer.Option(help=_("How requests go wrong."))]
TimesOption = Annotated[int | None, typer.Option(min=1, help=_("How many requests go wrong; unset: all."))]
DelayOption = Annotated[float, typer.Option(min=0, help=_("Seconds before each answer."))]
RetryOption = Annotated[int | None, typer.Option(min=0, help=_("Seconds that a busy answer asks to wait."))]
SecretOption = Annotated[str, typer.Option(help=_("The key that is asked for; unset: any will do."))]
LedgerOption = Annotated[Path | None, typer.Option(help=_("A file that every message taken is added to."))]


@app.command(
    help=_("An SMS gateway. What it takes is shown at /messages.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator sms --fault busy --times 3 --retry-after 1[/bold]"
)
def sms(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8091,
    secret: SecretOption = "",
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
    retry_after: RetryOption = None,
    webhook: Annotated[str, typer.Option(help=_("Address that statuses are reported to."))] = "",
    report_secret: Annotated[str, typer.Option(help=_("What reports are signed with."))] = "",
    twice: Annotated[bool, typer.Option(help=_("Each report comes once more."))] = False,
    ledger: LedgerOption = None,
) -> None:
    faults = Faults(fault, times, delay, retry_after)
    reports = Reports(webhook, report_secret, twice=twice)
    _serve(SmsGateway(secret=secret, faults=faults, reports=reports, ledger=ledger), port)


@app.command(
    help=_("Telegram's gateway for codes. Numbers that begin with +910000 are not on Telegram there.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator telegram-gateway --delay 2[/bold]"
)
def telegram_gateway(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8092,
    secret: SecretOption = "",
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
    retry_after: RetryOption = None,
) -> None:
    _serve(TelegramGateway(token=secret, faults=Faults(fault, times, delay, retry_after)), port)


@app.command(
    help=_("Telegram's Bot API with groups. People press buttons at /control; /control/truth shows who is where.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator telegram-bot --twice 0.1 --window 20[/bold]"
)
def telegram_bot(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8093,
    token: Annotated[str, typer.Option(help=_("The bot's token."))] = TelegramBot.token,
    overall: Annotated[int, typer.Option(min=0, help=_("Messages in a second in all; 0: no limit."))] = 30,
    per_chat: Annotated[int, typer.Option(min=0, help=_("Messages in a second to one chat."))] = 1,
    per_group: Annotated[int, typer.Option(min=0, help=_("Messages in a minute to one group."))] = 20,
    twice: Annotated[float, typer.Option(min=0, max=1, help=_("The share of updates that arrive twice."))] = 0,
    again: Annotated[float, typer.Option(min=0, max=1, help=_("The share that comes under another number too."))] = 0,
    window: Annotated[int, typer.Option(min=0, help=_("So many updates are put into another order."))] = 0,
    late: Annotated[float, typer.Option(min=0, help=_("Seconds that an update may be late."))] = 0,
    storm_every: Annotated[
        int, typer.Option(min=0, help=_("After so many requests all are told to wait for a second; 0: never."))
    ] = 0,
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
    channel: Annotated[list[str] | None, typer.Option(help=_("Name of a channel in which the bot may post."))] = None,
    ledger: LedgerOption = None,
) -> None:
    bot = TelegramBot(
        token=token,
        channels=channel or (),
        ledger=ledger,
        faults=Faults(fault, times, delay),
        flood=Flood(overall, per_chat, per_group, every=storm_every),
        disturbance=Disturbance(twice=twice, again=again, window=window, delay=late),
    )
    _serve(bot, port)


@app.command(
    help=_("Meta's WhatsApp Cloud API. What it takes is shown at /messages; statuses go to the address you name.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator whatsapp-cloud --webhook http://127.0.0.1:8000/in/main --app-secret s[/bold]"
)
def whatsapp_cloud(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8094,
    secret: SecretOption = "",
    per_second: Annotated[float, typer.Option(min=0, help=_("Messages in a second; 0: no limit."))] = 80,
    webhook: Annotated[str, typer.Option(help=_("Address that statuses are reported to."))] = "",
    app_secret: Annotated[str, typer.Option(help=_("What reports are signed with."))] = "",
    twice: Annotated[float, typer.Option(min=0, max=1, help=_("The share of statuses that are told twice."))] = 0,
    lost: Annotated[float, typer.Option(min=0, max=1, help=_("The share of messages taken without an answer."))] = 0,
    busy: Annotated[float, typer.Option(min=0, max=1, help=_("The share of messages refused as too many."))] = 0,
    ledger: LedgerOption = None,
) -> None:
    mischief = {Mischief.LOST: lost, Mischief.BUSY: busy}
    _serve(
        WhatsAppCloud(
            tokens=(secret,) if secret else (),
            per_second=per_second,
            mischief={kind: share for kind, share in mischief.items() if share},
            webhooks=Webhooks(webhook, app_secret, twice=twice, shuffled=bool(twice)),
            ledger=ledger,
        ),
        port,
    )


@app.command(
    help=_("A push service for notifications in browsers. What it takes is decrypted and shown at /messages.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator push-service --fault busy --times 3 --retry-after 5[/bold]"
)
def push_service(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8095,
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
    retry_after: RetryOption = None,
) -> None:
    _serve(PushService(faults=Faults(fault, times, delay, retry_after)), port)


@app.command(
    help=_("A mail server. What it takes can be written to a folder, a file for each message.")
    + " "
    + _("Mailboxes whose names begin with gone do not exist; those that begin with full are full.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator smtp --folder var/mail-taken --per-second 5[/bold]"
)
def smtp(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8097,
    user: Annotated[str, typer.Option(help=_("The login that is asked for; unset: none."))] = "",
    secret: SecretOption = "",
    per_second: Annotated[float, typer.Option(min=0, help=_("Most messages in any second; 0: no limit."))] = 0,
    folder: Annotated[Path | None, typer.Option(help=_("Where messages are written."))] = None,
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
) -> None:
    faults = Faults(fault, times, delay)
    server = MailServer(user=user, password=secret, faults=faults, per_second=per_second, folder=folder)
    _serve(server, port, scheme="smtp")


@app.command(
    help=_("Meta's Graph API for Pages, Instagram and Threads: accounts 1, 2 and 3, tokens token-facebook and so on.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator graph --total 2 --slow 3[/bold]"
)
def graph(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8096,
    total: Annotated[int, typer.Option(min=0, help=_("Posts that Instagram and Threads take in a day."))] = 50,
    slow: Annotated[int, typer.Option(min=0, help=_("How often a container is not ready when asked."))] = 0,
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
) -> None:
    emulator = Graph(faults=Faults(fault, times, delay), slow=slow)
    for number, kind in enumerate(KINDS, start=1):
        emulator.add(kind, f"News on {kind}", f"token-{kind}", str(number)).total = total
    _serve(emulator, port)


@app.command(
    help=_("YouTube with one channel: app client, secret secret, consent consent. /control/standing shows its videos.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli emulator youtube --left 2 --fault lost --times 1[/bold]"
)
def youtube(
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port on 127.0.0.1."))] = 8098,
    left: Annotated[int, typer.Option(min=0, help=_("Videos that may still begin today."))] = 100,
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
) -> None:
    emulator = YouTube(faults=Faults(fault, times, delay))
    emulator.add("News on YouTube", "client", "secret", "consent").left = left
    _serve(emulator, port)


def _serve(emulator: Emulator | RawEmulator, port: int, *, scheme: str = "http") -> None:
    say(_("Listening on %(address)s. Stop with Ctrl+C.") % {"address": f"{scheme}://{HOST}:{port}"})
    serve(emulator, port)
