"""The organisation itself, and rules: nothing about a person."""

from toli.core.personal_data import free

free(
    compliance_organisation="the organisation's own name, imprint and contact",
    compliance_election="public facts",
    compliance_pollingarea="public facts",
    compliance_kitclearance="dates and certificate of published material",
    compliance_smstemplate="registered texts with placeholders",
    compliance_sendingrefusal="counts by rule and place",
)
