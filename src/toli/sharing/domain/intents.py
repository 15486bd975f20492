"""Addresses that open another app with the text ready to send. The member sends it by their own hand."""

from urllib.parse import quote


def intent_url(channel: str, text: str, url: str) -> str | None:
    """Where to lead the member. ``text`` does not yet hold the link ``url``. None: the app has no such address.

    Sources: the platforms' own documents on click-to-chat and share dialogs. Facebook takes no text.
    """
    both, link, words = quote(f"{text}\n{url}"), quote(url, safe=""), quote(text)
    return {
        "whatsapp": f"https://wa.me/?text={both}",
        "telegram": f"https://t.me/share/url?url={link}&text={words}",
        "facebook": f"https://www.facebook.com/sharer/sharer.php?u={link}",
        "x": f"https://x.com/intent/post?text={words}&url={link}",
    }.get(channel)
