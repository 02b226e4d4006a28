"""Uploads of pictures: judged by their content, opened whole, and kept in a form that can be shown everywhere.

Wagtail's ways in (one, several, while choosing, in the place of another) all build the form that stands here.
"""

from pathlib import PurePath
from threading import Lock

import filetype
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError
from pillow_heif import register_heif_opener
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from common.files.pictures import simplify_picture, write_picture

register_heif_opener()

KINDS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF")
LONGEST_SIDE = 3000  # pixels that are kept: more than twice of what any page shows
SHORTEST_SIDE = 8
MOST_DRAWN_OUT = 20  # times as long as wide
GREEDY = {"WEBP": 20_000_000}  # pixels, where a decoder holds the picture several times over
# An open picture takes up to 400 MB for a moment, and a process has several threads.
_one_at_a_time = Lock()


class PictureField(WagtailImageField):
    """What it is decides, not what its name ends with; a file is replaced by the picture that was seen in it."""

    default_validators = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.help_text = format_lazy("{} {}", self.help_text, _("Of a moving picture the first frame is kept."))

    def to_python(self, data):
        file = forms.FileField.to_python(self, data)
        if file is None:
            return None
        self.check_image_file_size(file)
        with _one_at_a_time:
            content, suffix = self._simple_picture(file)
        replace_content(file, content, suffix)
        return file

    def _simple_picture(self, file):
        file.seek(0)
        try:
            picture = Image.open(file, formats=KINDS)
        except Image.DecompressionBombError:
            raise self._too_many_pixels(_("unknown number"), self.max_image_pixels) from None
        except UnidentifiedImageError as error:
            raise ValidationError(_say_what_it_is(file), code="invalid_image") from error
        except Exception as error:  # decoders of six kinds raise what they like
            raise _is_damaged() from error
        self._check_measures(picture)
        try:
            return write_picture(simplify_picture(picture, longest=LONGEST_SIDE), picture.format)
        except Exception as error:  # the same
            raise _is_damaged() from error

    def _check_measures(self, picture):
        """Before anything is unpacked: a few bytes can claim to be a picture as large as the memory."""
        width, height = picture.size
        most = min(GREEDY.get(picture.format, self.max_image_pixels), self.max_image_pixels)
        if width * height > most:
            raise self._too_many_pixels(width * height, most)
        if min(width, height) < SHORTEST_SIDE or max(width, height) > MOST_DRAWN_OUT * min(width, height):
            raise ValidationError(
                _(
                    "This picture is %(width)s pixels wide and %(height)s high. It cannot be shown with a side of less "
                    "than %(least)s pixels, or one that is more than %(times)s times as long as the other."
                ),
                code="odd_measures",
                params={"width": width, "height": height, "least": SHORTEST_SIDE, "times": MOST_DRAWN_OUT},
            )

    def _too_many_pixels(self, found, most):
        words = self.error_messages["file_too_many_pixels"] % {"num_pixels": found, "max_pixels_count": most}
        return ValidationError(words, code="file_too_many_pixels")


class PictureForm(BaseImageForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if wagtails := self.fields.get("file"):
            self.fields["file"] = PictureField(label=wagtails.label, widget=wagtails.widget)


def install_portrait_field():
    """Wagtail makes the portrait of a member of staff smaller without asking whether it can."""
    AvatarPreferencesForm.base_fields["avatar"] = PictureField(label=_("Upload a profile picture"), required=False)


def replace_content(file, content, suffix):
    """In the uploaded file itself: Wagtail sets it aside when a title is wrong, and takes it from there unasked."""
    file.file.seek(0)
    file.file.truncate()
    file.file.write(content)
    file.file.flush()
    file.file.seek(0)
    file.size = len(content)
    file.name = PurePath(file.name).stem + suffix
    file.content_type = "image/png" if suffix == ".png" else "image/jpeg"


def _is_damaged():
    return ValidationError(
        _("This picture is damaged or not complete. Export it again, or have it sent again, and upload that."),
        code="damaged_picture",
    )


def _say_what_it_is(file):
    """An SVG is a text that a browser carries out, so it is not taken."""
    file.seek(0)
    head = file.read(8192)
    if b"<svg" in head.lower():
        return _("This is an SVG drawing, which may contain a program. Save it as PNG and upload that.")
    kind = filetype.guess_extension(head)
    if not kind:
        return forms.ImageField.default_error_messages["invalid_image"]
    if kind in ("jpg", "png", "gif", "webp", "avif", "heic"):
        return _is_damaged().message
    words = _("This is a file of the kind “%(kind)s”, which pages cannot show. Save it as JPEG or PNG and upload that.")
    return words % {"kind": kind.upper()}
