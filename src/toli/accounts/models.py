"""Accounts, their sessions, one-time codes and sign-in links. Codes, links and keys are stored as hashes only."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from toli.core import clock


class AccountKind(models.TextChoices):
    STAFF = "staff"
    MEMBER = "member"


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, login: str | None) -> "Account":
        return self.get(login=login)


class Account(AbstractBaseUser):
    """Someone who can sign in. What they may do follows from role assignments, not from here."""

    login = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=AccountKind)
    display_name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, default="hi")
    is_active = models.BooleanField(default=True)
    factors_reset_at = models.DateTimeField(null=True)  # its owner is told, until there is a factor again
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "login"
    objects = AccountManager()

    def __str__(self) -> str:
        return self.login


class SignInLink(models.Model):
    """A link that signs its holder in once: sent to a person, or printed for a demonstration."""

    token_hash = models.BinaryField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    reusable = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"sign-in link of {self.account_id}"


class OneTimeCode(models.Model):
    """A six digit code sent to a phone. ``address_index`` is the number's blind index."""

    address_index = models.BinaryField()
    purpose = models.CharField(max_length=20)
    code_hash = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["address_index", "purpose", "-created_at"], name="code_of_address")]
        constraints = [
            models.CheckConstraint(condition=models.Q(tries__lte=5), name="code_tries_at_most_five"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} code #{self.pk}"


class SessionQuerySet(models.QuerySet["Session"]):
    def open(self) -> "SessionQuerySet":
        """Sessions of signed-in people that have not ended."""
        return self.filter(account__isnull=False, ends_at__gt=clock.now())


class Session(models.Model):
    """A browser that is signed in, or about to be. ``key`` is the hash of what stands in its cookie.

    ``content`` is encrypted under the cookie's key. ``method``: see
    domain/sessions.py. ``network`` is the address, of IPv6 its /64.
    """

    key = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="sessions")
    method = models.CharField(max_length=10, blank=True)
    network = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    proved_at = models.DateTimeField(null=True)

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"session #{self.pk}"


class Passkey(models.Model):
    """The public half of a key that a person's device or password manager holds. The private half never comes here."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.PositiveBigIntegerField()
    transports = models.JSONField(default=list)
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"passkey #{self.pk}"


class PasskeyChallenge(models.Model):
    """What a device has to sign next, as a hash; taken away by the first answer."""

    challenge_hash = models.BinaryField(unique=True)
    purpose = models.CharField(max_length=10)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.purpose} challenge #{self.pk}"


class Totp(models.Model):
    """An authenticator app. It counts once its first digits were told; of its 30 s steps each is accepted once."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="totps")
    secret_sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(confirmed_at__isnull=False), name="one_totp_of_account"
            ),
        ]

    def __str__(self) -> str:
        return f"authenticator app #{self.pk}"


class RecoveryCode(models.Model):
    """A code on paper that stands in once for a lost device; stored as a keyed hash."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code #{self.pk}"
