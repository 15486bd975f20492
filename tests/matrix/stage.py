"""A small country with one of everything in six places, and somebody for every role.

``own`` is zone 07, the place the roles are held on; ``below`` a constituency in it, ``parent`` the state
above, ``sibling`` the zone beside it, ``twin`` a zone whose code begins alike (070), ``other`` another state.
Every name holds a mark of its place, so that a page that shows too much betrays itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests import pictures
from tests.factories import (
    make_account,
    make_actor,
    make_application,
    make_batch,
    make_campaign,
    make_citizen,
    make_complaint,
    make_drive,
    make_enrolment_device,
    make_export,
    make_group,
    make_join_link,
    make_kept_group,
    make_kit,
    make_mailbox,
    make_media,
    make_member,
    make_migration,
    make_organisation,
    make_passkey,
    make_picture,
    make_place,
    make_session,
    make_territories,
    make_video,
    prove,
)
from toli.access.domain.permissions import STANDARD_ROLES
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.analytics.models import FunnelCount
from toli.assignments.models import Assignment
from toli.assignments.services import WorkOrder, assign_many
from toli.audit import services as audit
from toli.audit.selectors import entries
from toli.cards.selectors import card_of, card_path
from toli.cards.services import issue_cards, welcome_path
from toli.compliance.services import add_election
from toli.distribution.services import make_plan, recall_kit
from toli.dues.domain.offers import Terms
from toli.dues.models import Due
from toli.dues.services import confirm_payment, dispute, dispute_path, owe_for_joining, set_offer
from toli.enrolment.models import CallLine, CallSample, Case, CaseKind, HeldMember, Holds, Wish
from toli.enrolment.services.applications import invitation_path
from toli.members.models import ExportState, ImportProblem, ImportRun, ImportState, LikelyPair, Member, MemberState
from toli.members.services import merge_members, open_account, stop_path, withdrawal_path
from toli.members.services.exports import file as export_file
from toli.rights.models import BreachCase, RightsRequest
from toli.rights.services import Incident, file_request, find_affected, open_case
from toli.rolls.models import Supplement
from toli.rolls.services import certify_roll, challenge_roll, decide_challenge, draw_roll, issue_supplement
from toli.sharing.services import own_link, share_link
from toli.territories.models import Node, Territory
from toli.territories.selectors import path_of
from toli.web.templatetags.toli import indian

AGENT = {"user-agent": "Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile"}
BACKEND = "django.contrib.auth.backends.ModelBackend"
PLACES = {"own": "07", "below": "A1", "parent": "UP", "sibling": "08", "twin": "070", "other": "KL"}
BRANCH = frozenset({"own", "below"})
EVERY = frozenset(PLACES)
NONE: frozenset[str] = frozenset()
# Role in the matrix -> (standard role, on which territory, the places that lie inside it).
STAFF = {
    "coordinator": ("coordinator", "07", BRANCH),
    "content": ("content", "07", BRANCH),
    "privacy": ("privacy", "07", BRANCH),
    "chief": ("headquarters", "07", BRANCH),
    "headquarters": ("headquarters", "IN", EVERY),
    "former": ("headquarters", None, NONE),
    "unassigned": (None, None, NONE),
}
ASKER = "chief"  # has asked for lists everywhere, from a time when the role was larger
ROLES = ("anonymous", "member", *STAFF)


def person_mark(place: str) -> str:
    return f"Qper{place}q"


def group_mark(place: str) -> str:
    return f"Qgrp{place}q"


def breach_mark(place: str) -> str:
    return f"Qbre{place}q"


def request_mark(place: str) -> str:
    return f"Qreq{place}q"


def count_mark(*places: str) -> str:
    """How many members the counts give the places, as pages write it; sums differ from all others."""
    return indian(_count(*places))


def _count(*places: str) -> int:
    return sum(2 ** list(PLACES).index(place) * 1_234_567 for place in places)


def kit_mark(place: str) -> str:
    return f"Qkit{place}q"


def list_mark(place: str) -> str:
    return f"Qlst{place}q"


def staff_mark(place: str) -> str:
    return f"Qstf{place}q"


def marks(place: str) -> tuple[str, ...]:
    """What must be read only where the place may be seen."""
    names = (
        mark(place) for mark in (person_mark, group_mark, kit_mark, list_mark, staff_mark, request_mark, breach_mark)
    )
    return *names, count_mark(place)


@dataclass(frozen=True)
class Person:
    """Somebody who asks: a browser, what they may do, and where."""

    name: str
    client: Client
    permissions: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True)
class Stage:
    roles: Mapping[str, Person]
    things: Mapping[str, Mapping[str, Any]]  # place -> what is there

    def of(self, place: str) -> Mapping[str, Any]:
        return self.things[place]

    def people(self) -> Iterator[Person]:
        yield from self.roles.values()

    def again(self) -> "Stage":
        """The same people with browsers of their own, each as if just signed in and proved."""
        return Stage(
            {name: replace(person, client=_same(person.client)) for name, person in self.roles.items()}, self.things
        )


def build() -> Stage:
    make_organisation()
    make_territories("IN/UP/07/A1", "IN/UP/08", "IN/UP/070/B1", "IN/KL/01")
    make_drive(territory="IN")
    themes = {place: make_campaign(code, name_en=f"Theme {group_mark(place)}") for place, code in PLACES.items()}
    campaign = make_campaign()  # the newest one is what members join
    staff = {name: _staff(name, *found[:2]) for name, found in STAFF.items()}
    things = {place: _furnish(place, code, campaign, staff) for place, code in PLACES.items()}
    for place, found in things.items():
        found["elsewhere"], found["theme"] = things, themes[place]
    _count_branches()
    add_election(actor=SYSTEM, code="by-election", name_en="By-election", name_hi="उपचुनाव", announced_at=timezone.now())
    roles = {
        "anonymous": Person("anonymous", _browser(None), frozenset(), NONE),
        "member": Person("member", _browser(open_account(member_id=things["below"]["member"].pk)), frozenset(), NONE),
    }
    for name, (role, _code, places) in STAFF.items():
        permissions = frozenset(STANDARD_ROLES[role][2]) if role and places else frozenset()
        roles[name] = Person(name, _browser(staff[name]), permissions, places)
    return Stage(roles, things)


def _staff(name: str, role: str | None, code: str | None) -> Account:
    account = make_account(name=f"Staff {name}")
    if role is None:
        return account
    given = Role.objects.update_or_create(
        code=role, defaults={"name_en": role, "permissions": list(STANDARD_ROLES[role][2])}
    )[0]
    ended = None if code else date(2024, 1, 1)
    RoleAssignment.objects.create(
        account=account,
        role=given,
        territory=Territory.objects.get(code=code or "IN"),
        valid_from=date(2020, 1, 1),
        valid_to=ended,
    )
    return account


def _browser(account: Account | None) -> Client:
    client = Client(headers=AGENT)
    client.cookies["lang"] = "en"
    if account:
        client.force_login(account, backend=BACKEND)
        prove(client)  # the matrix tests who may go where; tests/web/test_step_up.py what needs a proof
    return client


def _same(client: Client) -> Client:
    """Another browser with the same cookies."""
    other = Client(headers=AGENT)
    other.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    if client.session.get("_auth_user_id"):
        prove(other)
    return other


def _furnish(place: str, code: str, campaign: Any, staff: Mapping[str, Account]) -> dict[str, Any]:
    """A member with card and link, a group, a draft and a live kit, a piece of work, a join link."""
    member = make_member(code, name=f"Asha {person_mark(place)}", phone=_phone(place))
    issue_cards(actor=SYSTEM, member_ids=[member.pk])
    group = make_group(campaign, code, name=f"Group {group_mark(place)}")
    make_kept_group(group)
    draft, live = make_kit(code, state="draft"), make_kit(code)
    draft.renditions.update(title=f"Draft {kit_mark(place)}")
    drafted = make_picture(
        draft, f"picture {kit_mark(place)}".encode(), plain=pictures.picture(),
        alt={"hi": "x", "en": f"alt {kit_mark(place)}"},
    )  # fmt: skip
    make_media(draft)
    draft_film = make_video(draft, f"video {kit_mark(place)}".encode(), captions={"hi": f"WEBVTT {kit_mark(place)}"})
    recalled = make_kit(code)
    recall_kit(actor=SYSTEM, kit_id=recalled.pk, reason="A wrong figure")
    plan = make_plan(
        actor=SYSTEM, kit_id=draft.pk, campaign_code=campaign.code, territory_codes=[code], channels=["assisted"],
        starts_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assignee = staff["coordinator"] if place == "own" else make_account(name="Assignee")
    return {
        "code": code,
        "member": member,
        "phone": _phone(place),
        "card": card_path(card_of(member.pk)),
        "number": card_of(member.pk).number,
        "welcome": welcome_path(card_of(member.pk)),
        "letter": _letter(place, member),
        "stop": withdrawal_path(member_id=member.pk, purpose="membership", channel="sms"),
        "complaint": make_complaint(code, words=f"I am {request_mark(place)}", token=f"{place:x<22}"),
        "complaint_token": f"{place:x<22}",
        "citizen_stop": stop_path(citizen_id=make_citizen(code).pk, channel="sms"),
        "group": group,
        "place": make_place(code, name=f"Page {group_mark(place)}"),
        "migration": make_migration(group),
        "draft": draft,
        "recalled": recalled,
        "plan": plan,
        "live": live,
        "drafted": drafted,
        "draft_film": draft_film,
        "filmed": make_video(live, f"video of {code}".encode(), captions={"hi": "WEBVTT"}),
        "pictured": make_picture(live, f"picture of {code}".encode(), plain=pictures.picture()),
        "work": _work(group, assignee),
        "passkey": make_passkey(assignee, name=f"Key {person_mark(place)}"),
        "session": make_session(assignee, device=f"Phone {person_mark(place)}"),
        "device": make_session(open_account(member_id=member.pk), device=f"Phone {person_mark(place)}"),
        "own": own_link(kit=live, territory_id=live.territory_id, platform="facebook").code,
        "share": share_link(member_id=member.pk, kit_id=live.pk, channel="whatsapp").code,
        "join": make_join_link(campaign, code).code,
        "newcomer": make_account(name="Newcomer").login,
        **_acted(place, code),
        **_lists(place, member, staff[ASKER]),
        "drive": make_drive(f"drive-{code.lower()}", territory=code, closes_on=date(2020, 2, 1)),
        "import": _import(place, member, staff[ASKER]),
        **_requests(place, member),
        "breach": _case(place, member),
        **_written_down(place, code),
        **_fees(place, member),
        "check": _check(place, code),
        "batch": make_batch(code, text=f"News {kit_mark(place)}"),
        "calls": _called(place, member, staff[ASKER]),
        "caller": str(staff[ASKER].pk),
        "wish": Wish.objects.create(
            member=make_member("01", name=f"Coming {person_mark(place)}"),
            kind="transfer",
            asked_at=timezone.now(),
            territory=member.territory,
            left=Territory.objects.get(code="01"),
        ),
        **_twice(place, member),
        **_rolls(code, member),
    }


def _acted(place: str, code: str) -> dict[str, Any]:
    """What somebody of the place did there, and something else of no place at all."""
    holder = _holder(place, code)
    for territory_id in (None, holder.territory_id):
        audit.record(
            actor_kind="staff",
            actor_id=holder.account_id,
            action="cards.issue",
            target="cards",
            territory_id=territory_id,
        )
    return {"assignment": holder, "entry": entries()[0].pk}


def _holder(place: str, code: str) -> RoleAssignment:
    """Somebody's role on the place."""
    return RoleAssignment.objects.create(
        account=make_account(name=f"Holder {staff_mark(place)}"),
        role=Role.objects.get(code="coordinator"),
        territory=Territory.objects.get(code=code),
        valid_from=date(2020, 1, 1),
    )


