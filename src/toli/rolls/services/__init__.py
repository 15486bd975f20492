"""Writes: rolls are drawn up, certified by another person, published, produced again and checked."""

from toli.rolls.services.certifying import certify_roll, fits, publish_roll
from toli.rolls.services.drawing import Drawn, draw_roll, preview_roll, produce_again
from toli.rolls.services.files import FileCheck, RollCheck, check_file, check_roll, facts_of, roll_file
from toli.rolls.services.looking import look_at_lines

__all__ = [
    "Drawn",
    "FileCheck",
    "RollCheck",
    "certify_roll",
    "check_file",
    "check_roll",
    "draw_roll",
    "facts_of",
    "fits",
    "look_at_lines",
    "preview_roll",
    "produce_again",
    "publish_roll",
    "roll_file",
]
