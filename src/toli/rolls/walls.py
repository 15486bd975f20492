"""A roll is seen by those who act where it holds; its lines with it. Lines are added, and blotted out by erasure."""

from toli.core.wall import Rule, either, parent, protect, territory

protect("rolls_roll", Rule(either(territory("rolls_roll.territory_id")), verbs="SELECT, INSERT, UPDATE"))
protect("rolls_supplement", Rule(parent("rolls_roll", "rolls_supplement.roll_id"), verbs="SELECT, INSERT"))
protect("rolls_challenge", Rule(parent("rolls_roll", "rolls_challenge.roll_id"), verbs="SELECT, INSERT, UPDATE"))
protect("rolls_rollline", Rule(parent("rolls_roll", "rolls_rollline.roll_id"), verbs="SELECT, INSERT"))
