"""`toli emulator`: stand-ins for providers, on this machine, for developers."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.cli.output import say
from toli.emulators.faults import Fault, Faults
from toli.emulators.running import HOST, Emulator, serve
from toli.emulators.sms import SmsGateway
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.emulators.telegram_courier import Disturbance
from toli.emulators.telegram_gateway import TelegramGateway

app = typer.Typer(help=_("Stand-ins for providers on this machine, for developers: nothing reaches a phone."))

FaultOption = Annotated[Fault, typer.Option(help=_("How requests go wrong."))]
TimesOption = Annotated[int | None, typer.Option(min=1, help=_("How many requests go wrong; unset: all."))]
DelayOption = Annotated[float, typer.Option(min=0, help=_("Seconds before each answer."))]
RetryOption = Annotated[int | None, typer.Option(min=0, help=_("Seconds that a busy answer asks to wait."))]
SecretOption = Annotated[str, typer.Option(help=_("The key that is asked for; unset: any will do."))]


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
) -> None:
    _serve(SmsGateway(secret=secret, faults=Faults(fault, times, delay, retry_after)), port)


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
    window: Annotated[int, typer.Option(min=0, help=_("So many updates are put into another order."))] = 0,
    fault: FaultOption = Fault.NONE,
    times: TimesOption = None,
    delay: DelayOption = 0,
) -> None:
    bot = TelegramBot(
        token=token,
        faults=Faults(fault, times, delay),
        flood=Flood(overall, per_chat, per_group),
        disturbance=Disturbance(twice=twice, window=window),
    )
    _serve(bot, port)


def _serve(emulator: Emulator, port: int) -> None:
    say(_("Listening on %(address)s. Stop with Ctrl+C.") % {"address": f"http://{HOST}:{port}"})
    serve(emulator, port)
