"""Reads about the organisation, its elections, and what may be sent where."""

from toli.compliance.selectors.elections import elections, get_election, has_begun, next_polls
from toli.compliance.selectors.law import Verdict, judge_all, refusals
from toli.compliance.selectors.organisation import find_organisation, get_organisation
from toli.compliance.selectors.templates import sms_templates

__all__ = [
    "Verdict",
    "elections",
    "find_organisation",
    "get_election",
    "get_organisation",
    "has_begun",
    "judge_all",
    "next_polls",
    "refusals",
    "sms_templates",
]
