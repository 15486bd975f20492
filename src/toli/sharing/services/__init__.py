"""Writes: links, what members report, what visitors do."""

from toli.sharing.services.choices import choose_poster
from toli.sharing.services.links import report_shared, share_link, share_links
from toli.sharing.services.opens import OpenResult, record_open
from toli.sharing.services.own import OwnOpen, citizens_link, own_link, record_own_open
from toli.sharing.services.referrals import record_conversion

__all__ = [
    "OpenResult",
    "OwnOpen",
    "choose_poster",
    "citizens_link",
    "own_link",
    "record_conversion",
    "record_open",
    "record_own_open",
    "report_shared",
    "share_link",
    "share_links",
]
