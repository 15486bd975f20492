"""`toli key`: the keys that personal fields are encrypted under."""

from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.cli.output import JsonOption, fail, print_json, print_table, progress, say
from toli.core import rotation

app = typer.Typer(help=_("Encryption keys: see, add, rotate, retire. Back up the secrets file before and after."))


@app.command(name="list", help=_("How many rows are stored under each version of the key."))
def list_(json: JsonOption = False) -> None:
    keys = sorted(settings.TOLI_FIELD_KEYS)
    found = rotation.versions()
    if json:
        print_json({"keys": keys, "in_use": max(keys), "rows": found})
        return
    rows = [[context, *(counts.get(version, 0) for version in keys)] for context, counts in found.items()]
    print_table([_("Column"), *(_("Key %(version)d") % {"version": version} for version in keys)], rows)


@app.command(
    help=_("Make a new key and encrypt everything under it. Can be stopped at any point and started again.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli key rotate[/bold]"
)
def rotate(json: JsonOption = False) -> None:
    if not _unfinished():
        version = settings.TOLI_FIELD_KEYS.add()
        _record("keys.add", version)
    with progress(_("Rows"), quiet=json) as advance:
        changed = rotation.rotate(advance=advance)
    version = max(settings.TOLI_FIELD_KEYS)
    _record("keys.rotate", version)
    if json:
        print_json({"key": version, "changed": changed, "rows": rotation.versions()})
    else:
        say(_("%(count)d rows are now under key %(version)d.") % {"count": changed, "version": version})
        say(_("Retire older keys with `toli key retire` once no backup needs them."))


@app.command(help=_("Forget a key for ever. Refused while anything is stored under it."))
def retire(
    version: Annotated[int, typer.Argument(help=_("The key's version."))],
    yes: Annotated[bool, typer.Option("--yes", help=_("Do it; without this it is only checked."))] = False,
) -> None:
    rows = sum(counts.get(version, 0) for counts in rotation.versions().values())
    if rows:
        values = {"count": rows, "version": version}
        fail(_("%(count)d rows are stored under key %(version)d. Run `toli key rotate` first.") % values)
    if version not in settings.TOLI_FIELD_KEYS or version == max(settings.TOLI_FIELD_KEYS):
        fail(_("Key %(version)d cannot be retired: it does not exist or is the one in use.") % {"version": version})
    if not yes:
        say(_("Nothing is stored under key %(version)d.") % {"version": version})
        say(_("Backups made before the rotation cannot be read without it. Add --yes to forget it."))
        return
    settings.TOLI_FIELD_KEYS.retire(version)
    _record("keys.retire", version)
    say(_("Key %(version)d is forgotten.") % {"version": version})


def _unfinished() -> bool:
    """Whether some rows are under an older key already while a newer one is in use."""
    newest = max(settings.TOLI_FIELD_KEYS)
    return any(version != newest for counts in rotation.versions().values() for version in counts)


def _record(action: str, version: int) -> None:
    audit.record(actor_kind=SYSTEM.kind, actor_id=None, action=action, target=f"key:{version}")
