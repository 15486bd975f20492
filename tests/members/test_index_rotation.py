"""The key of the blind index is exchanged while people join and lists come in: one number stays one member."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction

from tests.factories import make_drive, make_member, make_phone, make_territories
from tests.together import at_once
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.errors import CodeExpired
from toli.accounts.models import OneTimeCode
from toli.audit.models import AuditEntry
from toli.config.secrets import KeyRing, load
from toli.core import clock, crypto
from toli.core.crypto import index_for
from toli.members import selectors
from toli.members.errors import IndexKeyInUse, IndexKeyMissing, IndexKeyNotFound
from toli.members.models import ContactPoint, Member, MemberState
from toli.members.services import (
    begin_index_rotation,
    enrol_member,
    import_members,
    index_versions,
    indexing,
    locking,
    move_index,
    retire_index_key,
)
from toli.members.services.indexing import CODES, NUMBERS


@pytest.fixture
def keys(tmp_path, settings) -> KeyRing:
    """Index keys of this test alone."""
    settings.TOLI_INDEX_KEYS = load(tmp_path / "var").index_keys
    index_for.cache_clear()
    yield settings.TOLI_INDEX_KEYS
    index_for.cache_clear()


@pytest.fixture
def place(keys):
    make_territories("IN/UP/07/A1")
    make_drive()


@pytest.fixture
def people(db, place) -> list[Member]:
    return [make_member("A1", phone=make_phone(number)) for number in range(25)]


def join(number: str) -> Member:
    return enrol_member(
        drive_code="drive",
        name="Sunita Devi",
        phone=number,
        territory_code="A1",
        language="hi",
        consents={"adult": True, "membership": True},
        evidence={},
    )


def rotate() -> int:
    begin_index_rotation(actor=SYSTEM)
    return move_index(actor=SYSTEM)


def owners() -> dict[str, int]:
    """How many active members each number has, by decrypting them all."""
    cipher = crypto.cipher_for(selectors.CONTACT_CONTEXT)
    points = ContactPoint.objects.filter(member__state=MemberState.ACTIVE)
    return Counter(cipher.decrypt(bytes(point.value_sealed), row=point.pk) for point in points)


# -- moving ----------------------------------------------------------------------------------------


def test_everybody_is_found_before_while_and_after(people, keys, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 10)
    numbers = {make_phone(number): member.pk for number, member in enumerate(people)}

    def all_found():
        return {number: selectors.find_by_phone(number).pk for number in numbers} == numbers

    assert all_found()
    assert begin_index_rotation(actor=SYSTEM) == 2
    assert all_found()
    assert len(indexing._move_batch(2, 0)) == 10
    assert index_versions()[NUMBERS] == {1: 15, 2: 10}
    assert all_found()
    assert move_index(actor=SYSTEM) == 15
    assert index_versions()[NUMBERS] == {2: 25}
    assert all_found()
    retire_index_key(actor=SYSTEM, version=1, dry_run=False)
    assert list(keys) == [2]
    assert all_found()


def test_one_that_was_cut_off_is_continued_under_the_same_key(people, keys, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 10)
    begin_index_rotation(actor=SYSTEM)
    indexing._move_batch(2, 0)
    assert begin_index_rotation(actor=SYSTEM) == 2
    assert move_index(actor=SYSTEM) == 15
    assert begin_index_rotation(actor=SYSTEM) == 3


def test_no_index_says_anything_without_its_key(people, keys):
    before = {bytes(index) for index in ContactPoint.objects.values_list("value_index", flat=True)}
    rotate()
    after = {bytes(index) for index in ContactPoint.objects.values_list("value_index", flat=True)}
    assert len(after) == len(before) == 25
    assert not {index[1:] for index in before} & {index[1:] for index in after}


def test_a_restored_backup_from_before_is_mended_by_moving_again(people, keys):
    old = dict(ContactPoint.objects.values_list("pk", "value_index"))
    rotate()
    retire_index_key(actor=SYSTEM, version=1, dry_run=False)
    for pk, index in old.items():
        ContactPoint.objects.filter(pk=pk).update(value_index=index)
    assert selectors.find_by_phone(make_phone(3)) is None
    assert begin_index_rotation(actor=SYSTEM) == 2
    assert move_index(actor=SYSTEM) == 25
    assert selectors.find_by_phone(make_phone(3)) == people[3]


def test_families_keep_their_order(people, keys):
    second = make_member("A1", phone=make_phone(900))
    ContactPoint.objects.filter(member=second).update(
        value_index=index_for("phone").of(make_phone(3)),
        ordinal=1,
        value_sealed=crypto.cipher_for(selectors.CONTACT_CONTEXT).encrypt(
            make_phone(3), row=second.contact_points.get().pk
        ),
    )
    rotate()
    assert selectors.find_by_phone(make_phone(3)) == people[3]
    assert list(
        ContactPoint.objects.filter(value_index=index_for("phone").of(make_phone(3))).values_list("ordinal", flat=True)
    ) == [0, 1]


def test_each_step_is_in_the_trail(people, keys):
    rotate()
    retire_index_key(actor=SYSTEM, version=1, dry_run=False)
    entries = AuditEntry.objects.filter(action__startswith="keys.").order_by("pk").values_list("action", "target")
    assert list(entries) == [
        ("keys.add", "index-key:2"),
        ("keys.rotate", "index-key:2"),
        ("keys.retire", "index-key:1"),
    ]


# -- joining and importing meanwhile ---------------------------------------------------------------


def test_who_joins_again_while_it_moves_is_the_same_member(people, keys):
    begin_index_rotation(actor=SYSTEM)
    assert join(make_phone(3)) == people[3]
    assert join(make_phone(3)) == people[3]
    newcomer = join(make_phone(700))
    assert bytes(newcomer.contact_points.get().value_index)[0] == 2
    move_index(actor=SYSTEM)
    assert join(make_phone(3)) == people[3]
    assert set(owners().values()) == {1}


def test_who_left_and_joins_again_while_it_moves_gets_a_place_behind(people, keys):
    Member.objects.filter(pk=people[3].pk).update(state=MemberState.LEFT)
    begin_index_rotation(actor=SYSTEM)
    again = join(make_phone(3))
    assert again != people[3]
    move_index(actor=SYSTEM)
    assert again.contact_points.get().ordinal == 1
    assert selectors.find_by_phone(make_phone(3)) == again


def test_who_joins_on_a_number_of_a_family_some_of_whom_are_gone_gets_a_free_place(people, keys):
    """The first place was erased, the second left: counting the places would give the second once more."""
    ContactPoint.objects.filter(member=people[3]).update(ordinal=1)
    Member.objects.filter(pk=people[3].pk).update(state=MemberState.LEFT)
    assert join(make_phone(3)).contact_points.get().ordinal == 2


def test_a_list_that_comes_while_it_moves_doubles_nobody(people, keys, monkeypatch, tmp_path):
    monkeypatch.setattr(indexing, "BATCH", 10)
    begin_index_rotation(actor=SYSTEM)
    indexing._move_batch(2, 0)
    path = tmp_path / "list.csv"
    rows = [f"Sunita Devi,{make_phone(number)},A1,hi" for number in (*range(25), 700)]
    path.write_text("\n".join(["name,phone,territory,language", *rows, ""]))
    report = import_members(actor=SYSTEM, drive_code="drive", path=path)
    assert (report.created, report.unchanged) == (1, 25)
    move_index(actor=SYSTEM)
    assert index_versions()[NUMBERS] == {2: 26}
    assert set(owners().values()) == {1}


@pytest.mark.django_db(transaction=True)
def test_people_who_join_twice_at_once_during_rotations_are_one_member_each(place, keys, monkeypatch):
    """Four visitors push the same numbers through the form while the key is exchanged again and again."""
    monkeypatch.setattr(indexing, "BATCH", 3)
    numbers = [make_phone(number) for number in range(30)]
    over = threading.Event()

    def visitor(order):
        return lambda: {number: join(number).pk for number in order}

    def operator():
        rounds = 0
        while not over.is_set() or rounds < 3:
            rotate()
            rounds += 1
            for version in sorted(keys)[:-1]:
                retire_index_key(actor=SYSTEM, version=version, dry_run=False)
        return rounds

    def visitors():
        try:
            orders = (numbers, numbers, numbers[::-1], numbers[15:] + numbers[:15])
            return at_once(*[visitor(order) for order in orders])
        finally:
            over.set()

    joined, rounds = at_once(visitors, operator)
    assert isinstance(rounds, int), rounds
    assert joined == [joined[0]] * 4, joined
    assert owners() == dict.fromkeys(numbers, 1)
    assert Member.objects.count() == 30
    assert set(index_versions()[NUMBERS]) == {max(keys)}


@pytest.mark.django_db(transaction=True)
def test_a_key_comes_only_when_nobody_is_adding_a_number(place, keys):
    """Somebody who has looked a number up under the old keys writes it before there is a new one."""
    looked_up, may_write, done = threading.Event(), threading.Event(), []

    def joiner():
        with transaction.atomic():
            join(make_phone(1))
            looked_up.set()
            may_write.wait(timeout=60)
            done.append("joined")

    def operator():
        looked_up.wait(timeout=60)
        threading.Timer(0.5, may_write.set).start()
        begin_index_rotation(actor=SYSTEM)
        done.append("added")

    assert at_once(joiner, operator) == [None, None]
    assert done == ["joined", "added"]


@pytest.mark.django_db(transaction=True)
def test_while_a_list_is_under_way_no_key_comes_or_goes(place, keys):
    inside, may_end = threading.Event(), threading.Event()

    def list_():
        with locking.keeping_index_keys():
            inside.set()
            may_end.wait(timeout=60)

    def operator():
        inside.wait(timeout=60)
        try:
            begin_index_rotation(actor=SYSTEM)
        finally:
            may_end.set()

    assert isinstance(at_once(list_, operator)[1], IndexKeyInUse)
    assert list(keys) == [1]
    assert begin_index_rotation(actor=SYSTEM) == 2


def test_a_machine_without_the_newest_key_adds_nobody(people, keys, settings, tmp_path):
    """Its file was copied before the rotation: it does not find who has moved, and would double them."""
    older = tmp_path / "older"
    older.mkdir(mode=0o700)
    (older / "secrets.json").write_bytes((tmp_path / "var" / "secrets.json").read_bytes())
    (older / "secrets.json").chmod(0o600)
    rotate()
    settings.TOLI_INDEX_KEYS = load(older).index_keys
    index_for.cache_clear()
    with pytest.raises(IndexKeyMissing):
        join(make_phone(3))
    with pytest.raises(IndexKeyMissing):
        locking.lock_all_numbers()
    assert Member.objects.count() == 25
    assert begin_index_rotation(actor=SYSTEM) == 1  # the newer key is lost for good: its numbers move to the older
    assert move_index(actor=SYSTEM) == 25
    assert join(make_phone(3)) == people[3]


# -- codes -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_code_that_was_sent_before_is_accepted_after(place, keys, monkeypatch):
    monkeypatch.setattr("toli.accounts.domain.codes.new_code", lambda: "123456")
    accounts.request_code(phone=make_phone(1), purpose="join", language="en")
    rotate()
    accounts.verify_code(phone=make_phone(1), purpose="join", code="123456")
    with pytest.raises(CodeExpired):
        accounts.verify_code(phone=make_phone(1), purpose="join", code="123456")


@pytest.mark.django_db(transaction=True)
def test_an_earlier_code_stops_working_also_when_the_key_changed_in_between(place, keys, monkeypatch):
    monkeypatch.setattr("toli.accounts.domain.codes.new_code", lambda: "111111")
    accounts.request_code(phone=make_phone(1), purpose="join", language="en")
    rotate()
    accounts.request_code(phone=make_phone(1), purpose="join", language="en")
    assert OneTimeCode.objects.filter(expires_at__gt=clock.now()).count() == 1


# -- retiring --------------------------------------------------------------------------------------


def test_a_key_that_finds_numbers_cannot_be_retired(people, keys):
    begin_index_rotation(actor=SYSTEM)
    with pytest.raises(IndexKeyInUse):
        retire_index_key(actor=SYSTEM, version=1, dry_run=False)
    assert sorted(keys) == [1, 2]


@pytest.mark.parametrize("version", [2, 7])
def test_the_key_in_use_and_one_that_does_not_exist_cannot_be_retired(people, keys, version):
    rotate()
    with pytest.raises(IndexKeyNotFound):
        retire_index_key(actor=SYSTEM, version=version, dry_run=False)


def test_open_codes_hold_a_key_and_used_up_ones_go_with_it(people, keys):
    now = clock.now()
    code = OneTimeCode.objects.create(
        address_index=index_for("phone").of(make_phone(1)),
        purpose="join",
        code_hash=b"",
        created_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    rotate()
    with pytest.raises(IndexKeyInUse):
        retire_index_key(actor=SYSTEM, version=1, dry_run=False)
    OneTimeCode.objects.filter(pk=code.pk).update(expires_at=now)
    retire_index_key(actor=SYSTEM, version=1)
    assert OneTimeCode.objects.filter(pk=code.pk).exists()
    assert sorted(keys) == [1, 2]
    retire_index_key(actor=SYSTEM, version=1, dry_run=False)
    assert not OneTimeCode.objects.filter(pk=code.pk).exists()
    assert index_versions()[CODES] == {}
