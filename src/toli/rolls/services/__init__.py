"""Writes: rolls are drawn up, certified by another person, published, produced again, checked, and objected to."""

from toli.rolls.services.certifying import certify_roll, fits, publish_roll
from toli.rolls.services.challenging import (
    challenge_own,
    challenge_roll,
    decide_challenge,
    look_at_challenge,
    look_at_challenges,
)
from toli.rolls.services.drawing import Drawn, draw_roll, preview_roll, produce_again
from toli.rolls.services.files import FileCheck, RollCheck, check_file, check_roll, facts_of, roll_file
from toli.rolls.services.looking import look_at_line, look_at_lines
from toli.rolls.services.supplementing import issue_supplement, supplement_facts, supplement_file, supplement_fits
from toli.rolls.services.telling import DECISION_KIND, decision_text, tell_decided

__all__ = [
    "DECISION_KIND",
    "Drawn",
    "FileCheck",
    "RollCheck",
    "certify_roll",
    "challenge_own",
    "challenge_roll",
    "check_file",
    "check_roll",
    "decide_challenge",
    "decision_text",
    "draw_roll",
    "facts_of",
    "fits",
    "issue_supplement",
    "look_at_challenge",
    "look_at_challenges",
    "look_at_line",
    "look_at_lines",
    "preview_roll",
    "produce_again",
    "publish_roll",
    "roll_file",
    "supplement_facts",
    "supplement_file",
    "supplement_fits",
    "tell_decided",
]
