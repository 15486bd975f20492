"""By what somebody came who joined: the code of a member's link, or of one of the organisation's own. Pure."""

_OWN = "o."  # no sign of a code, so that neither is taken for the other


def of_own(code: str) -> str:
    """How an organisation's own link is named where a member's could stand as well."""
    return _OWN + code


def own_code(origin: str) -> str | None:
    """The code of the organisation's own link; None: it is none."""
    return origin.removeprefix(_OWN) if origin.startswith(_OWN) else None
