"""What is live is public; drafts are seen where they belong."""

from toli.core.wall import Rule, either, parent, protect, territory

HOME = territory("content_kit.territory_id")
PUBLIC = "state IN ('live', 'withdrawn')"
_KIT_OF_PICTURE = "EXISTS (SELECT 1 FROM content_kit kit WHERE kit.id = content_kitpicture.kit_id AND ({}))"
PICTURE_HOME = _KIT_OF_PICTURE.format(territory("kit.territory_id"))
PICTURE_PUBLIC = _KIT_OF_PICTURE.format("kit.state = 'live'")

_KIT_OF = "EXISTS (SELECT 1 FROM content_kit kit WHERE kit.id = {column} AND ({rule}))"


def _home(column: str) -> str:
    return _KIT_OF.format(column=column, rule=territory("kit.territory_id"))


def _live(column: str) -> str:
    return _KIT_OF.format(column=column, rule="kit.state = 'live'")


protect("content_kit", Rule(either(PUBLIC, HOME), check=HOME))
protect("content_rendition", Rule(parent("content_kit", "content_rendition.kit_id")))
protect("content_kitpicture", Rule(either(PICTURE_PUBLIC, PICTURE_HOME), check=PICTURE_HOME))
for _table in ("content_kitmedia", "content_kitvideo", "content_kitvideofile", "content_platformtext"):
    _home_of, _live_of = _home(f"{_table}.kit_id"), _live(f"{_table}.kit_id")
    protect(_table, Rule(either(_live_of, _home_of), check=_home_of))
_FILE_HOME = _home("content_kitfile.kit_id")
_FILE_LIVE = f"content_kitfile.kind = 'document' AND {_live('content_kitfile.kit_id')}"
protect("content_kitfile", Rule(either(_FILE_LIVE, _FILE_HOME), check=_FILE_HOME))
protect("content_kitreview", Rule(_home("content_kitreview.kit_id")))
