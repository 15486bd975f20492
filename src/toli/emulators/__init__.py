"""Stand-ins for services of others, on this machine only: for developers and tests, never for people."""
