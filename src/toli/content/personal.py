"""Material is written for everybody; who made it is staff."""

from toli.core.personal_data import free, free_text

free(content_kit="material and the staff who made it", content_rendition="published texts")
free_text("content_kit.withdrawn_because")
