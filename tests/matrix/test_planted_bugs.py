"""Would the matrix notice? Each bug of these is planted in turn, with the second wall away: all are found.

And with the wall standing, a selector that has lost its filter still shows nothing from elsewhere.
"""

from collections.abc import Callable
from contextlib import contextmanager

import pytest

from tests.matrix import cells, planted_at_the_desk, planted_in_pictures, stage
from tests.matrix.planting import with_everything
from toli.access import policies
from toli.access.domain import scope as scopes
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.access.models import RoleAssignment
from toli.accounts import selectors as accounts
from toli.accounts import services as accounts_services
from toli.accounts.domain.actor import SYSTEM, ActorKind
from toli.accounts.models import Passkey, Session
from toli.analytics import selectors as analytics
from toli.assignments import selectors as assignments
from toli.assignments.errors import WorkNotFound
from toli.assignments.models import Assignment
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups.models import ChatGroup, ChatGroupQuerySet
from toli.chatgroups.services import dividing
from toli.chatgroups.services.waves import planning
from toli.content import selectors as content
from toli.content.services import acting
from toli.core import wall
from toli.core.domain import phone
from toli.distribution import selectors as distribution
from toli.members import selectors as members
from toli.members.models import Member, MemberQuerySet
from toli.posting.models import PlaceQuerySet
from toli.rights import selectors as rights
from toli.rights.models import RequestQuerySet
from toli.rights.services import requests
from toli.sharing.services import links
from toli.territories import selectors as territories
from toli.territories.models import Node, NodeQuerySet
from toli.web import page

pytestmark = pytest.mark.django_db
Patch = pytest.MonkeyPatch
WITNESSES = ("coordinator", "chief", "member", "former", "unassigned", "anonymous")


def _covers_without_the_slash(patch: Patch) -> None:
    def covers(self: Scope, path: str) -> bool:
        return self.everywhere or any(path.startswith(branch.rstrip("/")) for branch in self.paths)

    patch.setattr(Scope, "covers", covers)


def _branches_without_the_slash(patch: Patch) -> None:
    def within_paths(self, paths):
        found = self.none()
        for path in paths:
            found = found | self.current().filter(path__startswith=path.rstrip("/"))
        return found

    patch.setattr(NodeQuerySet, "within_paths", within_paths)


def _ended_roles_count(patch: Patch) -> None:
    patch.setattr(policies, "_counting", lambda actor: RoleAssignment.objects.filter(account=actor.id))


def _any_role_will_do(patch: Patch) -> None:
    patch.setattr(page, "scope_for", lambda actor, _permission: policies.area_of(actor))


def _no_permission_asked(patch: Patch) -> None:
    patch.setattr(page, "scope_for", lambda _actor, _permission: EVERYWHERE)


def _staff_see_everything(patch: Patch) -> None:
    real = policies.scope_for

    def generous(actor, permission):
        found = real(actor, permission)
        return found if found.is_empty else EVERYWHERE

    patch.setattr(page, "scope_for", generous)


def _strangers_are_the_system(patch: Patch) -> None:
    real = page.actor_of

    def trusting(request):
        actor = real(request)
        return SYSTEM if actor.kind is ActorKind.ANONYMOUS else actor

    patch.setattr(page, "actor_of", trusting)


def _members_are_mixed_up(patch: Patch) -> None:
    patch.setattr(members, "member_of", lambda actor: Member.objects.order_by("pk").first())


def _members_may_work_at_the_desk(patch: Patch) -> None:
    patch.setattr(page, "scope_for", lambda actor, _p: Scope(("main/IN/UP/07/",)) if actor.id else scopes.NOWHERE)


def _numbers_are_not_masked(patch: Patch) -> None:
    patch.setattr(members.numbers, "masked", lambda number: number)
    patch.setattr(phone, "masked", lambda number: number)


