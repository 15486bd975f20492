"""The organisation's own description is public."""

from toli.core.wall import leave_open

leave_open(compliance_organisation="printed on every page")
