"""Toli: connects a mass-membership organisation from headquarters to its last polling booth."""

__version__ = "0.1.0"
