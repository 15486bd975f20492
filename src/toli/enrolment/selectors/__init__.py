"""Reads of assisted enrolment, by room."""

from toli.enrolment.selectors.applications import applications, by_enroller, counts, devices, own_day

__all__ = ["applications", "by_enroller", "counts", "devices", "own_day"]
