"""Counts are seen by those who act in the territory counted."""

from toli.core.wall import Rule, leave_open, protect, territory

leave_open(analytics_refresh="when it was counted")
protect("analytics_funnelcount", Rule(territory("analytics_funnelcount.territory_id")))
