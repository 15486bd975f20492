"""Writes: drives, lists, people who join and leave, what they agree to, who looks at them and takes them out."""

from toli.members.services.by_day import write_by_day
from toli.members.services.citizens import agree, end_agreement, holds_until
from toli.members.services.confirming import confirm, send_confirmation
from toli.members.services.consenting import (
    Withdrawal,
    behind_withdrawal,
    set_consent,
    stop_messages,
    stop_path,
    stop_path_of,
    withdraw,
    withdrawal_path,
)
from toli.members.services.correcting import correct_member, move_member
from toli.members.services.drives import change_drive, close_drive, create_drive
from toli.members.services.enrolling import enrol_member, leave_organisation, open_account
from toli.members.services.erasing import bury, find_buried, person
from toli.members.services.exports import (
    MOST_CARDS,
    approve_export,
    ask_for_export,
    column_names,
    delete_exports_with,
    download,
    export_terms,
    look_behind_link,
    make_export,
    offer_card_numbers,
    offer_card_sheets,
    open_link,
    purge_exports,
    refuse_export,
    rows_taken,
)
from toli.members.services.history import change_membership, settled
from toli.members.services.importing import (
    FileLook,
    ImportReport,
    Problem,
    import_members,
    look_at_file,
    offer_cards,
)
from toli.members.services.indexing import (
    NUMBERS,
    begin_index_rotation,
    index_versions,
    move_index,
    retire_index_key,
)
from toli.members.services.join_codes import Source, Step, count_imported, count_step, inviter_code, make_posters
from toli.members.services.looking import count_list, look_at_list, look_at_member, look_at_pairs, search_members
from toli.members.services.merging import can_undo_merge, merge_members, say_two_people, survivor_of, undo_merge
from toli.members.services.pairing import PairReport, find_pairs
from toli.members.services.revealing import reveal_phone, reveals_left
from toli.members.services.sending import Addressee, Handover, addressees, send_texts, stop_link, with_way_out
from toli.members.services.standing import (
    admit_member,
    disown_membership,
    hold_member,
    take_back_member,
    turn_away_member,
)
from toli.members.services.terms import lapse_membership, promote_member, renew_membership
from toli.members.services.transferring import carry, transfer_member

__all__ = [
    "MOST_CARDS",
    "NUMBERS",
    "Addressee",
    "FileLook",
    "Handover",
    "ImportReport",
    "PairReport",
    "Problem",
    "Source",
    "Step",
    "Withdrawal",
    "addressees",
    "admit_member",
    "agree",
    "approve_export",
    "ask_for_export",
    "begin_index_rotation",
    "behind_withdrawal",
    "bury",
    "can_undo_merge",
    "carry",
    "change_drive",
    "change_membership",
    "close_drive",
    "column_names",
    "confirm",
    "correct_member",
    "count_imported",
    "count_list",
    "count_step",
    "create_drive",
    "delete_exports_with",
    "disown_membership",
    "download",
    "end_agreement",
    "enrol_member",
    "export_terms",
    "find_buried",
    "find_pairs",
    "hold_member",
    "holds_until",
    "import_members",
    "index_versions",
    "inviter_code",
    "lapse_membership",
    "leave_organisation",
    "look_at_file",
    "look_at_list",
    "look_at_member",
    "look_at_pairs",
    "look_behind_link",
    "make_export",
    "make_posters",
    "merge_members",
    "move_index",
    "move_member",
    "offer_card_numbers",
    "offer_card_sheets",
    "offer_cards",
    "open_account",
    "open_link",
    "person",
    "promote_member",
    "purge_exports",
    "refuse_export",
    "renew_membership",
    "retire_index_key",
    "reveal_phone",
    "reveals_left",
    "rows_taken",
    "say_two_people",
    "search_members",
    "send_confirmation",
    "send_texts",
    "set_consent",
    "settled",
    "stop_link",
    "stop_messages",
    "stop_path",
    "stop_path_of",
    "survivor_of",
    "take_back_member",
    "transfer_member",
    "turn_away_member",
    "undo_merge",
    "with_way_out",
    "withdraw",
    "withdrawal_path",
    "write_by_day",
]
