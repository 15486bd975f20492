"""Writes of assisted enrolment, by room."""
