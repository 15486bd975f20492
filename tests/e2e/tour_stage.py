"""The stage of the access matrix, dressed for the tour: invented people and places instead of marks, and more going on.

Nothing here is measured: figures are made up so that pages look as they do in use.
"""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from PIL import Image, ImageDraw

from tests.factories import make_headquarters, make_kit, make_member, make_picture, make_seat
from tests.matrix import stage
from tests.pictures import saved
from toli.access.domain.permissions import STANDARD_ROLES
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.accounts.models import Account
from toli.analytics.models import FunnelCount, Refresh
from toli.assignments.models import Assignment
from toli.cards.services import issue_cards
from toli.chatgroups.models import ChatGroup, Migration
from toli.content.models import Kit, KitMedia, KitState, Rendition
from toli.core import clock
from toli.distribution.services import release_kit
from toli.enrolment.models import CallSample
from toli.members.domain.purposes import RECOGNITION
from toli.members.models import Member
from toli.members.services import open_account, set_consent
from toli.rights.models import RightsRequest
from toli.sharing.services import record_open, report_shared
from toli.territories.models import Level, Territory

PHONE = "Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile"
MARKS = {
    "group_mark": "Connect 2029",
    "kit_mark": "check your name",
    "list_mark": "for the meeting in Rampur",
    "staff_mark": "Khan",
    "request_mark": "written with one letter too many",
    "breach_mark": "laptop at the office",
}
PLACES = {
    "IN": ("India", "भारत"),
    "UP": ("Uttar Pradesh", "उत्तर प्रदेश"),
    "KL": ("Kerala", "केरल"),
    "07": ("Awadh", "अवध"),
    "08": ("Kashi", "काशी"),
    "070": ("Braj", "ब्रज"),
    "A1": ("Rampur", "रामपुर"),
    "B1": ("Sonpur", "सोनपुर"),
    "01": ("Wayanad", "वायनाड"),
}
SURNAMES = {"own": "Verma", "below": "Kumari", "parent": "Sharma", "sibling": "Yadav", "twin": "Singh", "other": "Nair"}
LEVELS = {
    "country": ("Country", "countries", "देश"),
    "state": ("State", "states", "राज्य"),
    "zone": ("Zone", "zones", "ज़ोन"),
    "district": ("District", "districts", "ज़िला"),
    "pc": ("Parliamentary constituency", "parliamentary constituencies", "लोकसभा क्षेत्र"),
    "ac": ("Constituency", "constituencies", "विधानसभा क्षेत्र"),
    "booth": ("Booth", "booths", "बूथ"),
}
PEOPLE = (
    "Sunita Devi", "Ravi Kumar", "Meena Kumari", "Asha Rao", "Imran Khan", "Lata Bai", "Gopal Das", "Farida Begum",
    "Suresh Yadav", "Anita Sharma", "Joseph Mathew", "Kamla Pal", "Mohan Lal", "Rekha Singh", "Nasreen Bano",
    "Arun Nair",
)  # fmt: skip
TEAM = 7
ENGLISH = ["Checking your name takes one minute.", "Is your name on the list? One minute, and you know."]
HINDI = ["नाम जाँचने में एक मिनट लगता है।", "क्या आपका नाम सूची में है? एक मिनट में जान लें।"]


def build() -> stage.Stage:
    """One of everything, presentable."""
    with pytest.MonkeyPatch.context() as patch:
        for name, words in MARKS.items():
            patch.setattr(stage, name, lambda _place, words=words: words)
        patch.setattr(stage, "person_mark", lambda place: SURNAMES[place])
        patch.setattr(stage, "make_picture", lambda kit, _data, **fields: _picture(kit))
        built = stage.build()
    _name_places()
    _name_people()
    _count()
    _let_a_team_share(built)
    _give_work(built)
    _write_kits(built)
    return built


def _picture(kit: Any) -> Any:
    alt = {"hi": "तीन लोग साथ खड़े हैं", "en": "Three people stand together"}
    return make_picture(kit, _poster(kit.pk), width=720, height=405, alt=alt)


def _poster(serial: int) -> bytes:
    """Plain shapes, other ones for each serial number."""
    poster = Image.new("RGB", (720, 405), "#0e5566")
    pen = ImageDraw.Draw(poster)
    for number, colour in enumerate(("#357b8e", "#7fb1bd", "#ffd66b")):
        left, size = 90 + 190 * number + serial % 40, 150 - 20 * number
        pen.ellipse((left, 200 - size, left + size, 200), fill=colour)
        pen.rounded_rectangle((left - 10, 220, left + size + 10, 405), 40, fill=colour)
    return saved(poster, "JPEG", quality=80)


