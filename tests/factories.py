"""Rows for tests, made the short way. Journeys go through services; these set the stage only."""

import hashlib
import itertools
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from tests.pictures import picture as a_picture
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.accounts.domain.sessions import stored_key
from toli.accounts.models import Account, AccountKind, Passkey, Session
from toli.botgroups.models import Bot, Chat
from toli.cards.models import Card
from toli.chatgroups.domain.kinds import usual_kind
from toli.chatgroups.models import (
    ACTIVE_SEATS,
    Campaign,
    ChatGroup,
    GroupState,
    GroupTerritory,
    JoinLink,
    Migration,
    MigrationGroup,
    Platform,
    Seat,
    SeatState,
    Wave,
)
from toli.compliance.models import Organisation, OrganisationKind
from toli.compliance.services import clear_kit
from toli.content.models import (
    FileKind,
    Kit,
    KitFile,
    KitMedia,
    KitPicture,
    KitState,
    KitVideo,
    KitVideoFile,
    Rendition,
)
from toli.core.crypto import cipher_for, index_for
from toli.core.domain import base32
from toli.enrolment.models import Application, Device
from toli.enrolment.services.applications.numbers import seal_number
from toli.members.domain.names import kept_keys
from toli.members.models import Citizen, ContactKind, ContactPoint, Drive, Export, ExportState, Member, MemberSource
from toli.members.services import agree
from toli.messaging.mail_book import ADDRESS_CONTEXT
from toli.messaging.models import Batch, MailAddress, Message, Sender
from toli.posting.models import Place
from toli.rights.models import Complaint
from toli.rights.services import file_complaint
from toli.territories.models import Level, Node, Territory, Tree

_serial = itertools.count(1)
DRAWN = 700_000_000  # beyond the numbers that tests name, however many are drawn before them
LEVELS = ("country", "state", "zone", "district", "pc", "ac", "booth")


def make_levels() -> dict[str, Level]:
    """All standard levels and the main tree."""
    Tree.objects.get_or_create(code="main", defaults={"name_en": "Main", "is_main": True})
    return {
        code: Level.objects.get_or_create(
            code=code,
            defaults={"rank": rank * 10, "name_en": code, "plural_en": code + "s", "name_hi": code},
        )[0]
        for rank, code in enumerate(LEVELS)
    }


def make_territory(path: str, *, level: str | None = None) -> Territory:
    """The territory at ``IN/UP/07`` (codes from the root, without tree and closing slash), with those
    above it. Levels follow from the depth (country, state, zone, ac, booth) unless ``level`` is given."""
    levels = make_levels()
    tree = Tree.objects.get(code="main")
    default = ("country", "state", "zone", "ac", "booth")
    parent: Node | None = None
    codes = path.split("/")
    for depth, code in enumerate(codes):
        last = depth == len(codes) - 1
        wanted = level if last and level else default[min(depth, 4)]
        territory, _ = Territory.objects.get_or_create(
            code=code,
            defaults={"level": levels[wanted], "name_en": f"Place {code}", "name_hi": f"स्थान {code}"},
        )
        full = (parent.path if parent else "main/") + code + "/"
        parent, _ = Node.objects.get_or_create(
            tree=tree, territory=territory, valid_to=None, defaults={"parent": parent, "path": full}
        )
    return territory


def make_territories(*paths: str) -> dict[str, Territory]:
    """Several branches at once, by code. ``make_territories("IN/UP/07", "IN/UP/070")``."""
    for path in paths:
        make_territory(path)
    return {territory.code: territory for territory in Territory.objects.all()}


def make_account(*, kind: str = AccountKind.STAFF, name: str = "Asha Rao", language: str = "en") -> Account:
    serial = next(_serial)
    account = Account(login=f"user{serial}", kind=kind, display_name=name, language=language)
    account.set_unusable_password()
    account.save()
    return account


