"""What an e-mail holds: the same words as text and as plain HTML, a way out that mail programs know, no picture that
tells when it was looked at: the kit's own lies in the message itself. Pure.

Whatever people wrote stands in the body, but for the subject, which is one line: nobody can write a header.
"""

import hashlib
import html
import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr

from toli.content.domain.mails import JOINERS, paragraphs_of, preheader_of
from toli.core.domain.shortened import shortened
from toli.integrations.email_smtp.settings import Settings
from toli.members.services import with_way_out
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Capabilities, Letter

CAPABILITIES = Capabilities(media=("image",), body_length=20_000, reports=False, free=True)
SUBJECT = 120  # characters; mail programs show half of it
PICTURE_WIDTH = 600  # as it is shown; on telephones as wide as they are
ONE_CLICK = "/now"  # behind the link that stops messages (RFC 8058)
RETURN_HEADER = "X-Toli-Return"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_STYLE = "font:16px/1.5 sans-serif;color:#1b1b1b;max-width:36em;margin:0 auto;padding:16px"
_UNSEEN = "display:none;max-height:0;overflow:hidden"
_PICTURE_STYLE = f'width="{PICTURE_WIDTH}" style="display:block;width:100%;max-width:{PICTURE_WIDTH}px;height:auto"'


def mail_of(letter: Letter, to: str, settings: Settings, *, returns: str, picture: str = "") -> str:
    """The message as it leaves, but for its date and picture: ASCII. ``returns``: the address that it comes back to.
    ``picture``: the name of the one that stands in it, whose bytes take the place of :func:`place_of`.

    Raises MessageRefused.
    """
    content = letter.content
    if content.media not in {"", *CAPABILITIES.media} or content.buttons:
        raise MessageRefused(reason="buttons" if content.buttons else "media")
    if not content.text.strip():
        raise MessageRefused(reason="empty")
    if len(content.text) > CAPABILITIES.body_length:
        raise MessageRefused(reason="too_long")
    stop = letter.stop()
    text = with_link_out(content.text, content.language, stop)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((one_line(settings.name), settings.address))
    mail["To"] = to
    mail["Subject"] = subject_of(content.subject or content.text)
    mail.set_content(text, cte=_cte(text))
    shown = f"{picture[:32]}@{settings.domain}" if picture else ""
    page = page_of(text, content.language, shown=shown, alt=content.media_alt)
    mail.add_alternative(page, subtype="html", cte=_cte(page))
    boundary = f"toli-{hashlib.sha256(letter.correlation.encode()).hexdigest()[:32]}"
    if shown:
        _put_picture(mail, shown, boundary, place_of(letter.correlation))
    mail.set_boundary(boundary)
    head = _for_programs(message_id(letter.correlation, settings), returns, stop)
    return head + mail.as_bytes().decode("ascii")


def place_of(correlation: str) -> str:
    """What stands where the picture goes until the message leaves, so that no copies of it wait. Nobody can write it:
    of a correlation nobody knows before."""
    return "Picture" + hashlib.sha256(f"picture {correlation}".encode()).hexdigest()[:48]


def _put_picture(mail: EmailMessage, name: str, boundary: str, place: str) -> None:
    """Beside the HTML, which shows it, and nowhere else: what is not its own part is listed as a file."""
    page = mail.get_body(("html",))
    assert isinstance(page, EmailMessage)  # noqa: S101 it was put in just now
    page.add_related(b"", "image", "jpeg", cid=f"<{name}>", disposition="inline", filename="picture.jpg")
    page.set_boundary(f"{boundary}-p")
    page.get_payload()[1].set_payload(place)  # type: ignore[union-attr, index]


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
    return shortened(one_line(next(line for line in text.splitlines() if line.strip())), SUBJECT)


def one_line(text: str) -> str:
    """Without line breaks and control characters, but for those that join signs of Hindi, or several emoji into one."""
    return " ".join("".join(sign if sign.isprintable() or sign in JOINERS else " " for sign in text).split())


def with_link_out(text: str, language: str, stop: str) -> str:
    """The text, with the line that says how to stop such messages if it does not say so itself."""
    return text if not stop or stop in text else with_way_out(text, language, link=stop)


def page_of(text: str, language: str, *, shown: str = "", alt: str = "") -> str:
    """The text as HTML: its first line a heading, blank lines between paragraphs, addresses as links. Before it,
    unseen, what lists of messages put behind the subject. ``shown``: the picture's name in this message, ``alt`` what
    it shows.
    """
    heading, _line, rest = text.strip().partition("\n")
    body = "".join(f"<p>{_linked(block)}</p>\n" for block in paragraphs_of(rest))
    picture = (
        f'<p><img src="cid:{html.escape(shown)}" alt="{html.escape(alt)}" {_PICTURE_STYLE}></p>\n' if shown else ""
    )
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8">'
        f"<title>{html.escape(heading.strip())}</title></head>\n"
        f'<body style="{_STYLE}">\n<div style="{_UNSEEN}">{html.escape(preheader_of(rest))}</div>\n'
        f'{picture}<h1 style="font-size:1.4em">{_linked(heading.strip())}</h1>\n{body}</body></html>\n'
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