def _work_of_others(patch: Patch) -> None:
    def get_work(_actor, assignment_id):
        work = Assignment.objects.filter(pk=assignment_id).first()
        if work is None:
            raise WorkNotFound
        return work

    patch.setattr(assignments, "get_work", get_work)


def _queue_of_others(patch: Patch) -> None:
    patch.setattr(assignments, "open_work", lambda _actor: list(Assignment.objects.all()))


def _kits_of_everywhere_may_be_shared(patch: Patch) -> None:
    from toli.content.models import Kit

    patch.setattr(links.content, "live_kits_for", lambda _territory: list(Kit.objects.filter(state="live")))


def _groups_of_everywhere(patch: Patch) -> None:
    patch.setattr(ChatGroupQuerySet, "within", lambda self, _scope: self)


def _groups_not_below_the_place(patch: Patch) -> None:
    patch.setattr(chatgroups.territories, "descendant_ids", lambda _t: Node.objects.values_list("territory_id"))
    patch.setattr(ChatGroupQuerySet, "within", lambda self, _scope: self)


def _whole_country_is_counted(patch: Patch) -> None:
    real = analytics.funnel
    patch.setattr(
        analytics, "funnel", lambda _scope, _place: real(EVERYWHERE, territories.get_territory(EVERYWHERE, "IN"))
    )


def _children_of_everywhere(patch: Patch) -> None:
    real = analytics.coverage
    patch.setattr(
        analytics, "coverage", lambda _scope, _place: real(EVERYWHERE, territories.get_territory(EVERYWHERE, "UP"))
    )


def _withdraw_anything(patch: Patch) -> None:
    with_everything(content, "get_kit")(patch)
    patch.setattr(acting, "scope_for", lambda _actor, _permission: EVERYWHERE)


def _divide_anything(patch: Patch) -> None:
    with_everything(territories, "get_territory")(patch)
    patch.setattr(dividing, "scope_for", lambda _actor, _permission: EVERYWHERE)
    patch.setattr(planning, "scope_for", lambda _actor, _permission: EVERYWHERE)


def _anybodys(model: type) -> Callable[..., object]:
    """A service that finds a thing by its id and forgets to ask whose it is."""

    def act(**given):
        key = next(value for name, value in given.items() if name.endswith("_id"))
        return model.objects.filter(pk=key).delete()

    return act


def _any_session_can_be_ended(patch: Patch) -> None:
    patch.setattr(accounts_services, "revoke_session", _anybodys(Session))


def _any_passkey_can_be_changed(patch: Patch) -> None:
    patch.setattr(accounts_services, "remove_passkey", _anybodys(Passkey))
    patch.setattr(accounts_services, "rename_passkey", _anybodys(Passkey))


def _sessions_of_others(patch: Patch) -> None:
    patch.setattr(accounts, "sessions_of", lambda _account: list(Session.objects.all()))


def _passkeys_of_others(patch: Patch) -> None:
    patch.setattr(accounts, "passkeys_of", lambda _account: list(Passkey.objects.all()))


def _any_method(patch: Patch) -> None:
    from django.http import HttpResponse

    patch.setattr("django.views.decorators.http.HttpResponseNotAllowed", lambda _methods: HttpResponse("done"))


def _requests_of_everywhere(patch: Patch) -> None:
    patch.setattr(RequestQuerySet, "within", lambda self, _scope: self)
    with_everything(rights, "names_of")(patch)


def _erase_anybody(patch: Patch) -> None:
    """Somebody of another branch is erased by an officer who only has to know the request's number."""
    with_everything(rights, "get_request")(patch)
    patch.setattr(requests, "scope_for", lambda _actor, _permission: EVERYWHERE)