def make_actor(permissions: Mapping[str, str], *, account: Account | None = None) -> Actor:
    """A staff actor who holds each permission on the territory with the code given for it."""
    account = account or make_account()
    for permission, code in permissions.items():
        role, _ = Role.objects.get_or_create(
            code=f"only-{permission}", defaults={"name_en": permission, "permissions": [permission]}
        )
        RoleAssignment.objects.create(
            account=account,
            role=role,
            territory=Territory.objects.get(code=code),
            valid_from=date(2020, 1, 1),
        )
    return Actor(ActorKind.STAFF, account.pk, language=account.language)


def make_session(account: Account, *, device: str = "") -> Session:
    """Another browser in which the account is signed in."""
    now = timezone.now()
    return Session.objects.create(
        key=f"key{next(_serial)}",
        content=b"",
        account=account,
        device=device,
        created_at=now,
        last_seen_at=now,
        ends_at=now + timedelta(hours=1),
    )


def make_mailbox(member: Member, address: str = "asha@mail.example", *, token: str = "", **fields: Any) -> MailAddress:
    """A confirmed e-mail address; with ``token`` one that waits for its link to be opened."""
    now = timezone.now()
    waiting = {"token_hash": hashlib.sha256(token.encode()).digest(), "token_until": now + timedelta(days=1)}
    known = waiting if token else {"confirmed_at": now}
    made = MailAddress.objects.create(member=member, **{"added_at": now, **known, **fields})
    made.address_sealed = cipher_for(ADDRESS_CONTEXT).encrypt(address, row=made.pk)
    made.save(update_fields=["address_sealed"])
    return made


def make_passkey(account: Account, *, name: str = "Phone") -> Passkey:
    return Passkey.objects.create(
        account=account,
        credential_id=f"credential{next(_serial)}".encode(),
        public_key=b"",
        sign_count=0,
        name=name,
        created_at=timezone.now(),
    )


def make_coordinator(code: str, *, name: str = "Imran Khan") -> Account:
    """A staff account with all coordinator permissions on a territory."""
    from toli.access.domain.permissions import COORDINATOR

    account = make_account(name=name)
    role, _ = Role.objects.get_or_create(
        code="coordinator", defaults={"name_en": "Coordinator", "permissions": list(COORDINATOR)}
    )
    RoleAssignment.objects.create(
        account=account, role=role, territory=Territory.objects.get(code=code), valid_from=date(2020, 1, 1)
    )
    return account


def make_headquarters(code: str = "IN") -> Account:
    """A staff account with every permission on a territory."""
    from toli.access.domain.permissions import HEADQUARTERS

    account = make_account(name="Head Quarters")
    role, _ = Role.objects.get_or_create(
        code="headquarters", defaults={"name_en": "Headquarters", "permissions": list(HEADQUARTERS)}
    )
    RoleAssignment.objects.create(
        account=account, role=role, territory=Territory.objects.get(code=code), valid_from=date(2020, 1, 1)
    )
    return account


def make_organisation(kind: str = OrganisationKind.UNION) -> Organisation:
    return Organisation.objects.update_or_create(
        pk=1,
        defaults={
            "kind": kind,
            "name_en": "Jan Setu Union",
            "name_hi": "जन सेतु संघ",
            "imprint_en": "Published by Jan Setu Union, 1 Example Road, New Delhi",
            "imprint_hi": "प्रकाशक: जन सेतु संघ, 1 उदाहरण मार्ग, नई दिल्ली",
            "privacy_contact": "privacy@example.org",
            "quiet_from": time(0),  # never: no test depends on the hour in which it runs
            "quiet_until": time(0),
        },
    )[0]


def make_drive(code: str = "drive", *, territory: str = "IN", **fields: Any) -> Drive:
    defaults: dict[str, Any] = {
        "name_en": "Membership drive",
        "name_hi": "सदस्यता अभियान",
        "territory": Territory.objects.get(code=territory),
        "opens_on": date(2020, 1, 1),
        "closes_on": date(2099, 1, 1),
        "notice_version": "1",
    }
    return Drive.objects.get_or_create(code=code, defaults={**defaults, **fields})[0]


def make_phone(serial: int) -> str:
    """A number that cannot ring: Indian mobiles begin with 6 to 9."""
    return f"+910{serial:09d}"


