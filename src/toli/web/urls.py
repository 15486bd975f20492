"""Every page there is."""

from django.urls import path

from toli.web.console import confirm, exports, kits, members, views, work
from toli.web.member import views as member
from toli.web.public import join, pages, share, sign_in, withdraw

urlpatterns = [
    path("", pages.landing),
    path("help", pages.help_page),
    path("healthz", pages.health),
    path("verify", pages.verify_form),
    path("V/<str:face>/<str:signature>", pages.verify),
    path("sign-in", sign_in.with_code),
    path("sign-in/confirm", confirm.confirm),
    path("sign-out", pages.sign_out),
    path("a/<str:token>", sign_in.with_link),
    path("w/<str:token>", sign_in.with_welcome),
    path("c/<str:token>", withdraw.withdraw),
    path("join", join.join),
    path("j/<str:code>", join.join_link),
    path("s/<str:code>", share.shared),
    path("me", member.today),
    path("me/share/<slug:code>/<slug:channel>", member.share),
    path("me/group", member.group),
    path("me/group/<slug:act>", member.group_act),
    path("me/card", member.card),
    path("me/data", member.data),
    path("me/leave", member.leave),
    path("console/", views.start),
    path("console/t/<str:code>", views.territory),
    path("console/t/<str:code>/groups", views.groups),
    path("console/t/<str:code>/divide", views.divide),
    path("console/t/<str:code>/members", members.members),
    path("console/t/<str:code>/export", exports.ask),
    path("console/exports", exports.own),
    path("console/exports/waiting", exports.waiting),
    path("console/exports/<int:export_id>/approve", exports.approve),
    path("console/exports/<int:export_id>/refuse", exports.refuse),
    path("console/exports/<int:export_id>/link", exports.link),
    path("x/<str:token>", exports.fetch),
    path("console/members/<int:member_id>", members.member),
    path("console/members/<int:member_id>/reveal", members.reveal),
    path("console/groups/<int:group_id>", views.group),
    path("console/kits", kits.kits),
    path("console/kits/new", kits.new_kit),
    path("console/kits/<int:kit_id>", kits.kit),
    path("console/kits/<int:kit_id>/<slug:verb>", kits.kit_step),
    path("console/work", work.queue),
    path("console/work/<int:work_id>", work.answer),
]
