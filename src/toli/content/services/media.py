"""The picture of a kit in the size of each platform, made once for each picture."""

import hashlib

from django.db import transaction

from toli.content.domain.media import fitted
from toli.content.domain.platforms import PICTURED
from toli.content.models import KitMedia, KitPicture


def make_media(*, kit_id: int) -> int:
    """Make what is missing for the picture that the kit has now. Returns how many were made; safe to repeat.

    Drawing holds no lock. A picture that was replaced meanwhile has its own job.
    """
    found = KitPicture.objects.filter(kit_id=kit_id).select_related("kit").first()
    if found is None:
        return 0
    have = set(KitMedia.objects.filter(kit_id=kit_id, source=found.digest).values_list("platform", flat=True))
    wanted = [platform for platform in PICTURED if platform.code not in have]
    source = bytes(found.plain or found.data)
    drawn = [(item.code, fitted(source, item.size, with_ai=found.kit.made_with_ai)) for item in wanted]
    with transaction.atomic():
        if not KitPicture.objects.select_for_update().filter(kit_id=kit_id, digest=found.digest).exists():
            return 0
        for platform, picture in drawn:
            KitMedia.objects.update_or_create(
                kit_id=kit_id,
                platform=platform,
                defaults={
                    "source": found.digest,
                    "digest": hashlib.sha256(picture.data).hexdigest(),
                    "width": picture.width,
                    "height": picture.height,
                    "label_share": picture.label_share,
                    "data": picture.data,
                },
            )
    return len(drawn)