def _letter(place: str, member: Member) -> str:
    """The token of the link in an e-mail that waits to be opened."""
    make_mailbox(member, f"{person_mark(place).lower()}@mail.example", token=f"letter-{place}")
    return f"letter-{place}"


def _requests(place: str, member: Member) -> dict[str, Any]:
    """A correction that the member asked for in words, and an erasure that can be carried out."""
    request = file_request(actor=SYSTEM, member_id=member.pk, kind="correction", words=f"I am {request_mark(place)}")
    erasure = file_request(actor=SYSTEM, member_id=member.pk, kind="erasure")
    RightsRequest.objects.filter(pk=erasure.pk).update(not_before=timezone.now())
    return {"request": request, "erasure": erasure}


def _written_down(place: str, code: str) -> dict[str, Any]:
    """Somebody whom a coordinator of the place wrote down on a phone that has a name."""
    helper = make_account(name=f"Helper {staff_mark(place)}")
    device = make_enrolment_device(helper, code, name=f"Phone {staff_mark(place)}")
    found = make_application(code, name=f"Ravi {person_mark(place)}", device=device)
    asked = make_application(code, name="Asha")  # who holds this link reads their own name, and who wrote it down
    return {"application": found, "invitation": invitation_path(asked)}


def _case(place: str, member: Member) -> BreachCase:
    """A case about everybody of the place, found, and not told yet."""
    now = timezone.now()
    incident = Incident(
        title=f"Taken {breach_mark(place)}",
        territory_code=member.territory.code,
        began_at=now - timedelta(days=1),
        ended_at=now,
        everybody=True,
    )
    case = open_case(actor=SYSTEM, incident=incident)
    find_affected(case_id=case.pk)
    return BreachCase.objects.get(pk=case.pk)


