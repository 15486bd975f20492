"""Every permission there is, with the sentence that the console shows for it.

Roles are data and name these; a page or service that asks for any other fails its test.
"""

TERRITORY_VIEW = "territory.view"
MEMBERS_VIEW = "members.view"
MEMBERS_IMPORT = "members.import"
DUES_MANAGE = "dues.manage"
CARDS_ISSUE = "cards.issue"
GROUPS_VIEW = "groups.view"
GROUPS_MANAGE = "groups.manage"
GROUPS_DIVIDE = "groups.divide"
WORK_DO = "work.do"
KITS_VIEW = "kits.view"
KITS_EDIT = "kits.edit"
KITS_APPROVE = "kits.approve"
KITS_RELEASE = "kits.release"
REPORT_VIEW = "report.view"
ACCESS_GRANT = "access.grant"
MEMBERS_MERGE = "members.merge"
MEMBERS_REVEAL = "members.reveal"
MEMBERS_EXPORT = "members.export"
EXPORTS_APPROVE = "exports.approve"
RIGHTS_HANDLE = "rights.handle"
COMPLAINTS_HANDLE = "complaints.handle"
AUDIT_VIEW = "audit.view"
ENROLMENT_CHECK = "enrolment.check"
DELIVERY_VIEW = "delivery.view"
DELIVERY_STOP = "delivery.stop"
ELECTIONS_MANAGE = "elections.manage"
PLACES_MANAGE = "places.manage"
SENDERS_MANAGE = "senders.manage"

PERMISSIONS = {
    TERRITORY_VIEW: "See territories and their counts",
    MEMBERS_VIEW: "See members, with masked numbers",
    MEMBERS_IMPORT: "Import lists of members",
    DUES_MANAGE: "Set fees, confirm payments, cancel receipts",
    CARDS_ISSUE: "Issue membership cards",
    GROUPS_VIEW: "See chat groups and their fill",
    GROUPS_MANAGE: "Plan and open chat groups",
    GROUPS_DIVIDE: "Divide chat groups",
    WORK_DO: "Do assigned work: create groups, relay kits",
    KITS_VIEW: "See kits",
    KITS_EDIT: "Write kits",
    KITS_APPROVE: "Approve kits",
    KITS_RELEASE: "Send kits out and withdraw them",
    REPORT_VIEW: "See the funnel and coverage",
    ACCESS_GRANT: "Give and end roles",
    MEMBERS_MERGE: "Say which entries are one person, and take that back",
    MEMBERS_REVEAL: "See a member's full number, for a stated reason",
    MEMBERS_EXPORT: "Ask for lists of members",
    EXPORTS_APPROVE: "Approve lists that others asked for",
    RIGHTS_HANDLE: "Answer members who use their rights",
    COMPLAINTS_HANDLE: "Answer complaints of anybody",
    AUDIT_VIEW: "See who did what",
    ENROLMENT_CHECK: "Check joinings that are held, release or refuse them",
    DELIVERY_VIEW: "See what was sent to members and what became of it",
    DELIVERY_STOP: "Stop messages that are on their way, let them go on, call them off",
    ELECTIONS_MANAGE: "Keep the election calendar",
    PLACES_MANAGE: "Keep the organisation's own accounts on platforms, and try them",
    SENDERS_MANAGE: "Set up what sends messages to members, with its keys",
}

COORDINATOR = (
    TERRITORY_VIEW, MEMBERS_VIEW, MEMBERS_MERGE, GROUPS_VIEW, GROUPS_DIVIDE, WORK_DO, KITS_VIEW, REPORT_VIEW,
)  # fmt: skip
PRIVACY_OFFICER = (TERRITORY_VIEW, MEMBERS_VIEW, RIGHTS_HANDLE, COMPLAINTS_HANDLE, EXPORTS_APPROVE, AUDIT_VIEW)
GRIEVANCE_OFFICER = (TERRITORY_VIEW, KITS_VIEW, COMPLAINTS_HANDLE)
CONTENT_TEAM = (TERRITORY_VIEW, KITS_VIEW, KITS_EDIT, KITS_RELEASE, REPORT_VIEW)
HEADQUARTERS = tuple(PERMISSIONS)

STANDARD_ROLES = {
    "headquarters": ("Headquarters", "मुख्यालय", HEADQUARTERS),
    "content": ("Content team", "सामग्री दल", CONTENT_TEAM),
    "privacy": ("Privacy officer", "निजता अधिकारी", PRIVACY_OFFICER),
    "grievance": ("Grievance officer", "शिकायत अधिकारी", GRIEVANCE_OFFICER),
    "coordinator": ("Coordinator", "समन्वयक", COORDINATOR),
}
