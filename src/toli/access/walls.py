"""Roles can be read, because every request starts by asking for its own; given only inside one's area."""

from toli.core.wall import Rule, leave_open, protect, territory

leave_open(access_role="names and permissions of roles, no people")
protect("access_roleassignment", Rule("true", check=territory("access_roleassignment.territory_id")))
