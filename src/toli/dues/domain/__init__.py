"""Rules of dues."""