def make_member(
    territory: Territory | str,
    *,
    name: str = "Sunita Devi",
    phone: str | None = None,
    carded: bool = False,
    **fields: Any,
) -> Member:
    place = territory if isinstance(territory, Territory) else Territory.objects.get(code=territory)
    serial = next(_serial)
    now = timezone.now()
    member = Member.objects.create(
        **{
            "name": name,
            "name_keys": kept_keys(name),
            "territory": place,
            "language": "hi",
            "source": MemberSource.IMPORT,
            "drive": fields.pop("drive", None) or make_drive(territory=place.code),
            "member_from": now.date(),
            "member_until": now.date() + timedelta(days=1000),
            "created_at": now,
            "updated_at": now,
            **fields,
        }
    )
    number = phone or make_phone(DRAWN + serial)
    point = ContactPoint.objects.create(
        member=member,
        kind=ContactKind.PHONE,
        value_sealed=b"",
        value_index=index_for("phone").of(number),
        tail_index=index_for("phone_tail").of(number[-4:]),
    )
    point.value_sealed = cipher_for("members_contactpoint.value").encrypt(number, row=point.pk)
    point.save()
    if carded:
        make_card(member)
    return member


def make_citizen(territory: str, **fields: Any) -> Citizen:
    """Somebody who is no member and agreed to hear from us by SMS."""
    citizen = agree(phone=make_phone(DRAWN + next(_serial)), territory_code=territory, channels=["sms"], language="hi")
    for name, value in fields.items():
        setattr(citizen, name, value)
    citizen.save()
    return citizen


def make_complaint(territory: str, *, words: str = "Somebody called me at night.", **fields: Any) -> Complaint:
    """What somebody without an account complained of, about the place. Read at ``/complain/`` and ``token``."""
    token = fields.pop("token", f"{next(_serial):022d}")
    complaint = file_complaint(actor=SYSTEM, token=token, about="behaviour", words=words, phone="", language="en")
    complaint.territory = Territory.objects.get(code=territory)
    for name, value in fields.items():
        setattr(complaint, name, value)
    complaint.save()
    return complaint


def make_card(member: Member, **fields: Any) -> Card:
    """A card row whose signature is not checked; tests of cards issue real ones."""
    today = timezone.localdate()
    return Card.objects.create(
        **{
            "member": member,
            "number": base32.with_checksum(base32.random_code(8)),
            "issued_on": today,
            "valid_until": today + timedelta(days=1000),
            "key_version": 1,
            "signature": b"\0" * 64,
            **fields,
        }
    )


def make_export(territory: Territory, account: Account, *, token: str = "", **fields: Any) -> Export:
    """A list that waits for approval, or in another state; with ``token`` there is a link to it."""
    now = timezone.now()
    ready = fields.get("state") == ExportState.READY
    return Export.objects.create(
        **{
            "territory": territory,
            "asked_by": account,
            "asked_at": now,
            "columns": ["name", "masked_phone"],
            "purpose": "for the meeting",
            "language": "en",
            "rows": 1,
            "state": ExportState.WAITING,
            "made_at": now if ready else None,
            "expires_at": now + timedelta(hours=24) if ready else None,
            "token_hash": hashlib.sha256(token.encode()).digest() if token else None,
            **fields,
        }
    )


def make_campaign(territory: str = "IN", **fields: Any) -> Campaign:
    serial = next(_serial)
    return Campaign.objects.create(
        **{
            "code": f"connect-{serial}",
            "name_en": "Connect 2029",
            "name_hi": "जुड़ाव 2029",
            "platform": Platform.WHATSAPP,
            "provider": "assisted",
            "capacity": 1024,
            "target_size": 900,
            "territory": Territory.objects.get(code=territory),
            **fields,
        }
    )


def make_group(campaign: Campaign, territory: str, **fields: Any) -> ChatGroup:
    """An open group that serves one territory."""
    serial = next(_serial)
    place = Territory.objects.get(code=territory)
    admin = fields.pop("admin", None) or make_account(name="Group Admin")
    group = ChatGroup.objects.create(
        **{
            "campaign": campaign,
            "kind": usual_kind(campaign.platform),
            "territory": place,
            "name": f"Group {serial}",
            "number": serial,
            "state": GroupState.OPEN,
            "capacity": campaign.capacity,
            "join_address": f"https://chat.whatsapp.com/Test{serial:018d}",
            "admin": admin,
            "created_at": timezone.now(),
            "opened_at": timezone.now(),
            **fields,
        }
    )
    GroupTerritory.objects.create(group=group, territory=place)
    return group


