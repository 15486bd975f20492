"""Entries and phones are seen where they belong, and by who wrote them down; cases where they happened."""

from toli.core.wall import ALL, Rule, either, own_account, parent, protect, territory

protect(
    "enrolment_application",
    Rule(
        either(territory("enrolment_application.territory_id"), own_account("enrolment_application.enroller_id")),
        verbs="SELECT, INSERT, UPDATE",
    ),
)
protect(
    "enrolment_device",
    Rule(
        either(territory("enrolment_device.territory_id"), own_account("enrolment_device.account_id")),
        verbs="SELECT, INSERT, UPDATE",
    ),
)


_OWN = (
    "EXISTS (SELECT 1 FROM members_member asker WHERE asker.id = enrolment_wish.member_id"
    f" AND {own_account('asker.account_id')})"
)
protect("enrolment_wish", Rule(either(territory("enrolment_wish.territory_id"), _OWN), verbs="SELECT, INSERT, UPDATE"))
protect("enrolment_callsample", Rule(territory("enrolment_callsample.territory_id"), verbs="SELECT, INSERT, UPDATE"))
protect(
    "enrolment_callline",
    Rule(parent("enrolment_callsample", "enrolment_callline.sample_id"), verbs="SELECT, INSERT, UPDATE"),
)
protect("enrolment_arrival", Rule(ALL, verbs="SELECT, INSERT"))
protect("enrolment_case", Rule(territory("enrolment_case.territory_id"), verbs="SELECT, INSERT, UPDATE"))
protect(
    "enrolment_heldmember",
    Rule(parent("enrolment_case", "enrolment_heldmember.case_id"), verbs="SELECT, INSERT, UPDATE"),
)
protect("enrolment_casestep", Rule(parent("enrolment_case", "enrolment_casestep.case_id"), verbs="SELECT, INSERT"))