def _twice(place: str, member: Member) -> dict[str, Any]:
    """An entry that may be the member once more, and one that was joined to them."""
    twin, other = (make_member(member.territory, name=f"Asha {person_mark(place)}") for _ in range(2))
    merge = merge_members(actor=SYSTEM, first_id=member.pk, second_id=other.pk)
    pair = LikelyPair.objects.create(
        first=member, second=twin, score=9, reasons=["same_place", "same_spelling"], found_at=timezone.now()
    )
    return {"pair": pair, "merge": merge}


def _fees(place: str, member: Member) -> dict[str, Any]:
    """A receipt that the member disputes, and a fee that they say they have paid."""
    set_offer(actor=SYSTEM, drive_code=member.drive.code, terms=Terms("primary", 36, 10_000))
    due = owe_for_joining(member_id=member.pk)
    receipt = confirm_payment(actor=SYSTEM, reference=due.reference)
    dispute(token=dispute_path(receipt).removeprefix("/d/"))
    Due.objects.filter(pk=due.pk).update(kind="renewal")
    owed = owe_for_joining(member_id=member.pk)
    Due.objects.filter(pk=owed.pk).update(state="claimed", claimed_at=timezone.now())
    offering = make_drive(f"drive-{place}", territory=PLACES[place], closes_on=date(2021, 1, 1))
    return {"receipt": receipt, "owed": owed, "offering": offering.code}


