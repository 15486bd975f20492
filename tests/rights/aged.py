"""One thing of each line of the schedule, whose term began at a given moment; each says whether it is still there."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests import factories as make
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import OneTimeCode, PasskeyChallenge, Session, SignInLink
from toli.assignments.models import Assignment
from toli.audit.models import AuditEntry
from toli.audit.services import recording, seal
from toli.botgroups.models import Code, Order, Presence, Update
from toli.cards.models import Card
from toli.chatgroups.models import Campaign, Outsider, Roster, Seat, SeatState, WaitingPlace
from toli.compliance.models import SendingRefusal
from toli.content.models import KitMedia, KitVideo
from toli.core import clock
from toli.core.models import EventRecord, LimitCounter
from toli.distribution.models import Distribution, Recall, RecallPlace, Relay
from toli.dues.models import Due
from toli.enrolment.models import Application, Arrival, CallSample, Case, CaseStep, State, Wish
from toli.enrolment.services.applications.ending import end
from toli.members import services as members
from toli.members.models import (
    Citizen,
    ConsentRecord,
    Export,
    ExportRow,
    ExportState,
    ImportChange,
    ImportProblem,
    ImportRun,
    Member,
    MemberState,
    Reveal,
)
from toli.members.services.exports import file as export_file
from toli.messaging.models import Batch, Inbound, Message, ReceivedCallback, Sender
from toli.rights.models import BreachAffected, BreachCase, RetentionRun, RightsRequest
from toli.sharing.models import Conversion, LinkOpen, OwnConversion, OwnLink, OwnLinkOpen, ShareLink
from toli.territories.models import Territory


def _there(row, **fields):
    """Whether the row exists, with these values."""
    return lambda: type(row).objects.filter(pk=row.pk, **fields).exists()


def _token():
    return os.urandom(16)


def _limit(moment):
    return _there(LimitCounter.objects.create(key=_token(), name="x", hits=1, ends_at=moment))


def _event(moment):
    return _there(EventRecord.objects.create(name="Old", payload={}, delivered_at=moment))


def _job(moment):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('default', 'x', 'failed') RETURNING id"
        )
        (job,) = cursor.fetchone()
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job])
        cursor.execute("INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'failed', %s)", [job, moment])
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, job_id) VALUES ('x', %s, %s)",
            [job, job],
        )

    def there():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE id = %s", [job])
            return bool(cursor.fetchone()[0])

    return there


def _entry(moment):
    real = recording.clock.now
    recording.clock.now = lambda: moment
    try:
        recording.record(actor_kind="system", actor_id=None, action="old.thing", target="x:1")
    finally:
        recording.clock.now = real
    entry = AuditEntry.objects.latest("pk")
    return _there(entry)


def _code(moment):
    code = OneTimeCode(address_index=_token(), purpose="join", code_hash=b"", created_at=moment, expires_at=moment)
    code.save()
    return _there(code)


def _link(moment):
    return _there(SignInLink.objects.create(token_hash=_token(), account=make.make_account(), expires_at=moment))


def _session(moment):
    row = make.make_session(make.make_account())
    Session.objects.filter(pk=row.pk).update(ends_at=moment)
    return _there(row)


def _challenge(moment):
    return _there(PasskeyChallenge.objects.create(challenge_hash=_token(), purpose="sign", expires_at=moment))


def _texts(moment):
    return _file(Path(settings.OUTBOX_DIR), f"{moment:%Y%m%d}.jsonl", moment)


def _mail(moment):
    return _file(Path(settings.MAIL_DIR), f"{moment:%Y%m%dT%H%M%S}-0a.eml", moment)


def _file(folder, name, moment):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("{}\n")
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path.exists


def _role(moment):
    role, _new = Role.objects.get_or_create(code="old", defaults={"name_en": "Old", "permissions": []})
    place = Territory.objects.get(code="07")
    row = RoleAssignment(
        account=make.make_account(), role=role, territory=place, valid_from="2020-01-01", valid_to=moment.date()
    )
    row.save()
    return _there(row)


def _export(moment, **fields):
    place = Territory.objects.get(code="07")
    return make.make_export(place, make.make_account(), **{"asked_at": moment, "state": ExportState.DELETED, **fields})


def _list_file(moment):
    export = _export(moment, state=ExportState.READY, expires_at=moment)
    export_file.write(export.pk, "name")
    path = Path(settings.EXPORTS_DIR) / f"{export.pk}.sealed"
    return lambda: path.exists() and Export.objects.filter(pk=export.pk, state=ExportState.READY).exists()


def _list_row(moment):
    row = ExportRow(export=_export(moment), member=make.make_member("A1"), ref="X" * 10)
    row.save()
    return _there(row)


def _reveal(moment, member=None):
    row = Reveal(account=make.make_account(), member=member or make.make_member("A1"), note="asked", at=moment)
    row.save()
    return _there(row)


def _run(moment):
    return ImportRun.objects.create(
        drive=make.make_drive(), file_name="Asha.csv", file_sha256="0" * 64, started_at=moment, state="done"
    )


def _problem(moment):
    return _there(ImportProblem.objects.create(run=_run(moment), row=1, code="x"))


def _change(moment):
    member = make.make_member("A1")
    values = {"name": "Asha", "territory": member.territory, "language": "hi", "at": moment}
    return _there(ImportChange.objects.create(run=_run(clock.now()), member=member, **values))


def _consent(moment):
    member = make.make_member("A1")
    row = ConsentRecord(
        member=member, purpose="content", channel="sms", given=True, notice_version="1", language="hi", at=moment
    )
    row.save()
    Member.objects.filter(pk=member.pk).update(state=MemberState.ERASED, updated_at=moment)
    return _there(row)


def _citizen(moment):
    """Their number goes; that they had agreed stays."""
    row = make.make_citizen("A1", agreed_at=moment)
    return _there(row, ended_at=None)


def _citizen_proof(moment):
    row = make.make_citizen("A1")
    members.end_agreement(actor=SYSTEM, citizen_id=row.pk, language="hi", page="withdrawal link")
    Citizen.objects.filter(pk=row.pk).update(ended_at=moment)
    return _there(row)


def _card(moment):
    card = make.make_card(make.make_member("A1"), revoked_at=moment, revoked_because="lost")
    return _there(Card.objects.get(pk=card.pk), revoked_because="lost")


def _application(moment):
    found = make.make_application("A1")
    end(found, State.EXPIRED, "")
    Application.objects.filter(pk=found.pk).update(ended_at=moment)
    return _there(found)


def _counted(moment):
    found = make.make_application("A1", received_at=moment, block_key=b"block", name_key=b"name")
    return _there(found, block_key=b"block", name_key=b"name")


def _wish(moment):
    member = make.make_member("A1")
    return _there(Wish.objects.create(
        member=member, kind="promotion", territory=member.territory, state="refused", asked_at=moment,
        decided_at=moment,
    ))  # fmt: skip


def _frame(moment):
    sample = CallSample.objects.create(
        territory=Territory.objects.get(code="A1"), seed="0", frame=[1, 2], size=1, since=moment, drawn_at=moment,
        closed_at=moment, caller=make.make_account(),
    )  # fmt: skip
    return _there(sample, frame=[1, 2])


def _arrival(moment):
    return _there(Arrival.objects.create(member=make.make_member("A1"), at=moment, block_key=_token()))


def _check_words(moment):
    case = Case.objects.create(
        kind="velocity", holds="device", source_key=_token(), territory=Territory.objects.get(code="A1"),
        state="closed", opened_at=moment, decided_at=moment,
    )  # fmt: skip
    return _there(CaseStep.objects.create(case=case, act="close", words="called five", at=moment), words="called five")


def _work(moment):
    row = Assignment.objects.create(
        kind="relay_kit", assignee=make.make_account(), territory=Territory.objects.get(code="07"),
        subject=f"relay:{_token().hex()}", details={"a": 1}, state="done", created_at=moment, due_at=moment,
        done_at=moment, answer={"said": "Asha came"},
    )  # fmt: skip
    return _there(row, answer={"said": "Asha came"})


def _group():
    return make.make_group(Campaign.objects.first() or make.make_campaign(), "A1")


def _outsider(moment):
    seen = Outsider.objects.create(group=_group(), number_hash=_token(), first_seen_at=moment, last_seen_at=moment)
    return _there(seen)


def _roster(moment):
    counts = ("people", "here", "here_by_name", "gone", "missing", "elsewhere", "strangers", "unknown_names")
    return _there(Roster.objects.create(group=_group(), at=moment, kind="list", **dict.fromkeys(counts, 0)))


def _update(moment):
    return _there(
        Update.objects.create(bot_id=1, number=_number(), content_sealed=b"", received_at=moment, done_at=moment)
    )


def _order(moment):
    order = Order.objects.create(
        bot_id=1, key=_token().hex(), act="leave", due_at=moment, made_at=moment, state="done", done_at=moment
    )
    return _there(order)


def _presence(moment):
    chat = make.make_kept_group(_group())
    return _there(Presence.objects.create(chat=chat, person_hash=_token(), inside=False, at=moment, number=1))


def _bot_code(moment):
    return _there(Code.objects.create(code_hash=_token(), group=_group(), made_at=moment, expires_at=moment))


def _number():
    return int.from_bytes(os.urandom(6))


def _seat(moment):
    seat = make.make_seat(make.make_member("A1"), _group(), state=SeatState.LEFT)
    Seat.objects.filter(pk=seat.pk).update(ended_at=moment)
    return _there(seat)


def _waiting(moment):
    member = make.make_member("A1")
    place = {"campaign": _group().campaign, "member": member, "territory": member.territory}
    return _there(WaitingPlace.objects.create(**place, since_at=moment, ended_at=moment))


def _open(moment):
    link = ShareLink.objects.create(
        code=_token().hex()[:12], kit=make.make_kit(), member=make.make_member("A1"), channel="whatsapp", opens=1,
        created_at=moment,
    )  # fmt: skip
    return _there(LinkOpen.objects.create(link=link, day=moment.date(), visitor=_token()))


def _own_open(moment):
    kit = make.make_kit()
    link = OwnLink.objects.create(
        code=_token().hex()[:12], kit=kit, territory=kit.territory, platform="facebook", opens=1, created_at=moment
    )
    return _there(OwnLinkOpen.objects.create(link=link, day=moment.date(), visitor=_token()))


def _came_by(moment):
    link = ShareLink.objects.create(
        code=_token().hex()[:12], kit=make.make_kit(), member=make.make_member("A1"), channel="whatsapp", joined=1,
        created_at=moment,
    )  # fmt: skip
    return _there(Conversion.objects.create(link=link, member=make.make_member("A1"), at=moment))


def _came_by_own(moment):
    kit = make.make_kit()
    link = OwnLink.objects.create(
        code=_token().hex()[:12], kit=kit, territory=kit.territory, platform="citizens:sms", joined=1, created_at=moment
    )
    return _there(OwnConversion.objects.create(link=link, member=make.make_member("A1"), at=moment))


def _left(moment):
    member = make.make_member("A1", state=MemberState.LEFT, updated_at=moment)
    return _there(member, state=MemberState.LEFT, name="Sunita Devi")


def _lapsed(moment):
    member = make.make_member("A1", member_until=moment.date())
    return _there(member, state=MemberState.ACTIVE, name="Sunita Devi")


def _request(moment, **fields):
    member = make.make_member("A1")
    row = RightsRequest(
        member=member, territory=member.territory, kind="complaint", state="done", language="hi", filed_at=moment,
        not_before=moment, due_at=moment, closed_at=moment, **fields,
    )  # fmt: skip
    row.save()
    return row


def _words(moment):
    return _there(_request(moment, words_sealed=b"x"), words_sealed=b"x")


def _complaint(moment):
    return make.make_complaint("A1", answered_at=moment, state="answered", words_sealed=b"x")


def _case(moment, **fields):
    return BreachCase.objects.create(
        territory=Territory.objects.get(code="07"), title="Old", state="closed", closed_at=moment, aware_at=moment,
        began_at=moment, ended_at=moment, opened_at=moment, **fields,
    )  # fmt: skip


def _affected(moment):
    member = make.make_member("A1")
    row = BreachAffected(case=_case(moment), member=member, territory=member.territory, kinds=1, ways=1)
    row.save()
    return _there(row)


def _refused(moment):
    return _there(
        SendingRefusal.objects.create(
            refused_at=moment, rule="silence_window", channel="telegram", purpose="content", count=3
        )
    )


def _recall_reason(moment):
    relay = Relay.objects.create(
        distribution=Distribution.objects.create(
            kit=make.make_kit(), campaign=make.make_campaign(), territory=Territory.objects.get(code="A1"),
            created_at=moment,
        ),
        kit=make.make_kit(), group=_group(), language="hi", variant=0,
    )  # fmt: skip
    recall = Recall.objects.create(kit=relay.kit, begun_at=moment, deadline_at=moment)
    place = RecallPlace.objects.create(
        recall=recall, relay=relay, person=relay.group.admin, due_at=moment, done_at=moment, reason="left"
    )
    return _there(place, reason="left")


def _media(moment):
    kit = make.make_kit(valid_from=moment - timedelta(days=1), valid_until=moment)
    fields = {"source": "", "digest": _token().hex(), "width": 1, "height": 1, "data": b""}
    return _there(KitMedia.objects.create(kit=kit, platform="x", **fields))


def _picture(moment):
    return _there(make.make_picture(make.make_kit(valid_from=moment - timedelta(days=1), valid_until=moment)))


def _video(moment):
    kit = make.make_kit(valid_from=moment - timedelta(days=1), valid_until=moment)
    make.make_video(kit)
    return _there(KitVideo.objects.get(kit=kit))


def _video_file(moment):
    return _there(make.make_video(make.make_kit(valid_from=moment - timedelta(days=1), valid_until=moment)))


def _due(moment):
    member = make.make_member("A1")
    row = Due.objects.create(
        member=member, territory=member.territory, drive=member.drive, kind="joining", grade="primary", months=36,
        amount=100, currency="INR", reference=_token().hex()[:12], state="paid", created_at=moment, settled_at=moment,
    )  # fmt: skip
    return _there(row, member=member)


def _sender():
    return Sender.objects.get_or_create(
        code="aged", defaults={"name": "Aged", "provider": "whatsapp_cloud", "created_at": clock.now()}
    )[0]


def _message(moment):
    """Who was written to is forgotten; that somebody was, stays."""
    member = make.make_member("A1")
    batch = Batch.objects.create(
        sender=_sender(), territory=member.territory, purpose="membership", content={}, created_at=moment,
        expires_at=moment,
    )  # fmt: skip
    message = Message.objects.create(
        batch=batch, sender=batch.sender, member=member, state="sent", created_at=moment, ready_at=moment,
        sent_at=moment,
    )  # fmt: skip
    return _there(message, member=member)


AGED = {
    "core.limits": _limit,
    "core.events": _event,
    "core.jobs": _job,
    "audit.entries": _entry,
    "accounts.codes": _code,
    "accounts.links": _link,
    "accounts.sessions": _session,
    "accounts.challenges": _challenge,
    "accounts.texts": _texts,
    "accounts.mail_files": _mail,
    "access.roles": _role,
    "members.list_files": _list_file,
    "members.list_rows": _list_row,
    "members.import_files": lambda moment: _file(Path(settings.IMPORTS_DIR), f"{moment:%s}", moment),
    "members.lists": lambda moment: _there(_export(moment)),
    "members.reveals": _reveal,
    "members.import_changes": _change,
    "members.import_problems": _problem,
    "members.import_names": lambda moment: _there(_run(moment), file_name="Asha.csv"),
    "members.consents": _consent,
    "members.citizens": _citizen,
    "members.citizen_proofs": _citizen_proof,
    "compliance.refusals": _refused,
    "content.pictures": _picture,
    "content.media": _media,
    "content.videos": _video,
    "content.video_files": _video_file,
    "distribution.reasons": _recall_reason,
    "cards.reasons": _card,
    "dues.dues": _due,
    "messaging.messages": _message,
    "messaging.inbound": lambda moment: _there(
        Inbound.objects.create(sender=_sender(), ref=_token().hex(), kind="text", received_at=moment)
    ),
    "messaging.callbacks": lambda moment: _there(
        ReceivedCallback.objects.create(sender=_sender(), body_sealed=b"", received_at=moment, problem="unreadable")
    ),
    "messaging.mailbox": lambda moment: _there(
        make.make_mailbox(make.make_member("A1"), token=_token().hex(), added_at=moment)
    ),
    "enrolment.applications": _application,
    "enrolment.arrivals": _arrival,
    "enrolment.counted": _counted,
    "enrolment.frames": _frame,
    "enrolment.wishes": _wish,
    "enrolment.words": _check_words,
    "assignments.notes": _work,
    "botgroups.updates": _update,
    "botgroups.orders": _order,
    "botgroups.presences": _presence,
    "botgroups.codes": _bot_code,
    "chatgroups.outsiders": _outsider,
    "chatgroups.rosters": _roster,
    "chatgroups.seats": _seat,
    "chatgroups.waiting": _waiting,
    "sharing.chains": _came_by,
    "sharing.opens": _open,
    "sharing.own_opens": _own_open,
    "sharing.own_joins": _came_by_own,
    "rights.left": _left,
    "rights.lapsed": _lapsed,
    "rights.words": _words,
    "rights.requests": lambda moment: _there(_request(moment)),
    "rights.complaint_words": lambda moment: _there(_complaint(moment), words_sealed=b"x"),
    "rights.complaints": lambda moment: _there(_complaint(moment)),
    "rights.affected": _affected,
    "rights.cases": lambda moment: _there(_case(moment)),
    "rights.runs": lambda moment: _there(
        RetentionRun.objects.create(key=_token().hex(), before=moment, started_at=moment, finished_at=moment)
    ),
}


def settle():
    """Entries of the trail only go once they are sealed."""
    seal()
