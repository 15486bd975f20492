"""What citizens are told before they agree to hear from the organisation, and by which ways they can be reached."""

from toli.members.domain.purposes import Channel, Purpose

# Stands with every word that was given on the notice. A notice that says something else gets another version.
NOTICE_VERSION = "citizen-1"
PURPOSE = Purpose.CONTENT
OFFERED = (Channel.SMS, Channel.WHATSAPP)
TERM = "members.citizens"  # the line of the schedule that says how long a word of theirs holds
EVIDENCE_PAGE = "hear"
