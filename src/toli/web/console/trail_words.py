"""The audit trail in words: a sentence for each action, in groups that people look for.

``%(who)s``: the name of whoever acted, or "A member", "Unknown person", "Toli". ``%(what)s``: the thing it was done to.
Whoever records a new action writes its sentence here; tests/audit/test_words.py looks for it.
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class Group(StrEnum):
    WARNINGS = "warnings"
    MEMBERS = "members"
    LISTS = "lists"
    ROLES = "roles"
    SIGN_IN = "sign-in"
    CONSENT = "consent"
    CARDS = "cards"
    DUES = "dues"
    GROUPS = "groups"
    MATERIAL = "material"
    HOUSE = "house"


GROUPS: dict[Group, str | Promise] = {
    Group.WARNINGS: _("Warnings"),
    Group.MEMBERS: _("Members: seen, searched, changed"),
    Group.LISTS: _("Lists that were taken out"),
    Group.ROLES: _("Roles and accounts"),
    Group.SIGN_IN: _("Signing in"),
    Group.CONSENT: _("Consent and members' rights"),
    Group.CARDS: _("Cards"),
    Group.DUES: _("Fees and receipts"),
    Group.GROUPS: _("Chat groups"),
    Group.MATERIAL: _("Material"),
    Group.HOUSE: _("Keys, trail and settings"),
}

SENTENCES: dict[Group, dict[str, str | Promise]] = {
    Group.WARNINGS: {
        "accounts.sign_in_refused": _("%(who)s tried to sign in as %(what)s and was refused."),
        "members.much_read": _("%(who)s looked at unusually many members within a day."),
        "enrolment.not_me": _("%(who)s said that they did not want to be written down: %(what)s."),
        "cards.not_me": _("%(who)s said that a card was sent to the wrong person: %(what)s."),
        "members.not_me": _("%(who)s said that they never joined: %(what)s."),
        "enrolment.hold": _("%(who)s held a batch of joinings: %(what)s."),
        "accounts.reset_factors": _("%(who)s removed all ways of signing in of %(what)s."),
        "audit.restart": _("%(who)s had the audit trail accepted as it stood."),
    },
    Group.MEMBERS: {
        "members.view": _("%(who)s looked at %(what)s."),
        "members.list": _("%(who)s looked through members of %(what)s."),
        "members.search": _("%(who)s searched for a telephone number."),
        "cards.search": _("%(who)s searched for a card number and found %(what)s."),
        "members.reveal": _("%(who)s saw the full number of %(what)s."),
        "members.correct": _("%(who)s corrected the data of %(what)s."),
        "members.move": _("%(who)s moved members to another place: %(what)s."),
        "rolls.draw": _("%(who)s drew up a roll of members: %(what)s."),
        "rolls.certify": _("%(who)s certified a roll of members: %(what)s."),
        "rolls.publish": _("%(who)s published a roll of members: %(what)s."),
        "rolls.look": _("%(who)s looked through a roll of members: %(what)s."),
        "rolls.challenge": _("%(who)s objected to a roll of members: %(what)s."),
        "rolls.decide": _("%(who)s decided about an objection to a roll of members: %(what)s."),
        "rolls.supplement": _("%(who)s issued a supplement to a roll of members: %(what)s."),
        "rolls.fetch": _("%(who)s fetched a roll of members, without names: %(what)s."),
        "members.arrive": _("%(who)s moved a member here from another place: %(what)s."),
        "members.import": _("%(who)s imported a list of members: %(what)s."),
        "members.join": _("%(who)s joined: %(what)s."),
        "members.merge": _("%(who)s said that two entries are one person: %(what)s."),
        "members.unmerge": _("%(who)s made two members of one again: %(what)s."),
        "members.two_people": _("%(who)s said that two entries are two people: %(what)s."),
        "members.duplicates": _("%(who)s looked at entries that may be one person: %(what)s."),
        "members.leave": _("%(who)s ended a membership: %(what)s."),
        "enrolment.receive": _("%(who)s sent entries that were written down at a camp."),
        "enrolment.invite": _("%(who)s asked people who were written down at a camp."),
        "enrolment.confirm": _("%(who)s confirmed what was written down at a camp: %(what)s."),
        "enrolment.withdraw": _("%(who)s took an entry from a camp back: %(what)s."),
        "enrolment.expire": _("%(who)s forgot people who did not answer after a camp."),
        "enrolment.register_device": _("%(who)s registered a phone for enrolling: %(what)s."),
        "enrolment.end_device": _("%(who)s ended a phone for enrolling: %(what)s."),
        "members.hold": _("%(who)s held a joining for a check: %(what)s."),
        "members.admit": _("%(who)s admitted somebody whose joining was checked: %(what)s."),
        "members.turn_away": _("%(who)s turned away somebody whose joining was checked: %(what)s."),
        "members.take_back": _("%(who)s made somebody a member who had been turned away: %(what)s."),
        "enrolment.draw_calls": _("%(who)s drew members by lot to be called: %(what)s."),
        "enrolment.hand_calls": _("%(who)s gave a list of calls to somebody else: %(what)s."),
        "enrolment.note_call": _("%(who)s called a member who was drawn by lot: %(what)s."),
        "enrolment.ask_transfer": _("%(who)s asked for the transfer to another place: %(what)s."),
        "enrolment.ask_promotion": _("%(who)s asked to become an active member: %(what)s."),
        "enrolment.take_back_wish": _("%(who)s took a request back: %(what)s."),
        "enrolment.accept_wish": _("%(who)s accepted what a member asked for: %(what)s."),
        "enrolment.refuse_wish": _("%(who)s did not accept what a member asked for: %(what)s."),
        "enrolment.release": _("%(who)s released a batch of joinings: %(what)s."),
        "enrolment.ask_refuse": _("%(who)s asked a second person to refuse a batch of joinings: %(what)s."),
        "enrolment.refuse": _("%(who)s refused a batch of joinings: %(what)s."),
        "enrolment.restore": _("%(who)s took the refusal of a batch of joinings back: %(what)s."),
        "enrolment.close": _("%(who)s closed a case about joinings: %(what)s."),
        "members.renew": _("%(who)s renewed a membership: %(what)s."),
        "members.promote": _("%(who)s put a member into another class: %(what)s."),
        "members.lapse": _("%(who)s noted that a membership was not renewed: %(what)s."),
        "members.drive_change": _("%(who)s changed a membership drive: %(what)s."),
        "members.posters": _("%(who)s made posters of a membership drive: %(what)s."),
        "members.drive": _("%(who)s opened a membership drive: %(what)s."),
    },
    Group.LISTS: {
        "members.export.ask": _("%(who)s asked for a list of members: %(what)s."),
        "members.export.approve": _("%(who)s approved a list of members: %(what)s."),
        "members.export.refuse": _("%(who)s refused a list of members: %(what)s."),
        "members.export.ready": _("%(who)s made a list of members: %(what)s."),
        "members.export.stopped": _("%(who)s did not make a list, as its asker may not have it any more: %(what)s."),
        "members.export.link": _("%(who)s opened a link to a list of members: %(what)s."),
        "members.export.download": _("%(who)s downloaded a list of members: %(what)s."),
        "members.export.delete": _("%(who)s deleted the file of a list of members: %(what)s."),
    },
    Group.ROLES: {
        "access.grant": _("%(who)s gave a role to %(what)s."),
        "access.end": _("%(who)s ended a role of %(what)s."),
        "accounts.create": _("%(who)s made an account for %(what)s."),
        "accounts.open": _("%(who)s opened the account of %(what)s again."),
        "accounts.close": _("%(who)s closed the account of %(what)s."),
        "accounts.text_link": _("%(who)s sent a sign-in link to %(what)s."),
        "accounts.sign_in_link": _("%(who)s made a sign-in link for %(what)s."),
    },
    Group.SIGN_IN: {
        "accounts.sign_in": _("%(who)s signed in."),
        "accounts.confirm": _("%(who)s proved once more who they are."),
        "accounts.revoke_session": _("%(who)s ended sign-ins of %(what)s."),
        "accounts.add_passkey": _("%(who)s added a passkey."),
        "accounts.remove_passkey": _("%(who)s removed a passkey."),
        "accounts.add_totp": _("%(who)s set up the authenticator app."),
        "accounts.remove_totp": _("%(who)s removed the authenticator app."),
        "accounts.make_recovery_codes": _("%(who)s made new recovery codes."),
        "accounts.set_password": _("%(who)s set a password for %(what)s."),
    },
    Group.CONSENT: {
        "members.consent.give": _("%(who)s agreed to be written to: %(what)s."),
        "members.consent.withdraw": _("%(who)s withdrew consent: %(what)s."),
        "members.citizen.agree": _("%(who)s agreed to hear from us without being a member: %(what)s."),
        "members.citizen.end": _("%(who)s ended what a citizen had agreed to: %(what)s."),
        "members.recognition.give": _("%(who)s agreed to be shown to their team by name."),
        "members.recognition.withdraw": _("%(who)s is no longer shown to their team by name."),
        "rights.file": _("%(who)s entered a member's request: %(what)s."),
        "rights.look": _("%(who)s read a member's request: %(what)s."),
        "rights.answer": _("%(who)s answered a member's request: %(what)s."),
        "rights.refuse": _("%(who)s refused a member's request: %(what)s."),
        "rights.confirm": _("%(who)s decided that a member is erased: %(what)s."),
        "rights.take_back": _("%(who)s took a request back: %(what)s."),
        "rights.done": _("%(who)s carried out a member's request: %(what)s."),
        "rights.complaint.file": _("%(who)s complained: %(what)s."),
        "rights.complaint.look": _("%(who)s read a complaint: %(what)s."),
        "rights.complaint.take_up": _("%(who)s took up a complaint: %(what)s."),
        "rights.complaint.answer": _("%(who)s answered a complaint: %(what)s."),
        "rights.retention": _("%(who)s cleared away what was kept long enough."),
        "rights.erase": _("%(who)s erased the data of %(what)s."),
        "rights.copy": _("%(who)s made a copy of the data of %(what)s."),
        "rights.breach.open": _("%(who)s opened the case of a breach: %(what)s."),
        "rights.breach.find": _("%(who)s found whom a breach concerns: %(what)s."),
        "rights.breach.look_again": _("%(who)s had the trail of a breach read again: %(what)s."),
        "rights.breach.describe": _("%(who)s wrote what the letters of a breach say: %(what)s."),
        "rights.breach.letters.ask": _("%(who)s asked for letters to the people of a breach: %(what)s."),
        "rights.breach.letters.approve": _("%(who)s approved letters to the people of a breach: %(what)s."),
        "rights.breach.letters.take_back": _("%(who)s took letters of a breach back: %(what)s."),
        "rights.breach.letters.sent": _("%(who)s told the people of a breach: %(what)s."),
        "rights.breach.letters.files": _("%(who)s made files with letters of a breach: %(what)s."),
        "rights.breach.board": _("%(who)s told the Data Protection Board: %(what)s."),
        "rights.breach.close": _("%(who)s closed the case of a breach: %(what)s."),
    },
    Group.DUES: {
        "dues.offer": _("%(who)s set what a membership costs: %(what)s."),
        "dues.claim": _("%(who)s said that they have paid: %(what)s."),
        "dues.receive": _("%(who)s received money: %(what)s."),
        "dues.statement": _("%(who)s read a list of the bank's payments."),
        "dues.cancel": _("%(who)s cancelled a receipt: %(what)s."),
        "dues.hand_over": _("%(who)s said that cash was handed over: %(what)s."),
        "dues.take_over": _("%(who)s confirmed cash that was handed over: %(what)s."),
        "dues.refuse_cash": _("%(who)s said that cash did not come: %(what)s."),
        "dues.dispute": _("%(who)s said that a receipt is wrong: %(what)s."),
        "dues.answer": _("%(who)s answered about a receipt: %(what)s."),
    },
    Group.CARDS: {
        "cards.issue": _("%(who)s issued membership cards."),
        "cards.revoke": _("%(who)s revoked a card: %(what)s."),
        "cards.give_back": _("%(who)s let a card count again: %(what)s."),
        "cards.replace": _("%(who)s replaced a card: %(what)s."),
        "cards.reissue": _("%(who)s issued cards again under a new key."),
        "cards.photo.set": _("%(who)s put a photograph on the card of %(what)s."),
        "cards.photo.show": _("%(who)s chose whether the card of %(what)s shows its photograph."),
        "cards.photo.remove": _("%(who)s removed the photograph of %(what)s."),
        "cards.print": _("%(who)s made cards for printing."),
        "cards.key.add": _("%(who)s added a key for signing cards: %(what)s."),
        "cards.key.withdraw": _("%(who)s withdrew a key for signing cards: %(what)s."),
        "cards.key.retire": _("%(who)s retired a key for signing cards: %(what)s."),
        "cards.welcome": _("%(who)s sent welcome messages with cards."),
    },
    Group.GROUPS: {
        "chatgroups.campaign": _("%(who)s began a campaign of chat groups: %(what)s."),
        "chatgroups.describe": _("%(who)s changed what is pasted into the chat groups of a campaign: %(what)s."),
        "chatgroups.ask": _("%(who)s asked for chat groups to be created: %(what)s."),
        "chatgroups.open": _("%(who)s opened a chat group: %(what)s."),
        "chatgroups.change_link": _("%(who)s changed the invite link of a chat group: %(what)s."),
        "chatgroups.add": _("%(who)s entered a chat group that exists already: %(what)s."),
        "chatgroups.rename": _("%(who)s wrote down another name of a chat group: %(what)s."),
        "chatgroups.archive": _("%(who)s closed a chat group: %(what)s."),
        "chatgroups.community": _("%(who)s put a chat group into a community, or took it out: %(what)s."),
        "chatgroups.succeed": _("%(who)s named another admin of a chat group: %(what)s."),
        "chatgroups.second_admin": _("%(who)s said that a chat group has a second admin: %(what)s."),
        "chatgroups.hand_over": _("%(who)s said that a chat group was handed over: %(what)s."),
        "chatgroups.take_over": _("%(who)s took over overdue work about a chat group: %(what)s."),
        "chatgroups.leak": _("%(who)s reported that strangers have the link of a chat group: %(what)s."),
        "botgroups.bot": _("%(who)s connected a bot that keeps chat groups."),
        "botgroups.connect": _("%(who)s connected a chat group with the bot: %(what)s."),
        "botgroups.new_code": _("%(who)s had a new address made by which the bot is put into a chat group: %(what)s."),
        "botgroups.test": _("%(who)s had the bot write a test into a chat group: %(what)s."),
        "botgroups.disconnect": _("%(who)s disconnected the account of %(what)s from the bot."),
        "chatgroups.roster": _("%(who)s compared a chat group with its members: %(what)s."),
        "chatgroups.divide": _("%(who)s divided the chat groups of %(what)s."),
        "chatgroups.plan_migration": _("%(who)s planned a division in waves: %(what)s."),
        "chatgroups.approve_migration": _("%(who)s approved a division in waves: %(what)s."),
        "chatgroups.drop_migration": _("%(who)s had a planned division not carried out: %(what)s."),
        "chatgroups.pause_migration": _("%(who)s paused a division: %(what)s."),
        "chatgroups.resume_migration": _("%(who)s had a division go on: %(what)s."),
        "chatgroups.roll_back_migration": _("%(who)s rolled a division back: %(what)s."),
        "chatgroups.replan_migration": _("%(who)s planned a division anew, as the numbers had changed: %(what)s."),
        "chatgroups.open_wave": _("%(who)s began the next wave of a division: %(what)s."),
        "chatgroups.finish_migration": _("%(who)s finished a division: %(what)s."),
        "chatgroups.announce": _("%(who)s posted in an old group that its people have a new one: %(what)s."),
        "chatgroups.close": _("%(who)s closed an old group: %(what)s."),
        "chatgroups.remove": _("%(who)s deleted a group that nobody needed any more: %(what)s."),
        "chatgroups.keep_for_news": _("%(who)s kept an old group for announcements only: %(what)s."),
        "chatgroups.move": _("%(who)s moved members to new chat groups in %(what)s."),
    },
    Group.MATERIAL: {
        "delivery.batch.create": _("%(who)s prepared the messages %(what)s."),
        "delivery.batch.stop": _("%(who)s stopped the messages %(what)s."),
        "delivery.batch.resume": _("%(who)s let the messages %(what)s go on."),
        "delivery.batch.cancel": _("%(who)s called off the messages %(what)s."),
        "content.create": _("%(who)s wrote material: %(what)s."),
        "content.set_picture": _("%(who)s put a picture into material: %(what)s."),
        "content.set_poster": _("%(who)s chose where members stand on posters of material: %(what)s."),
        "content.describe_picture": _("%(who)s described a picture of material: %(what)s."),
        "content.remove_picture": _("%(who)s removed a picture from material: %(what)s."),
        "content.edit": _("%(who)s changed material: %(what)s."),
        "content.set_file": _("%(who)s put a file to material: %(what)s."),
        "content.reject": _("%(who)s sent material back: %(what)s."),
        "content.schedule": _("%(who)s planned when material goes out: %(what)s."),
        "content.unschedule": _("%(who)s took a plan for material back: %(what)s."),
        "content.submit": _("%(who)s handed in material for approval: %(what)s."),
        "content.approve": _("%(who)s approved material: %(what)s."),
        "content.live": _("%(who)s put material out: %(what)s."),
        "content.withdraw": _("%(who)s withdrew material: %(what)s."),
        "distribution.release": _("%(who)s sent material to the groups: %(what)s."),
        "distribution.plan": _("%(who)s planned where material goes: %(what)s."),
        "distribution.schedule": _("%(who)s scheduled a plan: %(what)s."),
        "distribution.cancel": _("%(who)s cancelled a plan: %(what)s."),
        "distribution.start": _("%(who)s began a plan: %(what)s."),
        "distribution.post": _("%(who)s had messages to members made for a plan: %(what)s."),
        "distribution.recall": _("%(who)s recalled material everywhere: %(what)s."),
        "distribution.gone": _("%(who)s confirmed that a post was deleted: %(what)s."),
        "distribution.stays": _("%(who)s reported that a post cannot be deleted: %(what)s."),
        "distribution.confirm": _("%(who)s confirmed that material stands in a group: %(what)s."),
        "posting.place.add": _("%(who)s added an account to which programs post: %(what)s."),
        "posting.place.change": _("%(who)s changed the settings of an account: %(what)s."),
        "posting.place.state": _("%(who)s paused an account or let it go on: %(what)s."),
        "posting.try": _("%(who)s posted a test: %(what)s."),
        "posting.settle": _("%(who)s looked what became of a post: %(what)s."),
        "posting.gone": _("%(who)s confirmed that a program's post was deleted: %(what)s."),
        "posting.stays": _("%(who)s reported that a program's post cannot be deleted: %(what)s."),
    },
    Group.HOUSE: {
        "delivery.sender.create": _("%(who)s set up the sender %(what)s."),
        "delivery.sender.change": _("%(who)s changed settings of the sender %(what)s."),
        "delivery.sender.key": _("%(who)s changed the key of the sender %(what)s."),
        "delivery.sender.state": _("%(who)s changed whether %(what)s sends."),
        "delivery.sender.test": _("%(who)s sent a test by %(what)s."),
        "delivery.pause": _("%(who)s had all sending of messages paused."),
        "delivery.resume": _("%(who)s had messages sent again."),
        "delivery.settle": _("%(who)s settled messages of which nobody knew whether they were sent."),
        "audit.view": _("%(who)s looked at the audit trail."),
        "audit.key": _("%(who)s made a new key for the audit trail."),
        "audit.prune": _("%(who)s removed old entries of the audit trail."),
        "keys.add": _("%(who)s added a key: %(what)s."),
        "keys.rotate": _("%(who)s moved all data to a newer key: %(what)s."),
        "keys.retire": _("%(who)s retired a key: %(what)s."),
        "organisation.set": _("%(who)s changed the data of the organisation."),
        "organisation.rules": _("%(who)s changed the rules of the organisation."),
        "elections.add": _("%(who)s put an election into the calendar: %(what)s."),
        "elections.add_polls": _("%(who)s added places that vote to %(what)s."),
        "elections.remove_poll": _("%(who)s removed a place that votes from %(what)s."),
        "elections.remove": _("%(who)s removed an election from the calendar: %(what)s."),
        "sms_template.register": _("%(who)s entered a registered SMS text: %(what)s."),
        "sms_template.end": _("%(who)s ended a registered SMS text: %(what)s."),
        "senders.test": _("%(who)s sent a test message."),
        "territories.import": _("%(who)s imported territories."),
    },
}

_BY_ACTION = {action: (group, words) for group, found in SENTENCES.items() for action, words in found.items()}


def sentence_of(action: str) -> str | Promise:
    """The sentence of an action; of one that a later version recorded, its name."""
    if action in _BY_ACTION:
        return _BY_ACTION[action][1]
    return format_lazy("%(who)s: {action}.", action=action.replace("%", "%%"))


def group_of(action: str) -> Group | None:
    """The group that an action belongs to."""
    found = _BY_ACTION.get(action)
    return found[0] if found else None


def actions_of(group: str) -> tuple[str, ...]:
    """All actions of a group; none of an unknown one."""
    return tuple(SENTENCES.get(Group(group), ())) if group in set(Group) else ()
