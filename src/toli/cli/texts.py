"""The texts that Toli sends, as samples and as operators have to register them."""

from django.conf import settings

from toli.accounts import services as accounts
from toli.accounts.domain.sending import CODE, LINK, LINK_AFTER_RESET
from toli.accounts.ports import TextMessage
from toli.cards import services as cards
from toli.compliance import selectors as compliance
from toli.dues import services as dues
from toli.members import services as members
from toli.rights.services import PAGE, TEXT_KIND, breach_text

LINKS = (LINK, LINK_AFTER_RESET)
WELCOME = "welcome"
KINDS = (CODE, *LINKS, WELCOME, TEXT_KIND, dues.RECEIPT_KIND, dues.REMINDER_KIND, dues.LAPSED_KIND)
OF_TERMS = frozenset({dues.REMINDER_KIND, dues.LAPSED_KIND})
OF_ORGANISATION = frozenset({WELCOME, TEXT_KIND})  # their words name it
SAMPLE_CODE = "000000"  # signs nobody in: it stands in no row
SAMPLE_NUMBER = "+910000000000"


def sample(kind: str, language: str, to: str = SAMPLE_NUMBER) -> TextMessage:
    """A message of this kind as somebody could get it. Of a welcome, only once the organisation is described."""
    if kind == CODE:
        return TextMessage(to, accounts.code_text(SAMPLE_CODE, language), kind, language, SAMPLE_CODE)
    if kind in LINKS:
        return TextMessage(to, _link(kind, f"{settings.BASE_URL}/a/sample", language), kind, language)
    if kind == TEXT_KIND:
        text = breach_text(compliance.get_organisation(), language, link=settings.BASE_URL + PAGE)
        return TextMessage(to, text, kind, language)
    if kind in OF_TERMS:
        text = _of_term(
            kind,
            language,
            day="31 December 2026",
            link=f"{settings.BASE_URL}/me/dues",
            way_out=f"{settings.BASE_URL}/c/sample",
        )
        return TextMessage(to, text, kind, language)
    if kind == dues.RECEIPT_KIND:
        text = _receipt(
            language,
            amount="₹100",
            collector="Asha",
            number="DRIVE/000001",
            link=f"{settings.BASE_URL}/d/sample",
            way_out=f"{settings.BASE_URL}/c/sample",
        )
        return TextMessage(to, text, kind, language)
    link = f"{settings.BASE_URL}/w/sample"
    text = _welcome(language, name="Asha", number="7Q3K-9M2X-PA", link=link, way_out=f"{settings.BASE_URL}/c/sample")
    return TextMessage(to, text, kind, language)


def to_register(kind: str, language: str) -> str:
    """The text with variables where each message has something of its own. A name may need two: each holds 30."""
    if kind == CODE:
        return accounts.code_text("{#numeric#}", language)
    if kind in LINKS:
        return _link(kind, "{#url#}", language)
    if kind == TEXT_KIND:
        return breach_text(compliance.get_organisation(), language, link="{#url#}")
    if kind in OF_TERMS:
        return _of_term(kind, language, day="{#var#}", link="{#url#}", way_out="{#url#}")
    if kind == dues.RECEIPT_KIND:
        return _receipt(
            language,
            amount="{#var#}",
            collector="{#var#}{#var#}",
            number="{#var#}{#var#}",
            link="{#url#}",
            way_out="{#url#}",
        )
    return _welcome(language, name="{#var#}{#var#}", number="{#var#}", link="{#url#}", way_out="{#url#}")


def _link(kind: str, link: str, language: str) -> str:
    return accounts.link_text(link, language, after_reset=kind == LINK_AFTER_RESET)


def _welcome(language: str, *, name: str, number: str, link: str, way_out: str) -> str:
    text = cards.welcome_text(compliance.get_organisation(), language, name=name, number=number, link=link)
    return members.with_way_out(text, language, link=way_out)


def _receipt(language: str, *, amount: str, collector: str, number: str, link: str, way_out: str) -> str:
    text = dues.receipt_text(language, amount=amount, collector=collector, number=number, link=link)
    return members.with_way_out(text, language, link=way_out)


def _of_term(kind: str, language: str, *, day: str, link: str, way_out: str) -> str:
    if kind == dues.LAPSED_KIND:
        text = dues.lapsed_text(language, link=link)
    else:
        text = dues.reminder_text(language, day=day, link=link)
    return members.with_way_out(text, language, link=way_out)
