"""Telling the people of a case: asked by one officer, approved by another, sent by a job. Of a drill nothing leaves.

What is sent is a duty (members.domain.purposes.DUTY): no consent is asked for it. It leaves in batches; should the
process die between handing one over and writing it down, that batch is sent twice, which does no harm.
"""

from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE, Scope
from toli.access.policies import person_of
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.compliance.selectors import get_organisation
from toli.core import clock, jobs, wall
from toli.members.domain.purposes import DUTY
from toli.members.models import Member, MemberState
from toli.members.services import send_texts
from toli.rights import selectors
from toli.rights.domain.breaches import Kind, Letters, State
from toli.rights.errors import BreachStateWrong, LettersBySame
from toli.rights.models import BreachAffected, BreachCase
from toli.rights.services.case_trail import note
from toli.rights.services.cases import get_open
from toli.rights.services.letters import PAGE, Letter, breach_text, check_words, letter_to_person

TEXT_KIND = "breach"
BATCH = 200


@transaction.atomic
def ask_for_letters(*, actor: Actor, case_id: int) -> None:
    """Say that the letters are ready to be sent; somebody else has to approve them.

    Raises:
        BreachNotFound. BreachStateWrong: the trail is still being read, or they were asked for. BreachWordsMissing.
        Forbidden: nobody in person asks.
    """
    case = get_open(actor, case_id)
    if case.state != State.FOUND or case.letters != Letters.NONE:
        raise BreachStateWrong(state=_stand(case))
    check_words(case)
    case.letters, case.letters_asked_by_id = Letters.ASKED, person_of(actor)
    case.save(update_fields=["letters", "letters_asked_by"])
    note(actor, "rights.breach.letters.ask", case)


@transaction.atomic
def approve_letters(*, actor: Actor, case_id: int) -> None:
    """Have the letters sent. Of a drill the way ends here, as if they were: nothing leaves.

    Raises:
        BreachNotFound, BreachStateWrong. LettersBySame: who asked cannot approve. Forbidden: nobody in person does.
    """
    case = get_open(actor, case_id)
    person = person_of(actor)
    if case.letters != Letters.ASKED:
        raise BreachStateWrong(state=_stand(case))
    if case.letters_asked_by_id == person:
        raise LettersBySame
    case.letters_approved_by_id = person
    case.letters = Letters.SENT if case.drill else Letters.APPROVED
    case.save(update_fields=["letters", "letters_approved_by"])
    note(actor, "rights.breach.letters.approve", case)
    if not case.drill:
        jobs.enqueue("rights.send_letters", case_id=case.pk)


@transaction.atomic
def take_letters_back(*, actor: Actor, case_id: int) -> None:
    """The letters are not ready after all. Raises BreachNotFound, BreachStateWrong: they are approved already."""
    case = get_open(actor, case_id)
    if case.letters != Letters.ASKED:
        raise BreachStateWrong(state=_stand(case))
    case.letters, case.letters_asked_by = Letters.NONE, None
    case.save(update_fields=["letters", "letters_asked_by"])
    note(actor, "rights.breach.letters.take_back", case)


def _stand(case: BreachCase) -> str:
    if case.letters == Letters.NONE:
        return str(case.get_state_display())
    return _("the letters: %(state)s") % {"state": case.get_letters_display()}


# -- sending ---------------------------------------------------------------------------------------


def send_letters(*, case_id: int) -> int:
    """Send each affected person the text that leads to their letter. Goes on where it stopped. Returns how many now.

    Raises:
        TextNotSent, TextNotCarried: not one of a batch left; what left before is written down.
    """
    sent, after = 0, 0
    while batch := _send_batch(case_id, after):
        after, told = batch
        sent += told
    _finish(case_id)
    return sent