def _rolls(code: str, member: Member) -> dict[str, Any]:
    """A roll that the member stands in, and an older one that was certified."""
    today = timezone.localdate()
    Member.objects.filter(pk=member.pk).update(member_from=today - timedelta(days=9))
    clerk = make_actor({"members.export": code})
    found = [draw_roll(actor=clerk, territory_code=code, day=today - timedelta(days=ago)).roll for ago in (2, 3)]
    certify_roll(actor=make_actor({"exports.approve": code}), roll_id=found[1].pk)
    supplemented = _supplemented(found[1].pk, code)
    waits = challenge_roll(
        actor=make_actor({"members.view": code}),
        roll_id=found[1].pk,
        kind="wrongly",
        reason="Moved away",
        member_id=member.pk,
    )
    return {"roll": found[0], "certified": found[1], "supplement": supplemented, "challenge": waits}


def _supplemented(roll_id: int, code: str) -> Supplement:
    """A supplement to the roll, for somebody who did not stand in it."""
    officer, late = make_actor({"exports.approve": code}), make_member(code)
    found = challenge_roll(
        actor=make_actor({"members.view": code}), roll_id=roll_id, kind="missing", reason="x", member_id=late.pk
    )
    decide_challenge(actor=officer, challenge_id=found.pk, accept=True, note="x")
    return issue_supplement(actor=officer, roll_id=roll_id)


