"""Notifications in browsers (Web Push: RFC 8030, 8291, 8292), sent to the push services of their makers."""
