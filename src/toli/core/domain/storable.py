"""Words of others as the database can keep them. Pure.

PostgreSQL refuses NUL, and what is no character at all (half of a surrogate pair, which JSON can spell) cannot be
written in UTF-8: one such answer of a provider would undo the whole statement that writes down what became of hundreds.
"""


def storable(text: str, most: int) -> str:
    """The text in at most ``most`` signs. What cannot be kept or seen is spelt out, so that the same name of a thing is
    the same name again."""
    if not text.isprintable():
        text = "".join(
            sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text[: 2 * most]
        )
    return text[:most]


def is_storable(text: str, most: int) -> bool:
    """Whether it is kept as it is: what we name to its owner again has to be."""
    return text.isprintable() and len(text) <= most


def readable(text: str, most: int) -> str:
    """What somebody wrote, its lines kept, without what cannot be kept."""
    return text[:most].encode("utf-8", "replace").decode().replace("\0", "")