KITS, GROUPS, TERRITORY = "console/kits", "console/groups", "console/t/"
OTHER_METHODS = "function: other methods are not refused"
# What is planted -> on which routes it is looked for.
BUGS: dict[str, tuple[Callable[[Patch], None], str]] = {
    "object: any group by its id": (with_everything(chatgroups, "get_group"), GROUPS),
    "object: any kit by its id": (with_everything(content, "get_kit"), KITS),
    "object: any territory by its code": (with_everything(territories, "get_territory"), TERRITORY),
    "object: work of other people": (_work_of_others, "console/work"),
    "object: another member's pages": (_members_are_mixed_up, "me"),
    "object: any member's request by its id": (with_everything(rights, "get_request"), "console/rights/"),
    "list: requests of everywhere": (_requests_of_everywhere, "console/rights"),
    "action: a neighbour's member is erased": (_erase_anybody, "console/rights/<int:request_id>/"),
    "object: anybody's sign-in by its id": (_any_session_can_be_ended, "console/security"),
    "object: anybody's device by its id": (_any_session_can_be_ended, "me/devices"),
    "object: anybody's passkey by its id": (_any_passkey_can_be_changed, "console/security"),
    "list: sign-ins of other people": (_sessions_of_others, "console/security"),
    "list: passkeys of other people": (_passkeys_of_others, "console/security"),
    "list: kits of everywhere": (with_everything(content, "kits"), KITS),
    "list: groups of everywhere": (_groups_of_everywhere, GROUPS),
    "list: groups not of this place": (_groups_not_below_the_place, TERRITORY),
    "list: work of other people": (_queue_of_others, "console/work"),
    "action: a kit of elsewhere is withdrawn": (_withdraw_anything, KITS),
    "action: groups of elsewhere are divided": (_divide_anything, TERRITORY),
    "action: material of elsewhere is shared": (_kits_of_everywhere_may_be_shared, "me/share"),
    "aggregate: the whole country is counted": (_whole_country_is_counted, TERRITORY),
    "aggregate: rows of places that are not below": (_children_of_everywhere, TERRITORY),
    "prefix: 07 also covers 070": (_covers_without_the_slash, TERRITORY),
    "prefix: the branch of 07 holds 070": (_branches_without_the_slash, GROUPS),
    "function: any role opens any page": (_any_role_will_do, KITS),
    "function: pages ask for no permission": (_no_permission_asked, "console/"),
    "function: a role counts everywhere": (_staff_see_everything, "console/"),
    "function: strangers pass for the system": (_strangers_are_the_system, "console/"),
    "function: members pass for staff": (_members_may_work_at_the_desk, "console/"),
    OTHER_METHODS: (_any_method, "console/"),
    "time: roles that have ended still count": (_ended_roles_count, "console/"),
    "property: numbers are not masked": (_numbers_are_not_masked, "me"),
    "mass assignment: a kit is put anywhere": (with_everything(territories, "get_territory"), "console/kits/new"),
    **planted_at_the_desk.BUGS,
    **planted_in_pictures.BUGS,
}


@pytest.fixture
def no_wall(monkeypatch):
    @contextmanager
    def behind(**_view):
        yield

    monkeypatch.setattr(wall, "behind", behind)


def _problems(furnished: stage.Stage, prefix: str | tuple[str, ...], methods: tuple[str, ...]):
    for cell, ask in _cells(furnished, prefix):
        if cell.method in methods:
            yield cells.verdict(furnished, cell, ask(cell))


def _cells(furnished: stage.Stage, prefix: str | tuple[str, ...]):
    for pattern in cells.routes():
        if str(pattern.pattern).startswith(prefix):
            ask = cells.asking(furnished)
            for cell in cells.cells(pattern, WITNESSES):
                yield cell, ask


def test_there_are_at_least_twenty():
    assert len(BUGS) >= 40


@pytest.mark.parametrize("name", BUGS)
def test_the_matrix_finds(name, furnished, no_wall, monkeypatch):
    plant, prefix = BUGS[name]
    methods = cells.METHODS if name == OTHER_METHODS else ("GET", "POST")  # HEAD asks the view that GET does
    plant(monkeypatch)
    monkeypatch.setattr("django.test.Client.raise_request_exception", False, raising=False)
    for person in furnished.people():
        person.client.raise_request_exception = False
    assert next((problem for problem in _problems(furnished, prefix, methods) if problem), None) is not None


