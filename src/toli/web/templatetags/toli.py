"""Template helpers of all pages."""

import json
import re
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from babel.dates import format_date, format_datetime
from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language

from toli.analytics.domain.suppression import FEWEST, Veil
from toli.chatgroups import selectors as chatgroups
from toli.dues.domain.money import written
from toli.web.work_words import task_words

register = template.Library()
HEAT = (30, 50, 65, 80)
_SYLLABLE = re.compile(r"\w[\u093a-\u094f\u0900-\u0903]*")


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of static/icons.svg; decorative, the words beside it carry the meaning."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name)


@register.simple_tag(takes_context=True)
def with_language(context: Any, language: str) -> str:
    """The query of this page's address in another language; everything else in it stays."""
    query = context["request"].GET.copy()
    query["lang"] = language
    return str(query.urlencode())


@register.simple_tag
def url_with_next(address: str, target: str) -> str:
    """An address that remembers where somebody was going."""
    return f"{address}?next={quote(target)}"


@register.simple_tag
def meter(value: float, of: float = 100, tone: str = "") -> SafeString:
    """A bar; the number beside it says the same in words."""
    percent = min(100, round(100 * value / of)) if of else 0
    return format_html(
        '<svg class="meter {}" aria-hidden="true" viewBox="0 0 100 1" preserveAspectRatio="none">'
        '<rect width="{}" height="1"></rect></svg>',
        tone,
        percent,
    )


@register.filter
def indian(value: Any) -> str:
    """A whole number in Indian grouping: 124560 becomes 1,24,560."""
    number = int(value or 0)
    digits = str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    groups: list[str] = []
    while len(head) > 2:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    text = ",".join([part for part in (head, *groups) if part] + [tail])
    return f"-{text}" if number < 0 else text


@register.filter
def as_json(value: Any) -> str:
    """A value for a script, to stand in an attribute: what is special in HTML is escaped there."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def figure(count: Any) -> str:
    """A count, or what is told instead of it."""
    if count is Veil.FEW:
        return f"<{FEWEST}"
    return "–" if isinstance(count, Veil) or count is None else indian(count)


@register.filter
def task_name(task: Any) -> str:
    """What a task is called, and which group it is about."""
    return task_words(task)


@register.filter
def label(thing: Any) -> str:
    """The name of a territory, level, organisation or role in the page's language; nothing for nothing."""
    if not thing:
        return ""
    language = get_language() or "en"
    if hasattr(thing, "label") and callable(thing.label):
        return str(thing.label(language))
    return str(thing.name_hi if language == "hi" and thing.name_hi else thing.name_en)


@register.filter
def plural_label(level: Any) -> str:
    """What several of a level are called."""
    return str(level.label(get_language() or "en", plural=True))


@register.filter
def imprint(organisation: Any) -> str:
    """Publisher and address in the page's language."""
    return str(organisation.imprint(get_language()))


@register.filter
def day(when: date) -> str:
    """A day as people say it: ``24 नवंबर 2026``. Unicode's names of months, not Django's."""
    return format_date(_here(when), "d MMMM y", locale=get_language() or "en")


@register.filter
def short_day(when: date) -> str:
    """A day of this season: ``24 नवंबर``."""
    return format_date(_here(when), "d MMMM", locale=get_language() or "en")


def _here(when: date) -> date:
    """The day that a moment falls on where the organisation lives: at night it is another one than in London."""
    return localtime(when).date() if isinstance(when, datetime) else when


@register.filter
def moment(when: datetime) -> str:
    """A day and time of this season: ``24 नवंबर, 21:00``."""
    return format_datetime(localtime(when), "d MMMM, HH:mm", locale=get_language() or "en")


@register.filter
def exact_moment(when: datetime) -> str:
    """A day and time to the second, with the year: ``24 नवंबर 2026, 21:00:05``."""
    return format_datetime(localtime(when), "d MMMM y, HH:mm:ss", locale=get_language() or "en")


@register.filter
def money(amount: int, currency: str) -> str:
    """An amount in the smallest unit, as people write it: ``₹100``."""
    return written(amount, currency, get_language() or "en")


@register.filter
def percent_of(part: float, whole: float) -> int:
    """``part`` in percent of ``whole``; 0 of nothing."""
    return round(100 * part / whole) if whole else 0


@register.filter
def hundredths(part: float) -> str:
    """A part of one in percent: ``0.123`` becomes ``12 %``."""
    return f"{round(100 * part)}\u202f%"


@register.filter
def share_of(share: Any) -> str:
    """A count with what it is a share of, in percent."""
    return hundredths(share.count / share.of) if share.of else "–"


@register.filter
def heat(percent: int) -> str:
    """The class of a cell, from pale to dark."""
    return f"h{1 + sum(percent >= step for step in HEAT)}"


@register.filter
def fill_tone(group: Any) -> str:
    """The colour of a group's fill: calm, soon full, full."""
    share = group.taken / group.capacity if group.capacity else 0
    return "bad" if share >= 0.95 else "warn" if share >= 0.85 else ""


@register.filter
def stage(group: Any) -> str:
    """A group's state, and for an open one how full it is."""
    return str(chatgroups.stage_of(group))


@register.filter
def initials(name: str) -> str:
    """For the round badge: two Latin letters, or one Devanagari syllable, which is as wide."""
    found = [_SYLLABLE.match(word) for word in name.split()[:2]]
    letters = [match[0] for match in found if match]
    return letters[0] if letters and not letters[0].isascii() else "".join(letters)
