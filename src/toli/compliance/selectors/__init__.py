"""Reads about the organisation, its elections, and what may be sent where."""

from toli.compliance.selectors.elections import (
    certified_elections,
    closes_of,
    elections,
    get_election,
    has_begun,
    next_polls,
    silences_between,
)
from toli.compliance.selectors.law import Verdict, judge_all, refusals
from toli.compliance.selectors.organisation import find_organisation, get_organisation
from toli.compliance.selectors.templates import sms_templates

__all__ = [
    "Verdict",
    "certified_elections",
    "closes_of",
    "elections",
    "find_organisation",
    "get_election",
    "get_organisation",
    "has_begun",
    "judge_all",
    "next_polls",
    "refusals",
    "silences_between",
    "sms_templates",
]
