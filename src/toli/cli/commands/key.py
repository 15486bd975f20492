"""`toli key`: the keys that personal fields are encrypted under, and those of the index that finds them."""

from typing import Annotated, Any

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.cli.output import JsonOption, fail, print_json, print_table, progress, say
from toli.core import rotation
from toli.members import services as members

app = typer.Typer(help=_("Encryption keys: see, add, rotate, retire. Back up the secrets file before and after."))

IndexOption = Annotated[
    bool, typer.Option("--index", help=_("The key by which numbers are found, instead of the one that hides them."))
]


@app.command(name="list", help=_("How many rows are stored under each version of the keys."))
def list_(json: JsonOption = False) -> None:
    fields, index = _state(settings.TOLI_FIELD_KEYS, rotation.versions()), _index_state()
    if json:
        print_json({**fields, "index": index})
        return
    _print(_("Hides numbers and secrets"), fields)
    _print(_("Finds numbers"), index)


@app.command(
    help=_("Make a new key and move everything to it. Can be stopped at any point and started again.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli key rotate[/bold], [bold]toli key rotate --index[/bold]"
)
def rotate(index: IndexOption = False, json: JsonOption = False) -> None:
    if index:
        _rotate_index(json)
        return
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
    index: IndexOption = False,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do it; without this it is only checked."))] = False,
    json: JsonOption = False,
) -> None:
    if index:
        members.retire_index_key(actor=SYSTEM, version=version, dry_run=not yes)
    else:
        _check_field_key(version)
    if yes and not index:
        settings.TOLI_FIELD_KEYS.retire(version)
        _record("keys.retire", version)
    if json:
        print_json({"key": version, "index": index, "retired": yes})
        return
    if not yes:
        say(_("Nothing is stored under key %(version)d.") % {"version": version})
        if index:
            say(_("After restoring a backup from before the rotation, run `toli key rotate --index`."))
        else:
            say(_("Backups made before the rotation cannot be read without it. Add --yes to forget it."))
        return
    say(_("Key %(version)d is forgotten.") % {"version": version})


def _rotate_index(json: bool) -> None:
    version = members.begin_index_rotation(actor=SYSTEM)
    with progress(_("Numbers"), quiet=json) as advance:
        moved = members.move_index(actor=SYSTEM, advance=advance)
    if json:
        print_json({"key": version, "changed": moved, "rows": members.index_versions()})
    else:
        say(_("%(count)d numbers are now found by index key %(version)d.") % {"count": moved, "version": version})
        say(_("Retire the older one with `toli key retire --index`, at the earliest after ten minutes."))


def _check_field_key(version: int) -> None:
    rows = sum(counts.get(version, 0) for counts in rotation.versions().values())
    if rows:
        values = {"count": rows, "version": version}
        fail(_("%(count)d rows are stored under key %(version)d. Run `toli key rotate` first.") % values)
    if version not in settings.TOLI_FIELD_KEYS or version == max(settings.TOLI_FIELD_KEYS):
        fail(_("Key %(version)d cannot be retired: it does not exist or is the one in use.") % {"version": version})


def _index_state() -> dict[str, Any]:
    return _state(settings.TOLI_INDEX_KEYS, members.index_versions())


def _state(ring: Any, rows: dict[str, dict[int, int]]) -> dict[str, Any]:
    keys = sorted(ring)
    return {"keys": keys, "in_use": max(keys), "rows": rows}


def _print(title: str, state: dict[str, Any]) -> None:
    keys = state["keys"]
    rows = [[place, *(counts.get(version, 0) for version in keys)] for place, counts in state["rows"].items()]
    print_table([_("Column"), *(_("Key %(version)d") % {"version": version} for version in keys)], rows, title=title)


def _unfinished() -> bool:
    """Whether some rows are under an older key already while a newer one is in use."""
    newest = max(settings.TOLI_FIELD_KEYS)
    return any(version != newest for counts in rotation.versions().values() for version in counts)


def _record(action: str, version: int) -> None:
    audit.record_act(SYSTEM, action=action, target=f"key:{version}")
