"""How long it is known who was written to."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

register(
    Term(
        key="messaging.messages",
        label=_("Who was sent which message"),
        tables=("messaging_message", "messaging_attempt"),
        days=180,
        least=30,
        most=730,
        since=_("since it was sent or given up"),
        why=_("To answer questions and complaints about messages; afterwards only their number matters."),
        after=After.PSEUDONYMISED,
        store=Rows(
            "messaging_message",
            "COALESCE(read_at, delivered_at, sent_at, ended_at)",
            "(member_id IS NOT NULL OR citizen_id IS NOT NULL)"
            " AND COALESCE(read_at, delivered_at, sent_at, ended_at) IS NOT NULL",
            blank="member_id = NULL, citizen_id = NULL, params = NULL",
            about="member_id",
        ),
    )
)
register(
    Term(
        key="messaging.inbound",
        label=_("What people wrote to our senders"),
        tables=("messaging_inbound",),
        days=90,
        least=7,
        most=365,
        since=_("since it came in"),
        why=_("To answer it."),
        after=After.DELETED,
        store=Rows("messaging_inbound", "received_at", about="member_id"),
    )
)
register(
    Term(
        key="messaging.callbacks",
        label=_("Reports of providers that could not be read"),
        tables=("messaging_receivedcallback",),
        days=14,
        least=2,
        most=90,
        since=_("since it came in"),
        why=_("To find out why. What can be read is removed within minutes."),
        after=After.DELETED,
        store=Rows("messaging_receivedcallback", "received_at"),
    )
)
register(
    Term(
        key="messaging.mailbox",
        label=_("E-mail addresses that nobody confirmed"),
        tables=("messaging_mailaddress",),
        days=7,
        least=2,
        most=30,
        since=_("since it was given"),
        why=_("To open the link that was sent there. A confirmed one stays until it is removed or membership ends."),
        after=After.DELETED,
        store=Rows("messaging_mailaddress", "added_at", "confirmed_at IS NULL", about="member_id"),
    )
)
stays(
    "messaging_respite",
    what=_("Until when a sender leaves a member alone"),
    until=_("as long as the membership, or the proof that a citizen had agreed"),
    why=_("An instant, so that nobody is written to too often."),
)
stays(
    "messaging_pushdevice",
    what=_("Phones and browsers that get notifications"),
    until=_("until they are turned off, at the longest as long as the membership"),
    why=_("So that notifications arrive. What leads nowhere any more is removed when its push service says so."),
)
