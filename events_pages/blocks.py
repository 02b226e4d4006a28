"""Blocks of a page's body. Templates: `templates/events_pages/blocks/`."""

from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from events_pages.public.renditions import GALLERY, STORY

FORMATTING = ["h2", "h3", "bold", "italic", "ul", "ol", "link", "document-link"]


def embed_address(address):
    """Of the player at YouTube or Vimeo, asked not to track before play is pressed; None for any other address."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    word = parts.path.rstrip("/").rpartition("/")[2]
    if host == "youtube.com" and parts.path == "/watch":
        word = parse_qs(parts.query).get("v", [""])[0]
    if not word.replace("-", "").replace("_", "").isalnum() or not word.isascii():
        return None
    if host in ("youtube.com", "youtube-nocookie.com", "youtu.be"):
        return f"https://www.youtube-nocookie.com/embed/{word}?autoplay=1"
    if host in ("vimeo.com", "player.vimeo.com") and word.isdigit():
        return f"https://player.vimeo.com/video/{word}?dnt=1&autoplay=1"
    return None


class PictureBlock(blocks.StructBlock):
    image = ImageBlock(label=_("picture"))
    caption = blocks.CharBlock(label=_("caption"), max_length=200, required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "events_pages/blocks/picture.html"


class GalleryBlock(blocks.ListBlock):
    def __init__(self, **kwargs):
        super().__init__(ImageBlock(label=_("picture")), **kwargs)

    class Meta:
        icon = "grip"
        label = _("Gallery")
        template = "events_pages/blocks/gallery.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("words"), rows=3)
    who = blocks.CharBlock(label=_("who said it"), max_length=120, required=False)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "events_pages/blocks/quote.html"


class ActBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("name"), max_length=120)
    text = blocks.CharBlock(label=_("a few words"), max_length=200, required=False)


class LineUpBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("heading"), max_length=80, default=_("Line-up"))
    acts = blocks.ListBlock(ActBlock(), label=_("who is on"))

    class Meta:
        icon = "group"
        label = _("Line-up")
        template = "events_pages/blocks/line_up.html"


class MomentBlock(blocks.StructBlock):
    time = blocks.TimeBlock(label=_("time"))
    text = blocks.CharBlock(label=_("what happens"), max_length=200)


class ScheduleBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("heading"), max_length=80, default=_("How the day runs"))
    moments = blocks.ListBlock(MomentBlock(), label=_("moments"))

    class Meta:
        icon = "time"
        label = _("Schedule")
        template = "events_pages/blocks/schedule.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("question"), max_length=160)
    answer = blocks.RichTextBlock(label=_("answer"), features=["bold", "italic", "ul", "link"])


class QuestionsBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("heading"), max_length=80, default=_("Questions and answers"))
    questions = blocks.ListBlock(QuestionBlock(), label=_("questions"))

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "events_pages/blocks/questions.html"


class VideoBlock(blocks.StructBlock):
    """Nothing is asked of the video's host before a visitor presses play."""

    title = blocks.CharBlock(label=_("title"), max_length=120)
    address = blocks.URLBlock(label=_("address"), help_text=_("Of the video at YouTube or Vimeo."))

    class Meta:
        icon = "media"
        label = _("Video")
        template = "events_pages/blocks/video.html"

    def clean(self, value):
        cleaned = super().clean(value)
        if not embed_address(cleaned["address"]):
            wrong = ValidationError(_("Paste the address of one video at YouTube or Vimeo."))
            raise StructBlockValidationError({"address": wrong})
        return cleaned

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context)
        return context | {"embed": embed_address(value["address"] or "")}


class CallToActionBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("heading"), max_length=80)
    text = blocks.CharBlock(label=_("text"), max_length=240, required=False)
    label = blocks.CharBlock(label=_("words on the button"), max_length=40)
    page = blocks.PageChooserBlock(label=_("to a page"), required=False)
    address = blocks.URLBlock(label=_("or to an address"), required=False)

    class Meta:
        icon = "pick"
        label = _("Call to action")
        template = "events_pages/blocks/call_to_action.html"

    def clean(self, value):
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            wrong = ValidationError(_("Choose a page or give an address: one of the two."))
            raise StructBlockValidationError({"page": wrong})
        return cleaned


class TicketOfferBlock(blocks.StructBlock):
    sale = SnippetChooserBlock("ticketing.EventSale", label=_("ticket sale"))

    class Meta:
        icon = "tag"
        label = _("Ticket offer")
        template = "events_pages/blocks/ticket_offer.html"


class BodyBlock(blocks.StreamBlock):
    text = blocks.RichTextBlock(
        label=_("Text"), features=FORMATTING, icon="pilcrow", template="events_pages/blocks/text.html"
    )
    picture = PictureBlock()
    gallery = GalleryBlock()
    quote = QuoteBlock()
    line_up = LineUpBlock()
    schedule = ScheduleBlock()
    questions = QuestionsBlock()
    video = VideoBlock()
    call_to_action = CallToActionBlock()
    ticket_offer = TicketOfferBlock()

    class Meta:
        required = False


def pictures_of(body):
    """(picture, size) of all that a body shows; None for a picture that was deleted since."""
    for block in body:
        if block.block_type == "picture":
            yield block.value["image"], STORY
        elif block.block_type == "gallery":
            yield from ((image, GALLERY) for image in block.value)
