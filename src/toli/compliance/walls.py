"""The organisation's own description and the rules it follows are no secret; no person stands in them."""

from toli.core.wall import leave_open

leave_open(
    compliance_organisation="printed on every page",
    compliance_election="elections are public",
    compliance_pollingarea="elections are public",
    compliance_kitclearance="asked before each sending, whoever sends",
    compliance_smstemplate="registered texts of the organisation",
    compliance_sendingrefusal="counts by rule and place, written by whoever sends",
)
