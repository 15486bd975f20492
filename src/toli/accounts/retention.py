"""How long what signing in leaves behind is kept."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Files, Rows, Term, register, stays

register(
    Term(
        key="accounts.codes",
        label=_("One-time codes"),
        tables=("accounts_onetimecode",),
        days=1,
        least=1,
        most=30,
        since=_("since they expired"),
        why=_("Of no use any more; a day is enough to help somebody whose code did not come."),
        after=After.DELETED,
        store=Rows("accounts_onetimecode", "expires_at"),
    )
)
register(
    Term(
        key="accounts.links",
        label=_("Links that sign in"),
        tables=("accounts_signinlink",),
        days=7,
        least=1,
        most=30,
        since=_("since they expired"),
        why=_("Of no use any more."),
        after=After.DELETED,
        store=Rows("accounts_signinlink", "expires_at"),
    )
)
register(
    Term(
        key="accounts.sessions",
        label=_("Devices signed in, and joins that were not finished"),
        tables=("accounts_session",),
        days=0,
        since=_("since they ended"),
        why=_("Of no use any more. A join that was not finished ends within a day."),
        after=After.DELETED,
        store=Rows("accounts_session", "ends_at"),
    )
)
register(
    Term(
        key="accounts.challenges",
        label=_("Questions put to passkeys"),
        tables=("accounts_passkeychallenge",),
        days=0,
        since=_("since they expired"),
        why=_("Of no use any more."),
        after=After.DELETED,
        store=Rows("accounts_passkeychallenge", "expires_at"),
    )
)
register(
    Term(
        key="accounts.texts",
        label=_("Messages that a sender wrote into files"),
        days=7,
        least=1,
        most=30,
        since=_("since the last message of the file"),
        why=_("For trying out only; they hold numbers and texts."),
        after=After.DELETED,
        store=Files(lambda: Path(settings.OUTBOX_DIR), "*.jsonl"),
    )
)
register(
    Term(
        key="accounts.mail_files",
        label=_("Messages that a sender wrote as files of mail"),
        days=7,
        least=1,
        most=30,
        since=_("since the message"),
        why=_("For trying out only; they hold numbers and texts."),
        after=After.DELETED,
        store=Files(lambda: Path(settings.MAIL_DIR), "*.*"),
    )
)
stays(
    "accounts_account",
    what=_("Accounts"),
    until=_("as long as the membership or the work lasts"),
    why=_("Somebody signs in with it."),
)
stays(
    "accounts_passkey",
    "accounts_totp",
    "accounts_recoverycode",
    what=_("Passkeys, authenticator apps and recovery codes"),
    until=_("as long as the account lasts, or until the person removes it"),
    why=_("Somebody signs in with it."),
)
