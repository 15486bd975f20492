"""`toli doctor`: is everything as it should be, and what to do where it is not."""

import sys
from collections.abc import Iterator
from dataclasses import asdict

import typer
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import Error as DatabaseError
from django.db import connection
from django.utils.translation import gettext as _

from toli.accounts import services as accounts
from toli.analytics import integrity
from toli.audit import services as audit
from toli.cards import selectors as cards
from toli.cards.domain.picture import fonts
from toli.cli import security_checks
from toli.cli.commands.audit import sentence
from toli.cli.commands.sender import carried
from toli.cli.findings import Finding
from toli.cli.output import JsonOption, out, print_json, say
from toli.compliance import selectors as compliance
from toli.content import selectors as content
from toli.core import jobs, videos
from toli.rights import selectors as rights

AUDIT_LINKS = 1000  # checked here; `toli audit verify` checks all
AUDIT_LATE = 600  # seconds; sealing runs every minute


def register(app: typer.Typer) -> None:
    @app.command(help=_("Check this installation: settings, database, jobs, and the rules that data must obey."))
    def doctor(json: JsonOption = False) -> None:
        findings = list(examine())
        healthy = all(finding.ok for finding in findings)
        if json:
            print_json({"healthy": healthy, "checks": [asdict(finding) for finding in findings]})
        else:
            for finding in findings:
                mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
                out.print(f"{mark} {finding.check}: {finding.seen}", highlight=False)
                if not finding.ok:
                    out.print("  " + _("What to do: %(mend)s") % {"mend": finding.mend}, highlight=False)
            say(_("Everything is in order.") if healthy else _("Something needs your attention."))
        if not healthy:
            sys.exit(1)


def examine() -> Iterator[Finding]:
    """All checks, in the order in which one failing makes the next pointless."""
    yield from security_checks.of_settings()
    database = _database()
    yield database
    if not database.ok:
        return
    migrations = _migrations()
    yield migrations
    if not migrations.ok:
        return
    yield _organisation()
    yield _texts()
    yield _jobs()
    yield _videos()
    yield _cards()
    yield _fonts()
    yield _audit()
    yield _rights()
    yield from security_checks.of_data()
    broken = integrity.broken()
    for invariant in integrity.INVARIANTS:
        count = broken.get(invariant, 0)
        yield Finding(
            check=invariant.name,
            ok=not count,
            seen=_(invariant.rule) if not count else _("%(count)d rows break this rule.") % {"count": count},
            mend=_(invariant.mend),
        )


def _database() -> Finding:
    mend = _("Start the server named in TOLI_DATABASE_URL, or unset it to use Toli's own.")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            number = int(cursor.fetchone()[0])
    except DatabaseError as error:
        return Finding("database", False, str(error).strip().splitlines()[0], mend)
    kind = _("embedded") if settings.EMBEDDED_POSTGRES else _("external")
    return Finding(
        "database", number >= 150000, f"PostgreSQL {number // 10000} ({kind})", _("Use PostgreSQL 15 or later.")
    )


def _migrations() -> Finding:
    try:
        call_command("migrate", check_unapplied=True, verbosity=0)
    except (CommandError, SystemExit):
        return Finding("migrations", False, _("The database has an older shape."), "toli migrate")
    return Finding("migrations", True, _("up to date"))


def _organisation() -> Finding:
    organisation = compliance.find_organisation()
    if organisation is None:
        return Finding("organisation", False, _("not described yet"), "toli organisation set --help")
    return Finding("organisation", True, f"{organisation.name_en} ({organisation.kind})")


def _texts() -> Finding:
    """By which way codes and welcomes leave, and whether there is one for each."""
    senders = accounts.text_sender().senders
    seen = _("texts go by %(senders)s") % {"senders": _(", then ").join(sender.key for sender in senders)}
    found = [carried(sender) for sender in senders]
    orphans = [text for text in found[0] if all(objections[text] for objections in found)]
    if orphans:
        mend = _("Register them with the operators and add them to TOLI_SMS_FILE; `toli sender texts` shows how.")
        return Finding("texts", False, _("no sender carries %(texts)s") % {"texts": ", ".join(orphans)}, mend)
    for_trying = settings.BASE_URL.startswith("https:") and all(
        sender.key in settings.TEXT_SENDERS_FOR_TRYING for sender in senders
    )
    mend = _("They reach no phone. Name telegram or sms in TOLI_SENDER: docs/howto/send-texts.md.")
    return Finding("texts", not for_trying, seen, mend)


def _videos() -> Finding:
    """Only who has videos needs the programs for them."""
    lacking, waiting = ", ".join(videos.missing()), content.count_waiting_videos()
    seen = _("%(count)d videos wait to be made ready") % {"count": waiting}
    if lacking:
        seen = _("videos cannot be taken without %(programs)s; all else works") % {"programs": lacking}
    mend = _("Install ffmpeg, which brings both programs, on each machine that serves pages or works on jobs.")
    return Finding(check="videos", ok=not (lacking and waiting), seen=seen, mend=mend)


def _jobs() -> Finding:
    failed = jobs.failed()
    seen = _("%(waiting)d waiting, %(failed)d failed") % {"waiting": jobs.waiting(), "failed": failed}
    return Finding("jobs", failed == 0, seen, _("Read the worker's log, mend the cause, and retry the jobs."))


def _cards() -> Finding:
    checked, bad = cards.check_signatures()
    seen = _("%(good)d of %(all)d signatures verify") % {"good": checked - bad, "all": checked}
    return Finding("cards", bad == 0, seen, _("Someone changed card rows: look into the audit trail."))


def _fonts() -> Finding:
    """Which scripts cards and posters can show names in; none of it stops anything."""
    missing = fonts.undrawable()
    if not missing:
        return Finding("fonts", True, _("names can be drawn in all scripts of India"))
    seen = _("cards and posters leave out names in %(scripts)s; Debian's package fonts-noto-core has what is missing")
    return Finding("fonts", True, seen % {"scripts": ", ".join(missing)})


def _rights() -> Finding:
    late = rights.overdue()
    counts = {"requests": late.requests, "complaints": late.complaints, "cases": late.cases, "lines": len(late.lines)}
    return Finding(
        "rights",
        not any(counts.values()),
        _(
            "late: %(requests)d requests of members, %(complaints)d complaints, %(cases)d cases for the Board,"
            " %(lines)d lines of the schedule"
        )
        % counts,
        _("See `toli rights list`, `toli rights breach list` and `toli rights retention`; is a worker running?"),
    )


def _audit() -> Finding:
    report = audit.check_tail(links=AUDIT_LINKS)
    if report.fault is not None:
        return Finding("audit", False, sentence(report.fault), "toli audit verify")
    seen = _("sealed up to %(position)d; %(waiting)d wait, the oldest for %(seconds)d seconds") % {
        "position": report.head.position,
        "waiting": report.waiting,
        "seconds": report.waiting_seconds,
    }
    return Finding("audit", report.waiting_seconds < AUDIT_LATE, seen, _("Start `toli worker`: it seals every minute."))