def test_a_moved_place_takes_its_people_along_at_once(furnished):
    """Re-parented: what the coordinator of 07 saw a moment ago is gone with the next request."""
    group = ChatGroup.objects.get(pk=furnished.of("own")["group"].pk)
    coordinator = furnished.roles["coordinator"].client
    address = f"/console/groups/{group.pk}"
    assert coordinator.get(address).status_code == 200
    Node.objects.filter(path="main/IN/UP/07/").update(path="main/IN/KL/07/")
    group.serves.update(territory=territories.get_territory(EVERYWHERE, "KL"))
    group.territory = territories.get_territory(EVERYWHERE, "KL")
    group.save()
    assert coordinator.get(address).status_code == 404


# -- the second wall ----------------------------------------------------------------------------------

# Every page of the desk that asks for members by scope.
MEMBERS = (
    *(
        f"console/t/<str:code>/{page}"
        for page in ("members", "export", "print", "dues", "payments", "groups", "waiting")
    ),
    "console/members/",
    "console/calls/",
    "console/duplicates",
    "console/merges",
    "console/receipts",
    "console/checks",
    "console/rights",
)
FORGOTTEN = {
    "groups": (_groups_of_everywhere, GROUPS),
    "group by id": (with_everything(chatgroups, "get_group"), GROUPS),
    "kits": (with_everything(content, "kits"), KITS),
    "kit by id": (with_everything(content, "get_kit"), KITS),
    "relays": (with_everything(distribution, "relays"), KITS),
    "places": (lambda patch: patch.setattr(PlaceQuerySet, "within", lambda self, _scope: self), "console/places"),
    "members": (lambda patch: patch.setattr(MemberQuerySet, "within", lambda self, _scope: self), MEMBERS),
    "counts": (_whole_country_is_counted, TERRITORY),
    "work": (_queue_of_others, "console/work"),
    "sign-ins": (_sessions_of_others, "console/security"),
    "devices": (_sessions_of_others, "me/devices"),
    "passkeys": (_passkeys_of_others, "console/security"),
    **planted_at_the_desk.FORGOTTEN,
    **planted_in_pictures.FORGOTTEN,
    "requests": (_requests_of_everywhere, "console/rights"),
    "request by id": (with_everything(rights, "get_request"), "console/rights"),
}


def test_no_other_page_of_the_desk_asks_for_members_by_scope(furnished, monkeypatch):
    """Else the list above is too short."""
    asking, current, real = set(), [], MemberQuerySet.within

    def within(self, scope):
        asking.update(current[-1:])
        return real(self, scope)

    monkeypatch.setattr(MemberQuerySet, "within", within)
    for pattern in cells.routes():
        current.append(str(pattern.pattern))
        ask = cells.asking(furnished)
        for cell in cells.cells(pattern, ("chief",)):
            if cell.place in {"", "own"} and cell.method in {"GET", "POST"}:
                ask(cell)
    assert asking
    assert [route for route in asking if not route.startswith(MEMBERS)] == []


@pytest.mark.parametrize("name", FORGOTTEN)
def test_a_forgotten_filter_shows_nothing_from_elsewhere(name, furnished, monkeypatch):
    plant, prefix = FORGOTTEN[name]
    plant(monkeypatch)
    for person in furnished.people():
        person.client.raise_request_exception = False
    shown = []
    for cell, ask in _cells(furnished, prefix):
        # Only answers with a body can show anything; whoever is sent away at the door comes near no selector.
        away = cells.turned_away(furnished.roles[cell.role], cell) and cell.place not in {"", "own"}
        if cell.method in {"GET", "POST"} and not away:
            shown.append(cells.verdict(furnished, cell, ask(cell)))
    assert shown
    assert [problem for problem in shown if ": shows " in problem] == []