@transaction.atomic
def _send_batch(case_id: int, after: int) -> tuple[int, int] | None:
    """The last row of the next batch, and how many of it were told; None: there are no more."""
    case = BreachCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    if case.letters != Letters.APPROVED or case.drill:
        return None
    waiting = BreachAffected.objects.filter(case=case, told_at__isnull=True, pk__gt=after)
    rows = list(waiting.exclude(member__state=MemberState.ERASED).select_related("member").order_by("pk")[:BATCH])
    if not rows:
        return None
    organisation, link = get_organisation(), settings.BASE_URL + PAGE
    texts = {row.member_id: breach_text(organisation, row.member.language, link=link) for row in rows}
    handover = send_texts(scope=EVERYWHERE, purpose=DUTY, kind=TEXT_KIND, texts=texts)
    reached = set(Member.objects.filter(pk__in=texts, contact_points__isnull=False).values_list("pk", flat=True))
    told = [row.pk for row in rows if row.member_id in reached and row.member_id not in handover.not_sent]
    BreachAffected.objects.filter(pk__in=told).update(told_at=clock.now())
    return rows[-1].pk, len(told)


@transaction.atomic
def _finish(case_id: int) -> None:
    case = BreachCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    if case.letters != Letters.APPROVED:
        return
    case.letters, case.letters_sent_at = Letters.SENT, clock.now()
    case.save(update_fields=["letters", "letters_sent_at"])
    told = case.affected.filter(told_at__isnull=False).count()
    note(SYSTEM, "rights.breach.letters.sent", case, told=told, people=case.affected.count())


# -- letters on paper and on the member's page -----------------------------------------------------


@wall.lifted("a case lies above the member's own place; of it they see their own letter only")
def letters_of(member_id: int, language: str) -> list[tuple[BreachCase, Letter]]:
    """Letters to a member, the latest first: of cases whose letters were approved, and of no drill."""
    rows = BreachAffected.objects.filter(
        member_id=member_id, case__drill=False, case__letters__in=[Letters.APPROVED, Letters.SENT]
    )
    found = rows.select_related("case__territory").order_by("-case_id")
    return [(row.case, letter_to_person(row.case, Kind(row.kinds), language)) for row in found]


def letter_files(*, actor: Actor, scope: Scope, case_id: int, most: int | None = None) -> Iterator[tuple[str, str]]:
    """Letters to print, a file for each place with at most ``most`` (settings.TOLI_EXPORT_MAX_ROWS) people in it.

    Yields names of files and their text: for each person a name and the letter in their language; no number. Only
    for people who were not told by text yet. That the files were made is recorded.

    Raises:
        BreachNotFound, BreachWordsMissing.
    """
    case = selectors.get_case(scope, case_id)
    check_words(case)
    limit = most or settings.TOLI_EXPORT_MAX_ROWS
    waiting = BreachAffected.objects.filter(case=case, told_at__isnull=True, territory__isnull=False)
    waiting = waiting.exclude(member__state=MemberState.ERASED).select_related("member", "territory")
    note(actor, "rights.breach.letters.files", case, count=waiting.count())
    yield from _files(case, waiting.order_by("territory__code", "pk").iterator(chunk_size=500), limit)


def _files(case: BreachCase, rows: Iterator[BreachAffected], limit: int) -> Iterator[tuple[str, str]]:
    made: Counter[str] = Counter()
    place, pages = "", list[str]()
    for row in rows:
        code = row.territory.code if row.territory else ""
        if pages and (code != place or len(pages) == limit):
            made[place] += 1
            yield f"breach-{case.pk}-{place}-{made[place]}.txt", "\f".join(pages)
            pages = []
        place = code
        letter = letter_to_person(case, Kind(row.kinds), row.member.language)
        drill = _("DRILL. Do not hand out.") + "\n\n" if case.drill else ""
        pages.append(f"{drill}{row.member.name}\n\n{letter.text()}")
    if pages:
        yield f"breach-{case.pk}-{place}-{made[place] + 1}.txt", "\f".join(pages)