def make_kept_group(group: ChatGroup, **fields: Any) -> Chat:
    """The group on the platform, with a bot in it that set it up."""
    now = timezone.now()
    bot, _created = Bot.objects.get_or_create(
        pk=7_000_000_001,
        defaults={"provider": "telegram_bot", "username": "toli_bot", "address": "x", "connected_at": now},
    )
    return Chat.objects.create(
        **{
            "bot_id": bot.pk,
            "number": -1_000_000_000_000 - group.pk,
            "group": group,
            "inside": True,
            "seen_at": now,
            "standing_at": now,
            "ready_at": now,
            **fields,
        }
    )


def make_place(territory: str, **fields: Any) -> Place:
    """A channel on Telegram that a program may post to."""
    now = timezone.now()
    return Place.objects.create(
        **{
            "provider": "telegram_posts",
            "name": "News",
            "territory": Territory.objects.get(code=territory),
            "person": make_account(name="Keeper"),
            "config": {"chat_id": f"@news_{territory.lower().replace('-', '_')}"},
            "next_at": now,
            "created_at": now,
            **fields,
        }
    )


def make_seat(member: Member, group: ChatGroup, state: str = SeatState.JOINED) -> Seat:
    seat = Seat.objects.create(
        campaign=group.campaign, group=group, member=member, state=state, reserved_at=timezone.now()
    )
    if state in ACTIVE_SEATS:
        group.taken += 1
        group.save()
    return seat


def make_migration(group: ChatGroup, **fields: Any) -> Migration:
    """A division of a group's territory that waits for approval: one wave, one new group with the old one's name."""
    figures = {"members": 1, "groups": 1, "before": 1, "created": 1, "leaving": 1, "nobody": ""}
    migration = Migration.objects.create(
        **{
            "campaign": group.campaign,
            "territory": group.territory,
            "depth": make_levels()["booth"],
            "per_person": 5,
            "days": 7,
            "plan_hash": "0" * 64,
            "basis": "0" * 64,
            "figures": figures,
            "planned_by": group.admin,
            "planned_at": timezone.now(),
            **fields,
        }
    )
    wave = Wave.objects.create(migration=migration, number=1, new_groups=1, people=1)
    MigrationGroup.objects.create(
        migration=migration,
        wave=wave,
        position=0,
        territory=group.territory,
        label=group.name,
        serves=[group.territory_id],
        members=1,
        is_new=True,
    )
    return migration


def make_join_link(campaign: Campaign, territory: str) -> JoinLink:
    return JoinLink.objects.create(
        code=base32.with_checksum(base32.random_code(6)).lower(),
        campaign=campaign,
        territory=Territory.objects.get(code=territory),
    )


def make_kit(territory: str = "IN", *, state: str = KitState.LIVE, **fields: Any) -> Kit:
    """A kit with a Hindi and an English rendition, live now unless told otherwise."""
    serial = next(_serial)
    now: datetime = timezone.now()
    kit = Kit.objects.create(
        **{
            "code": f"kit-{serial}",
            "territory": Territory.objects.get(code=territory),
            "state": state,
            "act_url": "https://example.org/act",
            "valid_from": now - timedelta(days=1),
            "valid_until": now + timedelta(days=7),
            "created_by": make_account(name="Author"),
            "created_at": now,
            **fields,
        }
    )
    for language, title, text, label in (
        ("hi", "सूची में अपना नाम जाँचें", "नाम जाँचने में एक मिनट लगता है।", "नाम जाँचें"),
        ("en", "Check your name on the list", "Checking your name takes one minute.", "Check your name"),
    ):
        Rendition.objects.create(kit=kit, language=language, title=title, texts=[text, text + " 2"], act_label=label)
    if kit.state in {KitState.APPROVED, KitState.LIVE}:
        number, until = kit.certificate_number, kit.valid_until
        clear_kit(kit_id=kit.pk, certificate_number=number, valid_from=kit.valid_from, valid_until=until)
    return kit


