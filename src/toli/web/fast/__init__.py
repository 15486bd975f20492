"""Paths that are answered beside Django, because many come at once."""
