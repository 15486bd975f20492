"""The letters of a breach: to each person in their language, and to the Data Protection Board.

What they have to say: Digital Personal Data Protection Rules 2025, rule 7(1) for people (nature, extent, time, what
it can lead to, what is done, what they can do, whom to ask) and rule 7(2) for the Board (at once: nature, extent,
time, place, likely impact; within 72 hours: facts, measures, findings on who caused it, against its return, and a
report on who was told).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from toli.compliance.models import Organisation
from toli.compliance.selectors import get_organisation
from toli.rights.domain.breaches import Kind, board_by
from toli.rights.errors import BreachWordsMissing
from toli.rights.models import BreachCase
from toli.rights.selectors import KIND_NAMES
from toli.rights.services.reporting import CaseReport

PAGE = "/me/data/letters"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in parts, as a page or a file shows them: a heading and the lines below it, of several a list."""

    subject: str
    parts: Sequence[tuple[str, Sequence[str]]]

    def text(self) -> str:
        """As plain text."""
        parts = ["\n".join([heading, *_bullets(lines)]) for heading, lines in self.parts]
        return "\n\n".join([self.subject, *parts]) + "\n"


def _bullets(lines: Sequence[str]) -> Sequence[str]:
    return [f"- {line}" for line in lines] if len(lines) > 1 else lines


def check_words(case: BreachCase) -> None:
    """Raises BreachWordsMissing: a letter could not say what happened, or what is done."""
    if not all([case.happened_en, case.happened_hi, case.measures_en, case.measures_hi]):
        raise BreachWordsMissing


# -- to a person -----------------------------------------------------------------------------------


def letter_to_person(case: BreachCase, kinds: Kind, language: str) -> Letter:
    """The whole letter to somebody of whom these kinds of data were reached."""
    with translation.override(language):
        organisation = get_organisation()
        name = organisation.label(language)
        return Letter(
            subject=_("%(organisation)s: something has happened to data about you") % {"organisation": name},
            parts=[
                (_("What has happened"), [_happened(case, language)]),
                (_("When"), [_window(case)]),
                (_("Which data about you"), [str(KIND_NAMES[kind]) for kind in kinds]),
                (_("What it can lead to"), consequences(kinds)),
                (_("What we do"), [_measures(case, language)]),
                (_("What you can do"), advice(kinds)),
                (_("Whom to ask"), [organisation.privacy_contact]),
            ],
        )


def breach_text(organisation: Organisation, language: str, *, link: str) -> str:
    """The text message that leads to the whole letter. Registered with operators, so the same words for everybody."""
    with translation.override(language):
        return _(
            "%(organisation)s: Data about you got to somebody who may not have it. What happened, and what you can "
            "do: %(link)s Questions: %(contact)s"
        ) % {"organisation": organisation.label(language), "link": link, "contact": organisation.privacy_contact}


def consequences(kinds: Kind) -> list[str]:
    """What can come of it, by the kinds of data."""
    found = [_("Others can learn that you are a member.")]
    if kinds & Kind.NUMBER:
        found.append(_("Strangers can call you or write to you, and say that they are from us."))
    if kinds & Kind.CARD:
        found.append(_("Somebody can say that your card is theirs. The card cannot be used to take anything from you."))
    if kinds & (Kind.PLACE | Kind.WORDS):
        found.append(_("Somebody can speak to you as if they knew you."))
    return found


def advice(kinds: Kind) -> list[str]:
    """What the person can do."""
    found = [_("Tell nobody a code that you were sent, whoever asks. We never ask for codes or money.")]
    if kinds & Kind.NUMBER:
        found.append(_("If a stranger calls in our name, end the call, and ask us: see below."))
    found += [
        _("If somebody threatens you, call the police: 112. If somebody tried to cheat you: 1930."),
        _("On your page “My data” you see what is kept about you. You can have it corrected or erased there."),
        _("If our answer does not help, you can complain to the Data Protection Board of India."),
    ]
    return found


# -- to the Board ----------------------------------------------------------------------------------


def letter_to_board(report: CaseReport, language: str, *, full: bool) -> Letter:
    """The first word at once, or the details within 72 hours (``full``)."""
    case = report.case
    with translation.override(language):
        organisation = get_organisation()
        parts: list[tuple[str, Sequence[str]]] = [
            (_("Who reports"), [organisation.label(language), organisation.privacy_contact]),
            (_("What has happened"), [_happened(case, language)]),
            (_("When"), [_window(case), _("We learned of it on %(day)s.") % {"day": _moment(case.aware_at)}]),
            (_("Where"), [f"{case.territory.label(language)} ({case.territory.code})"]),
            (_("How many people"), [str(report.people)]),
            (_("Which data"), [f"{KIND_NAMES[kind]}: {count}" for kind, count in report.kinds.items()]),
            (_("What it can lead to"), consequences(Kind(sum(report.kinds)))),
        ]
        if full:
            parts += _details(report, language)
        subject = _("Details of a breach of personal data") if full else _("First word of a breach of personal data")
        return Letter(subject=f"{subject} ({case.pk})", parts=parts)


def _details(report: CaseReport, language: str) -> list[tuple[str, Sequence[str]]]:
    case = report.case
    trail = [_("%(count)d entries of the audit trail were counted.") % {"count": case.acts}]
    if case.nameless:
        trail.append(_("Of %(count)d it is not known whom they were about.") % {"count": case.nameless})
    told = {"told": report.told, "people": report.people}
    cause = (
        _("A person who was signed in with an account of ours; we know the account.")
        if case.suspect_id
        else _("This is not known yet.")
    )
    return [
        (_("How we know"), trail),
        (_("Who caused it"), [cause]),
        (_("What we do, and against its return"), [_measures(case, language)]),
        (_("People who were told"), [_("%(told)d of %(people)d people were told by text message.") % told]),
        (
            _("People in each place"),
            [f"{'· ' * place.depth}{place.label(language)} ({place.code}): {place.count}" for place in report.places],
        ),
        (_("Due by"), [_moment(board_by(case.aware_at))]),
    ]


def _happened(case: BreachCase, language: str) -> str:
    return case.happened_hi if language == "hi" else case.happened_en


def _measures(case: BreachCase, language: str) -> str:
    return case.measures_hi if language == "hi" else case.measures_en


def _window(case: BreachCase) -> str:
    return f"{_moment(case.began_at)} – {_moment(case.ended_at)}"


def _moment(when: Any) -> str:
    return timezone.localtime(when).strftime("%d.%m.%Y %H:%M")
