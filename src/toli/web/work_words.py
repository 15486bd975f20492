"""What a task is called in one line."""

from typing import Any

from django.utils.translation import gettext_lazy as _

TASKS = {
    "create_group": _("Create a group"),
    "relay_kit": _("Post the kit"),
    "announce_division": _("Tell people of their new group"),
    "close_group": _("Close the old group"),
    "remove_group": _("Delete the group"),
    "late_wave": _("Speak to somebody who is late"),
    "change_link": _("Change the invite link"),
    "people_waiting": _("People wait for a group"),
    "divide_group": _("Groups fill up: divide them"),
    "hand_over": _("You look after this group now"),
    "second_admin": _("Add a second admin"),
    "delete_post": _("Delete the post"),
}


def task_words(task: Any) -> str:
    """What is to be done, and with which group."""
    group = task.details.get("name") or task.details.get("group") or ""
    return f"{TASKS[task.kind]} · {group}" if group else str(TASKS[task.kind])