def make_batch(territory: str, *, text: str = "Your meeting is today.", members: Sequence[Member] = ()) -> Batch:
    """Messages that were sent to these members, from a sender that everybody shares."""
    now = timezone.now()
    sender = Sender.objects.get_or_create(
        code="main", defaults={"name": "Office", "provider": "whatsapp_cloud", "created_at": now}
    )[0]
    batch = Batch.objects.create(
        sender=sender,
        territory=Territory.objects.get(code=territory),
        purpose="membership",
        content={"text": text},
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    for member in members:
        Message.objects.create(
            batch=batch, sender=sender, member=member, state="sent", created_at=now, ready_at=now, sent_at=now
        )
    return batch


def make_picture(kit: Kit, data: bytes | None = None, **fields: Any) -> KitPicture:
    """A picture of the kit. ``data`` may be any bytes: what is shown is not looked at again."""
    data = data or a_picture()
    return KitPicture.objects.create(
        **{
            "kit": kit,
            "digest": hashlib.sha256(data).hexdigest(),
            "width": 320,
            "height": 200,
            "alt": {"hi": "सूची पर एक निशान", "en": "A mark on a list"},
            "data": data,
            "added_at": timezone.now(),
            **fields,
        }
    )


def make_media(kit: Kit) -> None:
    """A picture for one platform, a certificate and a document. Nobody looks at their bytes."""
    digest = hashlib.sha256(kit.code.encode()).hexdigest()
    KitMedia.objects.create(
        kit=kit, platform="x", source=digest, digest=digest, width=16, height=9, data=f"media of {kit.code}".encode()
    )
    for kind in FileKind.values:
        KitFile.objects.create(kit=kit, kind=kind, digest=digest, data=b"%PDF-1.7\n%%EOF", added_at=timezone.now())


def prove(client: Any) -> None:
    """The person at a test's browser proved who they are a moment ago: opens what needs a step-up."""
    Session.objects.filter(key=stored_key(client.session.session_key)).update(proved_at=timezone.now())


def make_video(kit: Kit, data: bytes = b"a video", **fields: Any) -> KitVideoFile:
    """The video of the kit as it stands on pages, with its picture; no programs are needed for it."""
    KitVideo.objects.create(
        kit=kit, state="ready", progress=100, source=data, source_digest=hashlib.sha256(data).hexdigest(), seconds=1,
        poster=data, poster_digest=hashlib.sha256(data + b"poster").hexdigest(), added_at=timezone.now(), **fields,
    )  # fmt: skip
    return KitVideoFile.objects.create(
        kit=kit,
        platform="whatsapp",
        digest=hashlib.sha256(data).hexdigest(),
        width=640,
        height=360,
        size=len(data),
        data=data,
    )


def make_enrolment_device(account: Account, territory: str, **fields: Any) -> Device:
    """A coordinator's phone with a key that signs nothing."""
    serial = next(_serial)
    return Device.objects.create(
        **{
            "key_id": f"{serial:032x}",
            "account": account,
            "territory": Territory.objects.get(code=territory),
            "point": b"\x04" + b"\0" * 64,
            "name": "Android",
            "registered_at": timezone.now(),
            **fields,
        }
    )


def make_application(
    territory: str, *, name: str = "Sunita Devi", phone: str | None = None, **fields: Any
) -> Application:  # fmt: skip
    """Somebody whom a coordinator wrote down and who has not answered."""
    now = timezone.now()
    device = fields.pop("device", None) or make_enrolment_device(make_account(name="Helper"), territory)
    application = Application(
        **{
            "record_id": uuid.uuid4(),
            "fingerprint": b"",
            "device": device,
            "enroller": device.account,
            "drive": fields.pop("drive", None) or make_drive(),
            "territory": Territory.objects.get(code=territory),
            "name": name,
            "captured_at": now,
            "received_at": now,
            "expires_at": now + timedelta(days=7),
            **fields,
        }
    )
    seal_number(application, phone or make_phone(DRAWN + next(_serial)))
    application.save()
    return application
