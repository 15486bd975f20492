"""What somebody who creates a group pastes into it: description, rules, picture."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from toli.chatgroups.domain.invites import EXAMPLES
from toli.chatgroups.domain.kinds import usual_kind
from toli.chatgroups.domain.picture import draw_group
from toli.chatgroups.models import Campaign, ChatGroup
from toli.compliance.selectors import get_organisation

LANGUAGES = ("hi", "en")  # of a campaign's own texts


@dataclass(frozen=True, slots=True)
class Pasted:
    """Texts for one group in one language, ready to paste. ``example``: how its link begins."""

    description: str
    rules: str
    example: str
    language: str = ""


def texts_for(group: ChatGroup, language: str) -> Pasted:
    """The campaign's own texts in a language, or those that Toli brings along."""
    campaign, organisation = group.campaign, get_organisation()
    own = {"hi": (campaign.description_hi, campaign.rules_hi), "en": (campaign.description_en, campaign.rules_en)}
    description, rules = own.get(language, ("", ""))
    with translation.override(language):
        usual = _("%(campaign)s: group of %(organisation)s for {territory}.") % {
            "campaign": campaign.name_hi if language == "hi" else campaign.name_en,
            "organisation": organisation.label(language),
        }
        rules = rules or _(
            "Only news of our organisation. Be kind. No telephone numbers of others. No forwards without a source. "
            "Leave whenever you like."
        )
    place = group.territory.label(language)
    return Pasted((description or usual).replace("{territory}", place), rules, EXAMPLES[group.kind], language)


def all_texts_for(group: ChatGroup, first: str) -> list[Pasted]:
    """The texts in every language that groups speak, the language ``first`` before the others."""
    return [texts_for(group, code) for code in sorted(LANGUAGES, key=lambda code: code != first)]


def example_texts(campaign: Campaign) -> list[Pasted]:
    """The texts as they would be pasted into a group for the whole of the campaign's territory."""
    group = ChatGroup(campaign=campaign, kind=usual_kind(campaign.platform), territory=campaign.territory, number=1)
    return all_texts_for(group, "hi")


def picture_for(group: ChatGroup) -> bytes:
    """A square PNG for the group, in Hindi as its name is."""
    organisation = get_organisation()
    return draw_group(
        place=group.territory.label("hi"),
        number=str(group.number),
        organisation=organisation.label("hi"),
        colour=organisation.brand_colour,
    )
