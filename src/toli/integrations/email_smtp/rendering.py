"""What an e-mail holds: the same words as text and as plain HTML, a way out that mail programs know, no picture that
tells when it was looked at. Pure.

Whatever people wrote stands in the body, but for the subject, which is one line: nobody can write a header.
"""

import hashlib
import html
import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr

from toli.integrations.email_smtp.settings import Settings
from toli.members.services import with_way_out
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Capabilities, Letter

CAPABILITIES = Capabilities(body_length=20_000, reports=False, free=True)
SUBJECT = 120  # characters; mail programs show half of it
ONE_CLICK = "/now"  # behind the link that stops messages (RFC 8058)
RETURN_HEADER = "X-Toli-Return"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_STYLE = "font:16px/1.5 sans-serif;color:#1b1b1b;max-width:36em;margin:0 auto;padding:16px"


def mail_of(letter: Letter, to: str, settings: Settings, *, returns: str) -> str:
    """The message as it leaves, but for its date: ASCII. ``returns``: the address that it comes back to.

    Raises MessageRefused.
    """
    content = letter.content
    if content.media or content.buttons:
        raise MessageRefused(reason="media" if content.media else "buttons")
    if not content.text.strip():
        raise MessageRefused(reason="empty")
    if len(content.text) > CAPABILITIES.body_length:
        raise MessageRefused(reason="too_long")
    stop = letter.stop()
    text = with_link_out(content.text, content.language, stop)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((one_line(settings.name), settings.address))
    mail["To"] = to
    mail["Subject"] = subject_of(content.text)
    mail.set_content(text, cte=_cte(text))
    page = page_of(text, content.language)
    mail.add_alternative(page, subtype="html", cte=_cte(page))
    mail.set_boundary(f"toli-{hashlib.sha256(letter.correlation.encode()).hexdigest()[:32]}")
    head = _for_programs(message_id(letter.correlation, settings), returns, stop)
    return head + mail.as_bytes().decode("ascii")


def _for_programs(own_id: str, returns: str, stop: str) -> str:
    """Headers that programs read. Written here, as the library breaks long ones into encoded words, in which nobody
    looks for an address."""
    headers = {
        "Message-ID": own_id,
        "Auto-Submitted": "auto-generated",
        RETURN_HEADER: returns,  # what complaints of mail providers bring back
    }
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}{ONE_CLICK}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return "".join(f"{name}: {one_line(value)}\r\n" for name, value in headers.items())


def message_id(correlation: str, settings: Settings) -> str:
    """The same for each call of a message, so that one that came twice is known."""
    return f"<{correlation.partition('.')[0]}@{settings.domain}>"


def subject_of(text: str) -> str:
    """The first line, cut between words."""
    line = one_line(next(line for line in text.splitlines() if line.strip()))
    if len(line) <= SUBJECT:
        return line
    head = line[: SUBJECT - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"


def one_line(text: str) -> str:
    """Without line breaks and control characters of any kind."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def with_link_out(text: str, language: str, stop: str) -> str:
    """The text, with the line that says how to stop such messages if it does not say so itself."""
    return text if not stop or stop in text else with_way_out(text, language, link=stop)


def page_of(text: str, language: str) -> str:
    """The text as HTML: its first line a heading, blank lines between paragraphs, addresses as links."""
    heading, _line, rest = text.strip().partition("\n")
    paragraphs = [block for block in re.split(r"\n\s*\n", rest) if block.strip()]
    body = "".join(f"<p>{_linked(block.strip())}</p>\n" for block in paragraphs)
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8">'
        f"<title>{html.escape(heading.strip())}</title></head>\n"
        f'<body style="{_STYLE}">\n<h1 style="font-size:1.4em">{_linked(heading.strip())}</h1>\n{body}</body></html>\n'
    )


def _linked(text: str) -> str:
    made, at = [], 0
    for found in _LINK.finditer(text):
        address = html.escape(found[0])
        made += [html.escape(text[at : found.start()]), f'<a href="{address}">{address}</a>']
        at = found.end()
    return "".join([*made, html.escape(text[at:])]).replace("\n", "<br>\n")


def _cte(text: str) -> str:
    """Hindi is shorter in base 64; English stays readable as it is."""
    return "quoted-printable" if text.isascii() else "base64"
