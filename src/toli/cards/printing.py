"""Sheets of cards for printing."""

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from toli.access.domain.permissions import MEMBERS_EXPORT
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards import photos
from toli.cards.domain import paper
from toli.cards.domain.paper import Paper, PaperCard
from toli.cards.domain.picture import draw_card
from toli.cards.models import Card
from toli.cards.pictures import card_png, facts_of, look_of, places_of, spoken_of
from toli.compliance.selectors import get_organisation
from toli.core import clock
from toli.members.models import Member
from toli.territories import selectors as territories
from toli.territories.models import Territory

BATCH = 200
PER_FILE = 1000  # cards: about 50 MB


def card_pdf(card: Card) -> bytes:
    """The card alone on a page of its size. Raises Unavailable: the organisation has not been set up."""
    out = io.BytesIO()
    spoken = spoken_of(card)
    paper.write_card(out, PaperCard(card_png(card), spoken), Paper(spoken, card.member.language))
    return out.getvalue()


def sheets_of(members: Sequence[Member], marks: Sequence[str], line: str) -> bytes:
    """A PDF file of the cards of these members, ten to a sheet; who has no card that counts is left out.

    ``marks``: one for each member, printed beside the card. ``line``: at the foot of each sheet, in ASCII.
    """
    out = io.BytesIO()
    _write(out, [member.pk for member in members], dict(zip([m.pk for m in members], marks, strict=True)), line)
    return out.getvalue()


def print_cards(*, actor: Actor, territory_code: str, out: Path) -> tuple[int, list[Path]]:
    """Sheets of the cards of all active members below a territory, as files. Returns how many cards, and the files.

    Above :data:`PER_FILE` cards there are several files: ``sheets-2.pdf`` beside ``sheets.pdf``. The desk has the
    same as a list (toli.members.services.exports), with its limits and marks; this is for the operator.

    Raises:
        TerritoryNotFound: not in the area that the actor may export.
    """
    scope = scope_for(actor, MEMBERS_EXPORT)
    territory = territories.get_territory(scope, territory_code)
    below = territories.descendant_ids(territory)
    found = Member.objects.within(scope).active().filter(territory_id__in=below, cards__revoked_at__isnull=True)
    ids = list(found.filter(cards__isnull=False).order_by("territory__code", "pk").values_list("pk", flat=True))
    files, count = [], 0
    for start in range(0, max(1, len(ids)), PER_FILE):
        path = out if not start else out.with_stem(f"{out.stem}-{start // PER_FILE + 1}")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            count += _write(file, ids[start : start + PER_FILE], {}, f"{territory.code} {clock.today().isoformat()}")
        files.append(path)
    audit.record_act(
        actor,
        action="cards.print",
        target="cards",
        territory_id=territory.pk,
        details={"count": count, "territory": territory.code},
    )
    return count, files


def _write(out: BinaryIO, ids: Sequence[int], marks: Mapping[int, str], line: str) -> int:
    about = Paper(_("Membership cards"), "hi", line)
    return paper.write_sheets(out, _drawn(ids, marks), about)


def _drawn(ids: Sequence[int], marks: Mapping[int, str]) -> Iterator[PaperCard]:
    """The cards in the order of ``ids``."""
    organisation = get_organisation()

    @lru_cache(maxsize=4096)
    def above(territory: Territory, language: str) -> tuple[tuple[str, str], ...]:
        return places_of(territory, language)

    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        cards = Card.objects.filter(member_id__in=part, revoked_at__isnull=True).select_related("member__territory")
        by_member = {card.member_id: card for card in cards}
        pictures = photos.pictures_of(part)
        for card in (by_member[member_id] for member_id in part if member_id in by_member):
            language = card.member.language
            facts = facts_of(card, above(card.member.territory, language), pictures.get(card.member_id, b""))
            picture = draw_card(look_of(organisation, language), facts)
            yield PaperCard(picture, spoken_of(card), marks.get(card.member_id, ""))
