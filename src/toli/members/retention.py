"""How long looks, lists and imports are kept. Members themselves: see toli.rights.retention."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import Acts, After, Rows, Term, register, stays
from toli.members.domain.citizens import TERM
from toli.members.models import Citizen
from toli.members.services import citizens
from toli.members.services import exports as services
from toli.members.services.importing import uploads

CLAIMS = _("Shows whom it concerned and who did it, as long as claims can be made.")
_LIST_ASKED_AT = "(SELECT e.asked_at FROM members_export e WHERE e.id = members_exportrow.export_id)"
_RUN_STARTED_AT = "(SELECT r.started_at FROM members_importrun r WHERE r.id = members_importproblem.run_id)"
_ERASED_AT = "(SELECT m.updated_at FROM members_member m WHERE m.id = members_consentrecord.member_id)"
_ERASED = "EXISTS (SELECT 1 FROM members_member m WHERE m.id = members_consentrecord.member_id AND m.state = 'erased')"


def _files(found: services.Purged) -> int:
    return len(found.lists) + len(found.left_over)


def _count_files(_before: datetime) -> int:
    return _files(services.purge_exports(dry_run=True))


def _clear_files(_before: datetime, _most: int) -> int:
    return _files(services.purge_exports())


def _count_uploads(before: datetime) -> int:
    return uploads.purge_uploads(before=before, dry_run=True)


def _clear_uploads(before: datetime, _most: int) -> int:
    return uploads.purge_uploads(before=before)


register(
    Term(
        key="members.list_files",
        label=_("Files of lists, and their links"),
        days=0,
        since=_("since they expired, a day after they were made, or were fetched three times"),
        why=_("A list is fetched or it is not."),
        after=After.DELETED,
        store=Acts(_count_files, _clear_files),
    )
)
register(
    Term(
        key="members.list_rows",
        label=_("Who stood in which list"),
        tables=("members_exportrow",),
        days=1095,
        least=365,
        most=3650,
        since=_("since the list was asked for"),
        why=CLAIMS,
        after=After.COUNTED,
        store=Rows("members_exportrow", _LIST_ASKED_AT, about="member_id"),
        evidence=True,
    )
)
register(
    Term(
        key="members.lists",
        label=_("Who asked for which list"),
        tables=("members_export",),
        days=1095,
        least=365,
        most=3650,
        since=_("since the list was asked for"),
        why=CLAIMS,
        after=After.DELETED,
        store=Rows(
            "members_export",
            "asked_at",
            "state IN ('deleted', 'refused', 'stopped')"
            " AND NOT EXISTS (SELECT 1 FROM members_exportrow r WHERE r.export_id = members_export.id)",
        ),
        evidence=True,
    )
)
register(
    Term(
        key="members.reveals",
        label=_("Who looked at whose number"),
        tables=("members_reveal",),
        days=1095,
        least=365,
        most=3650,
        since=_("since they looked"),
        why=CLAIMS,
        after=After.DELETED,
        store=Rows("members_reveal", "at", about="member_id", guarded="the term of the schedule is over"),
        evidence=True,
    )
)
register(
    Term(
        key="members.import_files",
        label=_("Lists that were sent to be imported"),
        days=1,
        since=_("since they were sent, unless they were imported before"),
        why=_("A list is imported or it is not."),
        after=After.DELETED,
        store=Acts(_count_uploads, _clear_uploads),
    )
)
register(
    Term(
        key="members.import_changes",
        label=_("How members were noted before a list was imported"),
        tables=("members_importchange",),
        days=1,
        since=_("since the list changed them"),
        why=_("An import can be undone for a day."),
        after=After.DELETED,
        store=Rows("members_importchange", "at", about="member_id"),
    )
)
register(
    Term(
        key="members.import_problems",
        label=_("Rows of imported lists that were refused"),
        tables=("members_importproblem",),
        days=90,
        least=7,
        most=365,
        since=_("since the import began"),
        why=_("So that whoever imported the list can correct it. How many there were stays."),
        after=After.COUNTED,
        store=Rows("members_importproblem", _RUN_STARTED_AT),
    )
)
register(
    Term(
        key="members.import_names",
        label=_("Names of imported files"),
        tables=("members_importrun",),
        days=365,
        least=30,
        most=1095,
        since=_("since the import began"),
        why=_("Shows where members came from. The counts of the import stay."),
        after=After.PSEUDONYMISED,
        store=Rows(
            "members_importrun", "started_at", "file_name <> '' OR path <> ''", blank="file_name = '', path = ''"
        ),
    )
)
register(
    Term(
        key="members.consents",
        label=_("Consents of people who were erased"),
        tables=("members_consentrecord",),
        days=1095,
        least=365,
        most=3650,
        since=_("since the erasure"),
        why=_("Shows that they had agreed to be written to, as long as claims can be made."),
        after=After.DELETED,
        store=Rows(
            "members_consentrecord",
            _ERASED_AT,
            _ERASED,
            about="member_id",
            guarded="the term of the schedule is over",
        ),
        evidence=True,
    )
)
register(
    Term(
        key=TERM,
        label=_("Numbers of citizens who agreed to hear from us"),
        tables=("members_citizen",),
        days=1095,
        least=30,
        most=1825,
        since=_("since they last agreed"),
        why=_("Who agreed years ago is asked again. The number goes at once when they stop it before."),
        after=After.PSEUDONYMISED,
        store=Acts(
            lambda before: Citizen.objects.agreed().filter(agreed_at__lte=before).count(), citizens.end_old_agreements
        ),
    )
)
register(
    Term(
        key="members.citizen_proofs",
        label=_("Proof that citizens had agreed"),
        tables=("members_citizen", "members_consentrecord"),
        days=1095,
        least=365,
        most=3650,
        since=_("since they stopped it"),
        why=_("Shows that they had agreed to be written to, as long as claims can be made."),
        after=After.DELETED,
        store=Acts(lambda before: Citizen.objects.filter(ended_at__lte=before).count(), citizens.delete_proofs),
        evidence=True,
    )
)
stays(
    "members_contactpoint",
    what=_("Mobile number"),
    until=_("as long as the membership"),
    why=_("The membership itself; erased with it."),
)
stays(
    "members_pastmembership",
    what=_("Places and classes of the membership in the past"),
    until=_("as long as the membership"),
    why=_("Who was a member where, on a day in the past, is the basis of internal elections; erased with the member."),
)
stays(
    "members_merge",
    what=_("Which entries were joined as one person"),
    until=_("as long as the membership"),
    why=_("Says to whom the numbers and cards of the joined entry belong."),
)
stays(
    "members_likelypair",
    what=_("Which entries may be one person, and what was decided"),
    until=_("as long as both are kept"),
    why=_("So that people who were told apart are not asked about again."),
)
stays(
    "members_joincode",
    what=_("Links by which members invite others"),
    until=_("as long as the membership"),
    why=_("So that a link that was passed on goes on leading to the right place."),
)
