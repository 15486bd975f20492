"""What is live is public; drafts are seen where they belong."""

from toli.core.wall import Rule, either, parent, protect, territory

HOME = territory("content_kit.territory_id")
PUBLIC = "state IN ('live', 'withdrawn')"

protect("content_kit", Rule(either(PUBLIC, HOME), check=HOME))
protect("content_rendition", Rule(parent("content_kit", "content_rendition.kit_id")))
