"""The nine blocks of a lesson, in three groups. Scores and keys are never in a block: a check names a question of the bank."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

TEXT, MEDIA, INTERACTION = _("Text"), _("Media"), _("Interaction")
PARAGRAPH_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class SourceBlock(blocks.StructBlock):
    key = blocks.RegexBlock(r"^[A-Za-z0-9-]{1,20}$", label=_("Key"), help_text=_("Letters and digits; the text cites it."))
    text = blocks.CharBlock(max_length=500, label=_("Reference"))
    url = blocks.URLBlock(label=_("Address or DOI"))

    class Meta:
        icon = "link"
        label = _("Source")


class FigureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Image"))
    alt = blocks.CharBlock(
        max_length=300, label=_("Alternative text"), help_text=_("What the picture says, for those who cannot see it.")
    )
    caption = blocks.CharBlock(max_length=300, required=False, label=_("Caption"))
    source = blocks.CharBlock(max_length=20, required=False, label=_("Key of the source"))

    class Meta:
        icon = "image"
        group = MEDIA
        label = _("Figure")
        template = "curriculum/blocks/figure.html"
        preview_value = {"alt": "", "caption": _("A DXA room in a fictional hospital")}
        description = _("A picture with alternative text and its source.")


class VideoBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=150, label=_("Title"))
    url = blocks.URLBlock(label=_("Address"), help_text=_("Readers get a link with the length; nothing plays by itself."))
    minutes = blocks.IntegerBlock(min_value=1, max_value=240, label=_("Minutes"))
    transcript = blocks.RichTextBlock(features=["bold", "italic", "ol", "ul"], label=_("Transcript"))

    class Meta:
        icon = "media"
        group = MEDIA
        label = _("Video")
        template = "curriculum/blocks/video.html"
        preview_value = {
            "title": _("A first talk with the director"),
            "url": "https://example.org/video",
            "minutes": 4,
            "transcript": "<p>…</p>",
        }
        description = _("A link to a video, with its transcript.")


class DownloadBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("File"))
    title = blocks.CharBlock(max_length=150, label=_("Title"))

    class Meta:
        icon = "download"
        group = MEDIA
        label = _("Download")
        template = "curriculum/blocks/download.html"
        preview_value = {"title": _("Worksheet: your hospital in numbers")}
        description = _("A file to take away, shown with its size.")


class CheckBlock(blocks.StructBlock):
    """A question of the bank. The page only names it; the right answer never travels with the page."""

    question = SnippetChooserBlock("evaluations.Question", label=_("Question"))

    class Meta:
        icon = "help"
        group = INTERACTION
        label = _("Check yourself")
        template = "curriculum/blocks/check.html"
        description = _("A question from the bank, answered in place.")


class CaseBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=150, label=_("Title"))
    story = blocks.RichTextBlock(features=["bold", "italic", "ol", "ul"], label=_("Story"))
    question = blocks.CharBlock(max_length=300, label=_("Question"))
    discussion = blocks.RichTextBlock(
        features=["bold", "italic", "ol", "ul"], label=_("Discussion"), help_text=_("Opened by the reader.")
    )

    class Meta:
        icon = "group"
        group = INTERACTION
        label = _("Case")
        template = "curriculum/blocks/case.html"
        collapsed = True
        preview_value = {
            "title": _("Hospital San Telmo (fictional)"),
            "story": _("<p>A woman of 71 leaves the ward with a new hip and no appointment.</p>"),
            "question": _("Who should have seen her before she left?"),
            "discussion": _("<p>Start with the list of the orthopaedic ward.</p>"),
        }
        description = _("A short story, a question, and what one might think.")


class RowBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=120, label=_("Label"))
    values = blocks.ListBlock(blocks.FloatBlock(), min_num=1, max_num=6, label=_("Values"))

    class Meta:
        label = _("Row")


class DataFigureBlock(blocks.StructBlock):
    """A table in, a chart out. `form` is one of four; the server draws it as SVG (curriculum/charts.py)."""

    FORMS = [("bars", _("bars")), ("stacked", _("stacked row")), ("arrows", _("before and after")), ("steps", _("rising line"))]

    title = blocks.CharBlock(max_length=200, label=_("Finding"), help_text=_("Say in one sentence what the figure shows."))
    form = blocks.ChoiceBlock(choices=FORMS, default="bars", label=_("Form"))
    unit = blocks.CharBlock(max_length=20, required=False, label=_("Unit"))
    series = blocks.ListBlock(blocks.CharBlock(max_length=60), label=_("Names of the parts"), default=[], required=False)
    rows = blocks.ListBlock(RowBlock(), min_num=1, max_num=24, label=_("Rows"))
    caption = blocks.CharBlock(max_length=400, required=False, label=_("Caption"))
    source = blocks.CharBlock(max_length=20, required=False, label=_("Key of the source"))

    VALUES_PER_ROW = {"bars": 1, "arrows": 2, "steps": 1}

    class Meta:
        icon = "table"
        group = INTERACTION
        label = _("Data figure")
        template = "curriculum/blocks/data_figure.html"
        preview_value = {
            "title": _("Eight of ten people leave without treatment"),
            "form": "bars",
            "unit": "%",
            "series": [],
            "rows": [{"label": _("Untreated"), "values": [80]}, {"label": _("Treated"), "values": [20]}],
            "caption": _("Example"),
            "source": "",
        }
        description = _("A small table, drawn as a chart with the table behind it.")

    def clean(self, value):
        value = super().clean(value)
        expected = self.VALUES_PER_ROW.get(value["form"], len(value["series"]))
        if any(len(row["values"]) != expected for row in value["rows"]):
            raise StructBlockValidationError(
                {"rows": ValidationError(_("This form takes %(count)d value(s) in each row.") % {"count": expected})}
            )
        return value


class LessonBody(blocks.StreamBlock):
    paragraph = blocks.RichTextBlock(
        features=PARAGRAPH_FEATURES, group=TEXT, label=_("Paragraph"), icon="pilcrow", template="curriculum/blocks/paragraph.html",
        preview_value=_("<p>Most people with a fragility fracture pass through the hospital only once.</p>"),
        description=_("Text with headings, lists and links."),
    )  # fmt: skip
    key_point = blocks.TextBlock(
        max_length=400, group=TEXT, label=_("Key point"), icon="pin", template="curriculum/blocks/key_point.html",
        preview_value=_("The first fracture is the moment to prevent the second."),
        description=_("One sentence worth remembering."),
    )  # fmt: skip
    objective = blocks.CharBlock(
        max_length=300, group=TEXT, label=_("Learning objective"), icon="tick", template="curriculum/blocks/objective.html",
        preview_value=_("Choose two ways of finding patients in your hospital."),
        description=_("What the next part is for."),
    )  # fmt: skip
    figure = FigureBlock()
    video = VideoBlock()
    download = DownloadBlock()
    check = CheckBlock()
    case = CaseBlock()
    data_figure = DataFigureBlock()

    class Meta:
        block_counts = {}
