"""Material is written for everybody; who made it is staff."""

from toli.core.personal_data import free, free_text

free(
    content_kit="material and the staff who made it",
    content_rendition="published texts",
    content_kitpicture="published pictures: whoever is seen in one is not known to us, and it ends with its kit",
    content_kitmedia="the same pictures in other sizes",
    content_kitvideo="published videos, as published pictures: only pixels and sound are kept of the file",
    content_kitvideofile="the same videos in other sizes",
    content_platformtext="published texts",
    content_kitfile="certificates and published documents",
    content_kitreview="staff who checked material",
)
free_text(
    "content_kit.withdrawn_because", "content_kitpicture.alt", "content_kitvideo.captions", "content_kitreview.note"
)