def _check(place: str, code: str) -> Case:
    """Somebody's joining that is held."""
    held = make_member(code, name=f"Held {person_mark(place)}", state=MemberState.HELD)
    now = timezone.now()
    case = Case.objects.create(
        kind=CaseKind.VELOCITY,
        holds=Holds.DEVICE,
        source_key=place.encode(),
        territory=held.territory,
        rule="device.hour",
        evidence={"count": 13, "limit": 12, "since": now.isoformat(), "until": now.isoformat()},
        opened_at=now,
    )
    HeldMember.objects.create(case=case, member=held, held_at=now)
    return case


def _called(place: str, member: Member, caller: Account) -> CallSample:
    """The member was drawn by lot, and somebody who brought them is named."""
    now = timezone.now()
    sample = CallSample.objects.create(
        territory=member.territory, seed="0" * 32, frame=[member.pk], size=1, since=now, drawn_at=now, caller=caller
    )  # fmt: skip
    helper = make_account(name=f"Caller {staff_mark(place)}")
    CallLine.objects.create(
        sample=sample, place=1, member=member, territory=member.territory, source="camp", enroller=helper
    )  # fmt: skip
    return sample


def _lists(place: str, member: Member, asker: Account) -> dict[str, Any]:
    """A list that a stranger asked for and waits, one of the asker's that waits, and one of theirs that is ready."""
    token = f"token-{place}"
    marked = {"purpose": f"list {list_mark(place)}"}
    ready = make_export(member.territory, asker, state=ExportState.READY, token=token, purpose="for the meeting")
    export_file.write(ready.pk, f"{member.name},{list_mark(place)}")
    return {
        "waiting": make_export(member.territory, make_account(name="Stranger"), **marked),
        "asked": make_export(member.territory, asker, purpose="for the meeting"),
        "ready": ready,
        "token": token,
    }


def _import(place: str, member: Member, asker: Account) -> ImportRun:
    """A list that was imported: by the asker where they may still import, elsewhere by a stranger."""
    run = ImportRun.objects.create(
        drive=member.drive,
        file_name=f"{list_mark(place)}.csv",
        file_sha256="0" * 64,
        asked_by=asker if place in {"own", "below"} else make_account(name="Stranger"),
        state=ImportState.DONE,
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    ImportProblem.objects.create(run=run, row=2, code="territory_unknown", params={"territory": list_mark(place)})
    return run


def _count_branches() -> None:
    """Each branch counts what lies in it."""
    paths = {place: path_of(Territory.objects.get(code=code).pk) for place, code in PLACES.items()}
    for node in Node.objects.current():
        below = [place for place, path in paths.items() if path.startswith(node.path)]
        FunnelCount.objects.create(node=node, territory_id=node.territory_id, imported=_count(*below))


def _phone(place: str) -> str:
    return f"+9100{list(PLACES).index(place)}4455667"


def phones() -> tuple[str, ...]:
    """The national part of every number on stage: no page shows one without an act of its own."""
    return tuple(phone_of(place) for place in PLACES)


def phone_of(place: str) -> str:
    """The national part of the number of the place's member."""
    return _phone(place)[3:]


def _work(group: Any, assignee: Account) -> Assignment:
    order = WorkOrder(
        kind="create_group",
        assignee_id=assignee.pk,
        territory_id=group.territory_id,
        subject=f"chatgroup:{group.pk}",
        due_at=timezone.now() + timedelta(days=1),
        details={"group_id": group.pk, "name": group.name},
    )
    assign_many([order])
    return Assignment.objects.get(subject=order.subject)
