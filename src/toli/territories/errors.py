"""Reasons to refuse a territory or a file of territories."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Invalid, NotFound


class TerritoryNotFound(NotFound):
    code = "territory_not_found"
    message = _("There is no territory with the code %(territory)s in your area.")


class TerritoryFileMissing(Invalid):
    code = "territory_file_missing"
    message = _("The folder %(folder)s holds no territory files. It should have states.csv and further files.")


class TerritoryHeaderWrong(Invalid):
    code = "territory_header_wrong"
    message = _("%(file)s lacks the columns: %(columns)s.")


class TerritoryEncodingBroken(Invalid):
    code = "territory_encoding_broken"
    message = _("%(file)s, row %(row)d is not UTF-8 text. Save the file as UTF-8 and import it again.")


class StateUnknown(Invalid):
    code = "state_unknown"
    message = _("%(states)s: not a code of a state or union territory.")
