"""Counts of places."""

from toli.core.personal_data import free

free(analytics_funnelcount="counts of places", analytics_refresh="when counting was done")
