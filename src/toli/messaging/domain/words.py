"""Answers that mean stop."""

STOP = frozenset(
    {"stop", "unsubscribe", "end", "quit", "cancel", "बंद", "बंद करो", "बंद करें", "रोको", "रोकें", "रुको", "मत भेजो", "स्टॉप"}
)


def is_stop(text: str) -> bool:
    """Whether somebody asks for no more messages: the word alone, in whatever case."""
    return text.strip().strip(".!। ").casefold() in STOP
