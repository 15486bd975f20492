"""The access matrix: every route x method x role x place, asked for real, judged by what the view declares."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLPattern
from django.utils import timezone

from tests import pictures
from tests.matrix.stage import ASKER, PLACES, Person, Stage, count_mark, marks, phone_of, phones
from toli.content.models import KitVideo, KitVideoFile
from toli.dues.services import dispute_path
from toli.web.urls import urlpatterns

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ALLOWED = ("GET", "HEAD", "POST")
Find = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Subject:
    """What the parameters of a route stand for. ``find`` gives them for the things of one place.

    ``reach``: who may touch it besides those whose area it lies in: ``area`` nobody, ``key`` whoever holds
    the address (it is a secret), ``own`` only the person it belongs to, ``line`` members below the place
    (``shared``: also to look at), ``asker`` whoever asked for the list, ``others`` everybody but them.
    """

    find: Find
    reach: str = "area"
    fields: Find = field(default=lambda things: {})  # what is posted; alone it makes no object of a GET
    tells: bool = False  # posting these fields is an act that shows the full number of the place's member


def _work(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"work_id": things["work"].pk}


def _nothing(things: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _invite(things: Mapping[str, Any]) -> str:
    return f"https://chat.whatsapp.com/{things['code'] * 22:.22}"


def _card(things: Mapping[str, Any]) -> dict[str, str]:
    _empty, _v, face, signature = things["card"].split("/")
    return {"face": face, "signature": signature}


def _request(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"request_id": things["request"].pk}


def _erasure(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"request_id": things["erasure"].pk}


def _kit_step(verb: str) -> Subject:
    return Subject(
        lambda things: {"kit_id": things["draft"].pk, "verb": verb},
        fields=lambda things: {"reason": "test", "territory": things["code"]},
    )


def _picture(fields: Find) -> Subject:
    return Subject(lambda things: {"kit_id": things["draft"].pk}, fields=fields)


def _film_poster(file: KitVideoFile) -> str:
    return KitVideo.objects.get(kit_id=file.kit_id).poster_digest


def _file(_things: Mapping[str, Any]) -> dict[str, Any]:
    found = SimpleUploadedFile("a.png", SMALL_PICTURE, content_type="text/html")
    return {"picture": found, "alt_hi": "सूची", "alt_en": "A list"}


def _paper(_things: Mapping[str, Any]) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7\n%%EOF", content_type="text/html")}


def _poll(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"act": "add", "phase": "1", "closes_at": "2031-01-01T18:00", "areas": things["code"]}


def _member(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"member_id": things["member"].pk}


def _searched(find: Find) -> Subject:
    return Subject(lambda things: {"code": things["code"]}, fields=find)


def _list(name: str, reach: str = "area") -> Subject:
    return Subject(lambda things: {"export_id": things[name].pk}, reach)


def _import(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"run_id": things["import"].pk}


def _role(things: Mapping[str, Any]) -> dict[str, str]:
    until = timezone.localdate() + timedelta(days=30)
    return {"login": things["newcomer"], "role": "coordinator", "until": until.isoformat()}


CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.000\nसूची\n".encode()
SMALL_PICTURE = pictures.picture("PNG", size=(16, 16))
OFFER = {"grade": "active", "active-months": "36", "active-fee": "100", "active-currency": "INR"}
OFFER |= {"active-grace_days": "30", "active-least_months": "6"}
LIST = {"columns": ["name", "phone"], "purpose": "for the meeting"}


def _drive(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": things["drive"].code}


def _breach(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"case_id": things["breach"].pk}


def _complaint(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"complaint_id": things["complaint"].pk}


def _check(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"case_id": things["check"].pk}


def _calls(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"sample_id": things["calls"].pk}


def _call(verb: str, fields: Find = _nothing, *, tells: bool = False) -> Subject:
    return Subject(lambda things: {**_calls(things), "place": 1, "verb": verb}, fields=fields, tells=tells)


def _migration(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"migration_id": things["migration"].pk}


def _plan_of(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"plan_hash": things["migration"].plan_hash}


def _roll(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"roll_id": things["roll"].pk}


YESTERDAY = (timezone.localdate() - timedelta(days=1)).isoformat()
INCIDENT = {"title": "A list was taken", "began_at": "2026-01-01T10:00", "ended_at": "2026-01-02T10:00"}

# What stands behind the parameters of each route. A route that is not here fails the test.
SUBJECTS: dict[str, tuple[Subject, ...]] = {
    "V/<str:face>/<str:signature>": (Subject(_card, "key"),),
    "a/<str:token>": (Subject(lambda things: {"token": "made-up"}, "key"),),
    "w/<str:token>": (Subject(lambda things: {"token": things["welcome"][3:]}, "key"),),
    "c/<str:token>": (
        Subject(lambda things: {"token": things["stop"][3:]}, "key", lambda things: {"what": "all"}),
        Subject(lambda things: {"token": things["citizen_stop"][3:]}, "key", lambda things: {"what": "all"}),
        Subject(lambda things: {"token": "made-up"}, "key"),
    ),
    "c/<str:token>/now": (
        Subject(lambda things: {"token": things["stop"][3:]}, "key", lambda things: {"List-Unsubscribe": "One-Click"}),
        Subject(lambda things: {"token": "made-up"}, "key"),
    ),
    "j/<str:code>": (Subject(lambda things: {"code": things["join"]}, "key"),),
    "o/<str:code>": (Subject(lambda things: {"code": things["own"]}, "key"),),
    "s/<str:code>": (Subject(lambda things: {"code": things["share"]}, "key"),),
    "m/<slug:digest>.jpg": (
        Subject(lambda things: {"digest": things["pictured"].digest}, "key"),
        Subject(lambda things: {"digest": things["drafted"].digest}, "key"),
    ),
    "m/<slug:digest>.mp4": (
        Subject(lambda things: {"digest": things["filmed"].digest}, "key"),
        Subject(lambda things: {"digest": things["draft_film"].digest}, "key"),
    ),
    "m/<slug:digest>/<slug:language>.vtt": (
        Subject(lambda things: {"digest": _film_poster(things["filmed"]), "language": "hi"}, "key"),
        Subject(lambda things: {"digest": _film_poster(things["draft_film"]), "language": "hi"}, "key"),
    ),
    "me/share/<slug:code>/<slug:channel>": (
        Subject(lambda things: {"code": things["live"].code, "channel": "whatsapp"}, "line"),
    ),
    **{
        f"me/poster/<slug:code>{file}": (Subject(lambda things: {"code": things["live"].code}, "shared"),)
        for file in ("", "/small.webp", ".webp", ".jpg")
    },
    "me/group/<slug:act>": tuple(
        Subject(lambda things, act=act: {"act": act}, "own") for act in ("go", "joined", "leave")
    ),
    "console/t/<str:code>": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/groups": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/divide": (Subject(lambda things: {"code": things["code"]}),),
    "console/migrations/<int:migration_id>": (Subject(_migration),),
    "console/migrations/<int:migration_id>/<slug:verb>": tuple(
        Subject(lambda things, verb=verb: {**_migration(things), "verb": verb}, fields=_plan_of)
        for verb in ("approve", "pause", "resume", "rollback", "drop")
    ),
    "console/t/<str:code>/members": (
        _searched(lambda things: {"number": things["phone"]}),
        _searched(lambda things: {"number": things["number"]}),
        *(
            _searched(lambda things, kind=kind, place=place: {"number": things["elsewhere"][place][kind]})
            for place in ("twin", "other")
            for kind in ("phone", "number")
        ),
    ),
    "console/members/<int:member_id>": (Subject(_member),),
    "console/duplicates/<int:pair_id>": (
        Subject(lambda things: {"pair_id": things["pair"].pk}),
        Subject(lambda things: {"pair_id": things["pair"].pk}, fields=lambda _things: {"answer": "two"}),
        Subject(lambda things: {"pair_id": things["pair"].pk}, fields=lambda _things: {"answer": "same"}),
    ),
    "console/merges/<int:merge_id>/undo": (Subject(lambda things: {"merge_id": things["merge"].pk}),),
    "console/members/<int:member_id>/reveal": (
        Subject(_member),
        Subject(_member, fields=lambda _things: {"reason": "call_back", "note": "asked to be called"}, tells=True),
    ),
    "console/members/<int:member_id>/card": (
        Subject(_member),
        Subject(_member, fields=lambda _things: {"act": "end", "reason": "reported lost"}),
        Subject(_member, fields=lambda _things: {"act": "replace", "reason": "reported lost"}),
    ),
    "console/members/<int:member_id>/request": (
        Subject(_member),
        Subject(_member, fields=lambda _things: {"kind": "complaint", "words": "said on the telephone"}),
    ),
    "me/data/copy": (Subject(_nothing, "own", tells=True),),
    "me/data/ask/<slug:kind>": tuple(
        Subject(lambda _things, kind=kind: {"kind": kind}, "own", lambda _things: {"words": "my brother"})
        for kind in ("nomination", "complaint")
    ),
    "console/breaches/new": (
        Subject(_nothing, "posted", lambda things: {**INCIDENT, "territory_code": things["code"]}),
    ),
    "console/breaches/<int:case_id>": (Subject(_breach),),
    "console/breaches/<int:case_id>/<slug:verb>": tuple(
        Subject(lambda things, verb=verb: {**_breach(things), "verb": verb}, fields=lambda things: {"happened_en": "x"})
        for verb in ("describe", "look-again", "ask", "take-back", "approve", "board-first", "board-full", "close")
    ),
    "console/checks/<int:case_id>": (Subject(_check),),
    "console/checks/<int:case_id>/<slug:verb>": tuple(
        Subject(
            lambda things, verb=verb: {**_check(things), "verb": verb},
            fields=lambda _things: {"reason": "we called them"},
        )
        for verb in ("release", "refuse", "restore", "close")
    ),
    "console/wishes/<int:wish_id>/<slug:verb>": tuple(
        Subject(
            lambda things, verb=verb: {"wish_id": things["wish"].pk, "verb": verb},
            fields=lambda _things: {"note": "we spoke with them"},
        )
        for verb in ("accept", "refuse")
    ),
    "console/members/<int:member_id>/transfer": (
        Subject(_member),
        Subject(_member, fields=lambda _things: {"territory": "B1"}),
    ),
    "console/t/<str:code>/calls": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/calls/new": (
        Subject(lambda things: {"code": things["code"]}),
        Subject(
            lambda things: {"code": things["code"]}, fields=lambda things: {"size": "5", "caller": things["caller"]}
        ),
    ),
    "console/calls/<int:sample_id>": (Subject(_calls),),
    "console/calls/<int:sample_id>/hand": (Subject(_calls, fields=lambda things: {"caller": things["caller"]}),),
    "console/calls/<int:sample_id>/<int:place>/<slug:verb>": (
        _call("number", tells=True),
        _call("outcome", lambda _things: {"outcome": "confirmed"}),
        _call("outcome", lambda _things: {"outcome": "not_asked"}),
    ),
    "console/rights/<int:request_id>": (Subject(_request), Subject(_erasure)),
    "console/rights/<int:request_id>/<slug:verb>": tuple(
        Subject(
            lambda things, verb=verb, find=find: {**find(things), "verb": verb},
            fields=lambda things: {"answer": "It was corrected.", "move_to": things["code"]},
        )
        for verb in ("answer", "refuse", "erase")
        for find in (_request, _erasure)
    ),
    "complain/<str:token>": (
        Subject(lambda things: {"token": things["complaint_token"]}, "key"),
        Subject(lambda _things: {"token": "made-up"}, "key"),
    ),
    "console/complaints/<int:complaint_id>": (Subject(_complaint),),
    "console/complaints/<int:complaint_id>/<slug:verb>": tuple(
        Subject(
            lambda things, verb=verb: {**_complaint(things), "verb": verb},
            fields=lambda _things: {"answer": "We spoke with them."},
        )
        for verb in ("take", "answer")
    ),
    "console/t/<str:code>/dues": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/receipts": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/payments": (
        Subject(lambda things: {"code": things["code"]}),
        Subject(
            lambda things: {"code": things["code"]},
            fields=lambda things: {"act": "confirm", "reference": things["owed"].reference},
        ),
        *(
            Subject(
                lambda things: {"code": things["code"]},
                fields=lambda things, there=there: {
                    "act": "confirm",
                    "reference": things["elsewhere"][there]["owed"].reference,
                },
            )
            for there in ("twin", "other")
        ),
    ),
    "console/receipts/<int:receipt_id>": tuple(
        Subject(lambda things: {"receipt_id": things["receipt"].pk}, fields=lambda _things, fields=fields: fields)
        for fields in (
            {"act": "cancel", "reason": "pressed by mistake"},
            {"act": "answer", "answer": "given back"},
        )
    ),
    "console/members/<int:member_id>/dues": (
        Subject(_member),
        Subject(_member, fields=lambda _things: {"act": "promote"}),
    ),
    "console/drives/<slug:code>/offers": (
        Subject(lambda things: {"code": things["offering"]}),
        Subject(lambda things: {"code": things["offering"]}, fields=lambda _things: OFFER),
    ),
    "me/email/<str:token>": (Subject(lambda things: {"token": things["letter"]}, "receipt"),),
    "me/dues/<int:receipt_id>": (Subject(lambda things: {"receipt_id": things["receipt"].pk}, "receipt"),),
    "d/<str:token>": (
        Subject(lambda things: {"token": dispute_path(things["receipt"])[3:]}, "key"),
        Subject(lambda _things: {"token": "made-up"}, "key"),
    ),
    "console/t/<str:code>/rolls": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/rolls/new": tuple(
        Subject(lambda things: {"code": things["code"]}, fields=lambda _things, act=act: {"day": YESTERDAY, "act": act})
        for act in ("count", "draw")
    ),
    "console/rolls/<int:roll_id>": (Subject(_roll),),
    "console/rolls/<int:roll_id>/file/<slug:form>": (
        Subject(lambda things: {"roll_id": things["certified"].pk, "form": "csv"}),
    ),
    "console/rolls/<int:roll_id>/<slug:verb>": tuple(
        Subject(lambda things, verb=verb: {**_roll(things), "verb": verb})
        for verb in ("certify", "publish", "supplement")
    ),
    "console/rolls/<int:roll_id>/challenge": (
        Subject(lambda things: {"roll_id": things["certified"].pk}),
        Subject(
            lambda things: {"roll_id": things["certified"].pk},
            fields=lambda things: {"kind": "missing", "reason": "x", "who": "0"},
        ),
    ),
    "console/rolls/<int:roll_id>/supplements/<int:number>": (
        Subject(lambda things: {"roll_id": things["certified"].pk, "number": 1}),
    ),
    "console/rolls/challenges/<int:challenge_id>": (
        Subject(lambda things: {"challenge_id": things["challenge"].pk}, fields=lambda _things: {"note": "x"}),
    ),
    "me/data/rolls/<int:roll_id>": (Subject(lambda things: {"roll_id": things["certified"].pk}, "roll"),),
    "console/t/<str:code>/export": (
        Subject(lambda things: {"code": things["code"]}),
        Subject(lambda things: {"code": things["code"]}, fields=lambda _things: LIST),
    ),
    "console/t/<str:code>/print": (
        Subject(lambda things: {"code": things["code"]}),
        Subject(lambda things: {"code": things["code"]}, fields=lambda _things: {"purpose": "for the camp"}),
    ),
    "console/t/<str:code>/staff": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/staff/new": (
        Subject(lambda things: {"code": things["code"]}),
        Subject(lambda things: {"code": things["code"]}, fields=_role),
    ),
    "console/staff/<int:assignment_id>/end": (Subject(lambda things: {"assignment_id": things["assignment"].pk}),),
    "console/drives/<slug:code>": (Subject(_drive, "meets"),),
    "console/drives/<slug:code>/edit": (
        Subject(_drive),
        Subject(_drive, fields=lambda _things: {"act": "close"}),
    ),
    "console/drives/<slug:code>/posters/<str:territory>": (
        Subject(lambda things: {**_drive(things), "territory": things["code"]}),
    ),
    "console/drives/<slug:code>/posters/<str:territory>/file": (
        Subject(lambda things: {**_drive(things), "territory": things["code"]}),
    ),
    "console/exports/<int:export_id>/approve": (_list("waiting"), _list("asked", "others")),
    "console/exports/<int:export_id>/refuse": (_list("waiting"), _list("asked", "others")),
    "console/exports/<int:export_id>/link": (_list("ready", "asker"),),
    "console/imports/<int:run_id>": (Subject(_import, "asker"),),
    "console/imports/<int:run_id>/undo": (Subject(_import, "asker"),),
    "console/imports/<int:run_id>/errors.csv": (Subject(_import, "asker"),),
    "x/<str:token>": (Subject(lambda things: {"token": things["token"]}, "asker"),),
    "console/audit/<int:entry_id>": (Subject(lambda things: {"entry_id": things["entry"]}),),
    "console/groups/<int:group_id>": (Subject(lambda things: {"group_id": things["group"].pk}),),
    "console/groups/<int:group_id>/roster": (Subject(lambda things: {"group_id": things["group"].pk}),),
    "console/places/<int:place_id>/<slug:verb>": tuple(
        Subject(lambda things, verb=verb: {"place_id": things["place"].pk, "verb": verb})
        for verb in ("health", "test", "pause", "resume", "token")
    ),
    "console/bot/<int:group_id>/<slug:act>": tuple(
        Subject(lambda things, act=act: {"group_id": things["group"].pk, "act": act}) for act in ("test", "code")
    ),
    "hooks/groups/<slug:provider>": tuple(
        Subject(lambda _things, provider=provider: {"provider": provider}, "key")
        for provider in ("telegram_bot", "made-up")
    ),
    "console/groups/<int:group_id>/picture.png": (Subject(lambda things: {"group_id": things["group"].pk}),),
    "console/groups/<int:group_id>/<slug:verb>": tuple(
        Subject(lambda things, verb=verb: {"group_id": things["group"].pk, "verb": verb}, fields=fields)
        for verb, fields in {
            "link": lambda things: {"join_address": _invite(things)},
            "leak": _nothing,
            "second": _nothing,
            "handed": _nothing,
            "admins": lambda things: {"admin": "nobody"},
            "archive": _nothing,
            "rename": lambda things: {"name": "Renamed"},
            "community": lambda things: {"community": ""},
        }.items()
    ),
    "console/t/<str:code>/groups/new": (
        Subject(
            lambda things: {"code": things["code"]},
            fields=lambda things: {
                "kind": "whatsapp_group",
                "name": "Old friends",
                "join_address": _invite(things),
                "admin": "nobody",
                "people": "3",
            },
        ),
    ),
    "console/campaigns/<slug:code>": (
        Subject(
            lambda things: {"code": things["theme"].code},
            fields=lambda things: {
                "name_hi": "नाम",
                "name_en": things["theme"].name_en,
                "rules_hi": "",
                "rules_en": "Be kind.",
                "naming_pattern": things["theme"].naming_pattern,
                "description_hi": "",
                "description_en": "",
            },
        ),
    ),
    "console/t/<str:code>/communities": (Subject(lambda things: {"code": things["code"]}),),
    "console/t/<str:code>/waiting": (Subject(lambda things: {"code": things["code"]}),),
    "console/kits/<int:kit_id>": (Subject(lambda things: {"kit_id": things["draft"].pk}),),
    "console/kits/<int:kit_id>/picture.jpg": (Subject(lambda things: {"kit_id": things["draft"].pk}),),
    "console/kits/<int:kit_id>/picture": (
        _picture(_nothing),
        _picture(_file),
        _picture(lambda _things: {"act": "remove"}),
        _picture(lambda _things: {"alt_hi": "सूची", "alt_en": "A list"}),
        _picture(lambda _things: {"picture_address": "http://127.0.0.1/x.png", "alt_hi": "सूची", "alt_en": "A list"}),
    ),
    "console/kits/<int:kit_id>/video.jpg": (Subject(lambda things: {"kit_id": things["draft"].pk}),),
    "console/kits/<int:kit_id>/video/<slug:platform>.mp4": (
        Subject(lambda things: {"kit_id": things["draft"].pk, "platform": "whatsapp"}),
    ),
    "console/kits/<int:kit_id>/video": (
        _picture(_nothing),
        _picture(lambda _things: {"captions_hi": SimpleUploadedFile("a.vtt", CAPTIONS)}),
        _picture(lambda _things: {"act": "remove"}),
    ),
    "console/senders/new/<slug:provider>": (Subject(lambda _things: {"provider": "whatsapp_cloud"}, "key"),),
    "console/senders/<slug:code>": (Subject(lambda _things: {"code": "main"}, "key"),),
    "console/senders/<slug:code>/<slug:verb>": tuple(
        Subject(lambda _things, verb=verb: {"code": "main", "verb": verb}, "key") for verb in ("pause", "test", "off")
    ),
    "console/kits/<int:kit_id>/poster.webp": (Subject(lambda things: {"kit_id": things["draft"].pk}),),
    "console/kits/<int:kit_id>/poster": (
        _picture(_nothing),
        _picture(lambda _things: {"where": "on", "left": "5", "top": "60", "width": "60", "height": "30", "qr": "on"}),
    ),
    "console/delivery/<int:batch_id>": (Subject(lambda things: {"batch_id": things["batch"].pk}),),
    "console/delivery/<int:batch_id>/<slug:verb>": tuple(
        Subject(
            lambda things, verb=verb: {"batch_id": things["batch"].pk, "verb": verb}, fields=lambda _things: {"x": "x"}
        )
        for verb in ("stop", "resume", "cancel")
    ),
    "console/kits/<int:kit_id>/<slug:verb>": tuple(
        _kit_step(verb) for verb in ("submit", "approve", "reject", "release", "withdraw", "nonsense")
    ),
    "console/kits/<int:kit_id>/plan": (
        _picture(_nothing),
        _picture(
            lambda things: {
                "areas": things["code"],
                "channels": "assisted",
                "audiences": "members",
                "starts_at": "2031-01-01T09:00",
            }
        ),
    ),
    "console/kits/<int:kit_id>/cascade": (_picture(_nothing),),
    "console/kits/<int:kit_id>/recall": (Subject(lambda things: {"kit_id": things["recalled"].pk}, "meets"),),
    "console/plans/<int:plan_id>": (Subject(lambda things: {"plan_id": things["plan"].pk}),),
    "console/plans/<int:plan_id>/<slug:verb>": tuple(
        Subject(lambda things, verb=verb: {"plan_id": things["plan"].pk, "verb": verb})
        for verb in ("schedule", "cancel")
    ),
    "console/kits/<int:kit_id>/edit": (_picture(_nothing),),
    "console/kits/<int:kit_id>/review": (_picture(_nothing),),
    "console/kits/<int:kit_id>/platforms": (
        _picture(_nothing),
        _picture(lambda _things: {"sms_en": "Other words"}),
    ),
    "console/kits/<int:kit_id>/media/<slug:platform>.jpg": (
        Subject(lambda things: {"kit_id": things["draft"].pk, "platform": "x"}),
    ),
    "console/kits/<int:kit_id>/files/<slug:kind>": tuple(
        Subject(lambda things, kind=kind: {"kit_id": things["draft"].pk, "kind": kind}, fields=fields)
        for kind in ("certificate", "document")
        for fields in (_nothing, _paper)
    ),
    "console/elections/<slug:code>": (Subject(lambda _things: {"code": "by-election"}, "key"),),
    "console/elections/<slug:code>/change": (Subject(lambda _things: {"code": "by-election"}, "posted", _poll),),
    "e/<str:token>": (
        Subject(lambda things: {"token": things["invitation"][3:]}, "key"),
        Subject(lambda things: {"token": things["invitation"][3:]}, "key", lambda _things: {"answer": "not-me"}),
        Subject(lambda things: {"token": "made-up"}, "key"),
    ),
    "console/t/<str:code>/enrolments": (Subject(lambda things: {"code": things["code"]}),),
    "console/enrol/<int:application_id>/withdraw": (
        Subject(lambda things: {"application_id": things["application"].pk}),
    ),
    "console/enrol/devices/<int:device_id>/end": (
        Subject(lambda things: {"device_id": things["application"].device_id}),
    ),
    "console/work/<int:work_id>": (
        Subject(_work, "assignee", lambda things: {"done": "yes", "join_address": _invite(things)}),
    ),
    "console/work/<int:work_id>/take-over": (Subject(_work, "posted"),),
    "console/security/passkeys/<int:passkey_id>": tuple(
        Subject(lambda things: {"passkey_id": things["passkey"].pk}, "assignee", lambda _things, act=act: {"act": act})
        for act in ("rename", "remove")
    ),
    "console/security/sessions/<int:session_id>": (
        Subject(lambda things: {"session_id": things["session"].pk}, "assignee"),
    ),
    "me/devices/<int:session_id>": (Subject(lambda things: {"session_id": things["device"].pk}, "device"),),
    "console/kits/new": (Subject(_nothing, "posted", lambda things: {"territory": things["code"]}),),
}


# What is posted here is about the whole installation: who holds the permission in a part of it is refused.
FOR_THE_WHOLE = {"console/bot"}
# What is shown here as well.
WHOLLY_FOR_THE_WHOLE = {
    "console/senders",
    "console/senders/new/<slug:provider>",
    "console/senders/<slug:code>",
    "console/senders/<slug:code>/<slug:verb>",
}


@dataclass(frozen=True)
class Cell:
    route: str
    access: str
    method: str
    role: str
    place: str  # "" where the route has no object
    subject: Subject | None = None
    number: int = 0  # which of the route's subjects

    def __str__(self) -> str:
        return f"{self.method} /{self.route} #{self.number} as {self.role} at {self.place or '-'}"


def routes() -> list[URLPattern]:
    return list(urlpatterns)


def cells(pattern: URLPattern, roles: Iterator[str] | tuple[str, ...]) -> Iterator[Cell]:
    route, access = str(pattern.pattern), pattern.callback.access
    subjects: tuple[Subject | None, ...] = SUBJECTS.get(route, (None,))
    for number, subject in enumerate(subjects):
        for place in PLACES if subject else ("",):
            for role in roles:
                for method in METHODS:
                    yield Cell(route, access, method, role, place, subject, number)


def address(route: str, subject: Subject | None, things: Mapping[str, Any]) -> str:
    """The path of the route with the things put in that its parameters stand for."""
    for name, value in (subject.find(things) if subject else {}).items():
        for converter in ("str", "int", "slug"):
            route = route.replace(f"<{converter}:{name}>", str(value))
    return "/" + route


def ask(stage: Stage, cell: Cell) -> HttpResponse:
    """The answer; whatever it changed is undone."""
    path = address(cell.route, cell.subject, stage.of(cell.place) if cell.subject else {})
    client = stage.roles[cell.role].client
    session = client.cookies.output()
    with transaction.atomic():
        call = getattr(client, cell.method.lower())
        answer = call(path, _posted(stage, cell)) if cell.method == "POST" else call(path)
        transaction.set_rollback(True)
    if client.cookies.output() != session:  # a page that signs out must not sign out the other cells
        client.cookies.load({name: morsel.value for name, morsel in _jar(session).items()})
    return answer


def asking(stage: Stage) -> Callable[[Cell], HttpResponse]:
    """As :func:`ask`, but what the same person asked in the same words before is not asked again.

    Things of several subjects and places may stand behind one address. What an answer changed is undone, so that the
    same question has the same answer; each cell is judged all the same.
    """
    answers: dict[tuple[str, ...], HttpResponse] = {}

    def ask_once(cell: Cell) -> HttpResponse:
        question = _question(stage, cell)
        if question is None:
            return ask(stage, cell)
        if question not in answers:
            answers[question] = ask(stage, cell)
            answers[question].context = None  # what the page was made of is not judged, and takes much room
        return answers[question]

    return ask_once


def _question(stage: Stage, cell: Cell) -> tuple[str, ...] | None:
    """What is asked by whom; None for files, of which nobody can say that they are the same."""
    posted = _posted(stage, cell) if cell.method == "POST" else {}
    if not all(isinstance(value, str | int | list) for value in posted.values()):
        return None
    path = address(cell.route, cell.subject, stage.of(cell.place) if cell.subject else {})
    return cell.role, cell.method, path, repr(posted)


def _posted(stage: Stage, cell: Cell) -> dict[str, Any]:
    return dict(cell.subject.fields(stage.of(cell.place))) if cell.subject else {}


def _jar(text: str) -> Any:
    from http.cookies import SimpleCookie

    jar: Any = SimpleCookie()
    for line in text.splitlines():
        jar.load(line.removeprefix("Set-Cookie: "))
    return jar


def verdict(stage: Stage, cell: Cell, answer: HttpResponse) -> str:
    """Empty when the answer is what the declaration promises, else what is wrong."""
    role = stage.roles[cell.role]
    wanted = expected(role, cell)
    if not wanted(answer):
        return f"{cell}: answered {answer.status_code} {answer.headers.get('Location', '')}, not {wanted.__name__}"
    shown = _betrayed(role, cell, answer)
    return f"{cell}: shows {shown}" if shown else ""


def expected(role: Person, cell: Cell) -> Callable[[HttpResponse], bool]:
    """What may be answered, from the view's declaration, the role's permissions and the place alone."""
    if cell.method not in ALLOWED:
        return not_a_method
    if cell.access == "public":
        return anything_but_an_error
    if role.name == "anonymous":
        return the_way_to_sign_in
    if cell.access == "member":
        return _for_member(role, cell)
    if role.name == "member":
        return refused
    if cell.access == "staff":
        return open_ if _reaches(role, cell) else not_there
    if cell.access not in role.permissions:
        return refused
    if cell.route in WHOLLY_FOR_THE_WHOLE and role.places != frozenset(PLACES):
        return refused
    if cell.method == "POST" and cell.route in FOR_THE_WHOLE and role.places != frozenset(PLACES):
        return refused
    if cell.method == "POST" and cell.subject and cell.subject.reach == "others" and role.name == ASKER:
        return refused if cell.place in role.places else not_there
    return open_ if _reaches(role, cell) else not_there


def turned_away(role: Person, cell: Cell) -> bool:
    """Whether the declaration alone sends this person away, before anybody looks what they asked for."""
    if cell.access in {"public", "member"}:
        return cell.access == "member" and role.name != "member"
    return role.name in {"anonymous", "member"} or cell.access not in {"staff", *role.permissions}


def _for_member(role: Person, cell: Cell) -> Callable[[HttpResponse], bool]:
    if role.name != "member":
        return the_desk
    if cell.subject and cell.subject.reach == "line" and cell.method == "POST":
        return open_ if cell.place in {"below", "own", "parent"} else not_for_them
    if cell.subject and cell.subject.reach == "shared":  # whoever lives below may see it, others not even that
        return open_ if cell.place in {"below", "own", "parent"} else not_for_them
    if cell.subject and cell.subject.reach == "roll":  # of the member's own place, or of one above it
        return open_ if cell.place in {"below", "own", "parent"} else not_for_them
    if cell.subject and cell.subject.reach == "receipt":
        return open_ if cell.place == "below" else not_for_them
    if cell.subject and cell.subject.reach == "device" and cell.method == "POST":
        return open_ if cell.place == "below" else not_for_them
    return open_


def _reaches(role: Person, cell: Cell) -> bool:
    if cell.subject is None or cell.subject.reach in {"key", "own"}:
        return True
    if cell.subject.reach == "meets" and cell.place == "parent":
        return bool(role.places)
    if cell.subject.reach == "posted" and cell.method != "POST":
        return True
    if cell.subject.reach == "assignee":
        return cell.method != "POST" or (role.name == "coordinator" and cell.place == "own")
    if cell.subject.reach == "asker" and role.name != ASKER:
        return False
    return cell.place in role.places


def _betrayed(role: Person, cell: Cell, answer: HttpResponse) -> list[str]:
    """Marks of places that this person may not look into, and full numbers of anybody."""
    text = answer.content.decode(errors="replace")
    allowed = set(role.places) | ({"below"} if role.name == "member" else set())
    hidden = [mark for place in PLACES if place not in allowed for mark in marks(place)]
    if allowed != set(PLACES):
        hidden.append(count_mark(*PLACES))
    about = "below" if cell.subject and cell.subject.reach == "own" else cell.place  # where the member lives
    told = cell.subject is not None and cell.subject.tells and cell.method == "POST" and about in allowed
    own = phone_of(about) if told else ""
    return [mark for mark in (*hidden, *phones()) if mark in text and mark != own]


# -- answers ------------------------------------------------------------------------------------------


def open_(answer: HttpResponse) -> bool:
    if answer.status_code in {301, 302, 303}:
        return not answer.headers["Location"].startswith("/sign-in")
    return answer.status_code in {200, 400, 409}


def anything_but_an_error(answer: HttpResponse) -> bool:
    return answer.status_code < 500


def the_way_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")


def the_desk(answer: HttpResponse) -> bool:
    return answer.status_code == 303 and answer.headers["Location"] == "/console/"


def refused(answer: HttpResponse) -> bool:
    return answer.status_code == 403


def not_there(answer: HttpResponse) -> bool:
    return answer.status_code == 404


def not_for_them(answer: HttpResponse) -> bool:
    return answer.status_code in {400, 404}


def not_a_method(answer: HttpResponse) -> bool:
    return answer.status_code == 405
