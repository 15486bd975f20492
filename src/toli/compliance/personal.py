"""The organisation itself."""

from toli.core.personal_data import free

free(compliance_organisation="the organisation's own name, imprint and contact")
