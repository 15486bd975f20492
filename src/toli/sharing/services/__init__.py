"""Writes: links, what members report, what visitors do."""

from toli.sharing.services.links import report_shared, share_link, share_links
from toli.sharing.services.opens import OpenResult, record_open
from toli.sharing.services.referrals import record_conversion

__all__ = ["OpenResult", "record_conversion", "record_open", "report_shared", "share_link", "share_links"]