def _name_places() -> None:
    for code, (english, hindi) in PLACES.items():
        Territory.objects.filter(code=code).update(name_en=english, name_hi=hindi)
    for code, (one, many, hindi) in LEVELS.items():
        Level.objects.filter(code=code).update(name_en=one, plural_en=many, name_hi=hindi)
    for code, (english, hindi, _permissions) in STANDARD_ROLES.items():
        Role.objects.filter(code=code).update(name_en=english, name_hi=hindi)
    RoleAssignment.objects.filter(role__code__startswith="only-").update(valid_to=clock.today() - timedelta(days=1))
    for group in ChatGroup.objects.select_related("territory"):
        group.name = f"जुड़ाव 2029 · {group.territory.name_hi} · {group.number}"
        group.save(update_fields=["name"])


def _name_people() -> None:
    """Those who have no name of their own yet. Rolls keep the names with which they were drawn up."""
    made = Q(name__startswith="Held ") | Q(name__startswith="Coming ") | Q(name="Sunita Devi")
    for number, member in enumerate(Member.objects.filter(made).order_by("pk")):
        member.name = PEOPLE[number % len(PEOPLE)]
        member.save(update_fields=["name"])
    for number, account in enumerate(Account.objects.filter(kind="staff").order_by("pk")):
        account.display_name = PEOPLE[-1 - number % len(PEOPLE)]
        account.save(update_fields=["display_name"])


def _write_kits(built: stage.Stage) -> None:
    """Two ways to say it; one kit that waits for approval; seeds and hashes as they look."""
    for rendition in Rendition.objects.all():
        hindi = rendition.language == "hi"
        rendition.title = "सूची में अपना नाम जाँचें" if hindi else "Check your name on the list"
        rendition.texts = HINDI if hindi else ENGLISH
        rendition.save(update_fields=["title", "texts"])
    for media in KitMedia.objects.all():
        media.data = _poster(media.kit_id)
        media.save(update_fields=["data"])
    Kit.objects.filter(pk=built.of("sibling")["draft"].pk).update(state=KitState.IN_REVIEW)
    Migration.objects.update(plan_hash=hashlib.sha256(b"plan").hexdigest())
    CallSample.objects.update(seed=hashlib.sha256(b"seed").hexdigest()[:32])
    RightsRequest.objects.filter(kind="erasure", member=built.of("below")["member"]).delete()


def _count() -> None:
    """Shares of the members of each branch, so that parts still add up to their sums."""
    for count in FunnelCount.objects.all():
        unit = count.imported // 1_234_567
        for stage_name, share in (("imported", 1000), ("carded", 920), ("seated", 810), ("joined", 700),
                                  ("relayed", 520), ("shared", 260), ("opened", 1430), ("converted", 31)):  # fmt: skip
            setattr(count, stage_name, unit * share)
        count.save()
    Refresh.objects.update_or_create(pk=1, defaults={"at": clock.now(), "seconds": 0.4})


def _let_a_team_share(built: stage.Stage) -> None:
    """The member's group: seven people whose links were opened on some of the last days, six of whom may be seen."""
    home = built.of("below")
    kit = make_kit("IN")
    _picture(kit)
    group = ChatGroup.objects.get(pk=home["group"].pk)
    team = [home["member"], *(make_member("A1", name=PEOPLE[-number - 1]) for number in range(TEAM - 1))]
    for number, member in enumerate(team):
        make_seat(member, group)
        link = report_shared(member_id=member.pk, kit_id=kit.pk, channel="whatsapp")
        for day in range((number * 2 + 3) % 6 + 1):
            for address in range(number % 3 + 4):
                when = clock.today() - timedelta(days=4 * day)
                record_open(code=link.code, address=f"10.{number}.{day}.{address}", user_agent=PHONE, day=when)
        if number != 3:
            asked = Actor(ActorKind.MEMBER, open_account(member_id=member.pk).pk, "hi")
            set_consent(actor=asked, member_id=member.pk, purpose=RECOGNITION, given=True, language="hi", evidence={})
    issue_cards(actor=SYSTEM)


def _give_work(built: stage.Stage) -> None:
    """Today's kit to be posted by the coordinator in their own group."""
    coordinator = Account.objects.get(pk=built.roles["coordinator"].client.session["_auth_user_id"])
    group = ChatGroup.objects.select_related("campaign").get(pk=built.of("own")["group"].pk)
    group.admin = coordinator
    group.save(update_fields=["admin"])
    make_headquarters()
    kit = make_kit("IN")
    release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=group.campaign.code, territory_code="07")
    for work in Assignment.objects.filter(kind="create_group", assignee=coordinator):
        work.details["name"] = "जुड़ाव 2029 · अवध · 2"
        work.save(update_fields=["details"])
