"""Kits: content in several languages, with its passport and the record of its approval."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from toli.territories.models import Territory


class KitState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    SCHEDULED = "scheduled", _("Scheduled")
    LIVE = "live", _("Live")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Kit(models.Model):
    """One item of content. ``territory`` is where it belongs; whoever acts there may see it."""

    code = models.SlugField(max_length=60, unique=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=KitState, default=KitState.DRAFT)
    act_url = models.URLField(max_length=500)  # the useful act a citizen is led to
    topic = models.CharField(max_length=80, blank=True)
    certificate_number = models.CharField(max_length=60, blank=True)
    made_with_ai = models.BooleanField(default=False)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="approved_kits"
    )
    approved_at = models.DateTimeField(null=True)
    live_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")), name="kit_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Rendition(models.Model):
    """The kit in one language. ``texts`` holds variants, so that not everybody pastes the same words."""

    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="renditions")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    texts = models.JSONField()
    act_label = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "language"], name="one_rendition_per_language")]

    def __str__(self) -> str:
        return f"{self.kit_id} in {self.language}"


class KitPicture(models.Model):
    """The picture of a kit, drawn anew by us: a JPEG without anything but pixels.

    ``digest``: SHA-256 of ``data`` in hexadecimal; its public address. ``alt``: language -> what it shows.
    There is no way here from the kit, so that no list of kits reads pictures by accident: selectors do.
    """

    kit = models.OneToOneField(Kit, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, db_index=True, db_collation="C")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.JSONField()
    data = models.BinaryField()
    plain = models.BinaryField(null=True)  # as it came, where ``data`` carries the label of AI
    label_share = models.FloatField(default=0)  # which part of the area that label has
    poster = models.JSONField(default=dict, blank=True)  # how members' posters are made from it: domain/poster.py
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest


class KitMedia(models.Model):
    """The picture of a kit in the size of one platform, made once from the one that was kept (``source``)."""

    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=20)
    source = models.CharField(max_length=64, db_collation="C")
    digest = models.CharField(max_length=64, db_index=True, db_collation="C")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    label_share = models.FloatField(default=0)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "platform"], name="one_picture_per_platform")]

    def __str__(self) -> str:
        return self.digest


class VideoState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("video", "Being made ready")
    READY = "ready", pgettext_lazy("video", "Ready")
    REFUSED = "refused", pgettext_lazy("video", "Cannot be read")


class KitVideo(models.Model):
    """The video of a kit. ``source``: as it came, and once it is ready without anything but pixels and sound.

    ``progress``: percent. ``captions``: language -> WebVTT. ``poster``: the picture that stands for it, a JPEG.
    """

    kit = models.OneToOneField(Kit, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=VideoState, default=VideoState.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    source = models.BinaryField()
    source_digest = models.CharField(max_length=64, db_collation="C")
    seconds = models.FloatField()
    captions = models.JSONField(default=dict, blank=True)
    poster = models.BinaryField(default=b"")
    poster_digest = models.CharField(max_length=64, default="", blank=True, db_index=True, db_collation="C")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"video of kit {self.kit_id}"


class KitVideoFile(models.Model):
    """The video of a kit as one platform takes it: an MP4. They are stored all at once, when the last is made."""

    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="+")
    platform = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, db_index=True, db_collation="C")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    label_share = models.FloatField(default=0)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "platform"], name="one_video_per_platform")]

    def __str__(self) -> str:
        return self.digest


class PlatformText(models.Model):
    """Other words for one platform, where those of the rendition do not fit it.

    ``texts``: none where only the ``subject`` is another, the line that an e-mail has above its text.
    """

    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="platform_texts")
    language = models.CharField(max_length=10)
    platform = models.CharField(max_length=20)
    texts = models.JSONField()
    subject = models.CharField(max_length=120, default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "language", "platform"], name="one_text_per_language_and_platform")
        ]

    def __str__(self) -> str:
        return f"{self.kit_id} in {self.language} on {self.platform}"


class FileKind(models.TextChoices):
    CERTIFICATE = "certificate", _("Certificate")
    DOCUMENT = "document", _("Document")


class KitFile(models.Model):
    """A PDF of a kit: the certificate, for staff only, or a document that goes out with it."""

    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=FileKind)
    digest = models.CharField(max_length=64, db_index=True, db_collation="C")
    data = models.BinaryField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "kind"], name="one_file_of_a_kind")]

    def __str__(self) -> str:
        return self.digest


class Verdict(models.TextChoices):
    APPROVED = "approved", _("Approved")
    EDITED = "edited", _("Approved with changes")
    REJECTED = "rejected", _("Sent back")


class KitReview(models.Model):
    """What somebody said who was asked to approve a kit. ``changed``: the fields that they changed themselves."""

    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="reviews")
    verdict = models.CharField(max_length=10, choices=Verdict)
    note = models.CharField(max_length=500, blank=True)
    changed = models.JSONField(default=list)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        ordering = ["-reviewed_at", "-pk"]

    def __str__(self) -> str:
        return f"kit {self.kit_id}: {self.verdict}"
