"""Writes: links, what members report, what visitors do."""

from toli.sharing.services.choices import choose_poster
from toli.sharing.services.links import report_shared, share_link, share_links
from toli.sharing.services.opens import OpenResult, record_open
from toli.sharing.services.referrals import record_conversion

__all__ = [
    "OpenResult",
    "choose_poster",
    "record_conversion",
    "record_open",
    "report_shared",
    "share_link",
    "share_links",
]
