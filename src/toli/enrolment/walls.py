"""Applications and phones are seen where they belong, and by who wrote them down."""

from toli.core.wall import Rule, either, own_account, protect, territory

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
