"""Reasons to refuse a kit."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class KitNotFound(NotFound):
    code = "kit_not_found"
    message = _("There is no such kit in your area.")


class KitExists(Conflict):
    code = "kit_exists"
    message = _("There is a kit %(kit)s already.")


class KitIncomplete(Invalid):
    code = "kit_incomplete"
    message = _("This is missing or too long: %(missing)s.")


class ActAddressInvalid(Invalid):
    code = "act_address_invalid"
    message = _("The address of the useful act must be that of a web page: https://example.org/page.")


class KitStateWrong(Conflict):
    code = "kit_state_wrong"
    message = _("The kit is %(state)s; this step is not possible now.")


class SamePerson(Forbidden):
    code = "same_person"
    message = _("Whoever wrote a kit cannot approve it. Please ask someone else.")


class PosterUnfit(Invalid):
    code = "poster_unfit"
    message = _(
        "The place for the name must lie on the picture, at least %(width)s percent wide and %(height)s percent high."
    )


class ReasonMissing(Invalid):
    code = "reason_missing"
    message = _("Please give a reason.")


class FileRefused(Invalid):
    code = "file_refused"
    message = _("Please choose a PDF file of at most 5 MB.")


class PictureNotFound(NotFound):
    code = "picture_not_found"
    message = _("There is no such picture, or it is not shown any more.")


class VideoNotFound(NotFound):
    code = "video_not_found"
    message = _("There is no such video, or it is not shown any more.")


class VideoTooHeavy(Invalid):
    code = "video_too_heavy"
    message = _("The video has more than %(most)d MB. Please choose a smaller one.")


class VideoKindUnknown(Invalid):
    code = "video_kind_unknown"
    message = _("This is not a video as telephones make them: MP4, MOV, 3GP or WebM.")


class VideoBroken(Invalid):
    code = "video_broken"
    message = _("This video cannot be read. Please save it anew and try again.")


class VideoTooLong(Invalid):
    code = "video_too_long"
    message = _("The video is longer than %(most)d minutes. Please shorten it.")


class VideoToolsMissing(Unavailable):
    code = "video_tools_missing"
    message = _("Videos cannot be taken here yet: the operator has to install %(programs)s.")


class CaptionsRefused(Invalid):
    code = "captions_refused"
    message = _("Captions are a WebVTT file (.vtt) of at most 100 kB, with at least one line and its time.")
