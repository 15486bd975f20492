"""What is live is public; drafts are seen where they belong."""

from toli.core.wall import Rule, either, parent, protect, territory

HOME = territory("content_kit.territory_id")
PUBLIC = "state IN ('live', 'withdrawn')"
_KIT_OF_PICTURE = "EXISTS (SELECT 1 FROM content_kit kit WHERE kit.id = content_kitpicture.kit_id AND ({}))"
PICTURE_HOME = _KIT_OF_PICTURE.format(territory("kit.territory_id"))
PICTURE_PUBLIC = _KIT_OF_PICTURE.format("kit.state = 'live'")

protect("content_kit", Rule(either(PUBLIC, HOME), check=HOME))
protect("content_rendition", Rule(parent("content_kit", "content_rendition.kit_id")))
protect("content_kitpicture", Rule(either(PICTURE_PUBLIC, PICTURE_HOME), check=PICTURE_HOME))
