"""What editors may upload: a file must be what its name says, and must not unpack to something enormous."""

import os
import struct
import zipfile

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

MAX_RATIO, MAX_PARTS, MAX_UNPACKED = 100, 5_000, 200 * 2**20
MAIN_PART = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "xlsx": "xl/workbook.xml"}


class DocumentForm(BaseDocumentForm):
    """Wagtail's form for documents (settings.WAGTAILDOCS_DOCUMENT_FORM_BASE), which looks inside the file."""

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            check_document(file)
        return file


def check_document(file):
    """Raises `ValidationError` for a file that is too large, is not of the kind its name says, or unpacks out of proportion."""
    if file.size > settings.MAX_BODY_SIZE:
        raise ValidationError(_("The file is larger than %(most)s MB.") % {"most": settings.MAX_BODY_SIZE // 2**20}, "too_large")
    extension = os.path.splitext(file.name)[1][1:].lower()
    right = _is_pdf(file) if extension == "pdf" else _is_office(file, MAIN_PART.get(extension))
    file.seek(0)
    if not right:
        raise ValidationError(
            _("The content is not what the name of the file says. Save it again as %(kind)s and upload it.")
            % {"kind": extension.upper()},
            "not_its_kind",
        )


def _is_pdf(file):
    file.seek(0)
    return file.read(5) == b"%PDF-"


def _is_office(file, main_part):
    """Whether it is an Office file without macros; one that unpacks out of proportion is refused here."""
    file.seek(0)
    if main_part is None or file.read(4) != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > min(MAX_UNPACKED, MAX_RATIO * max(packed, 1)):
        raise ValidationError(_("The file unpacks to far more than its size. Save it again and upload it."), "bomb")
    names = {part.filename for part in parts}
    return {"[Content_Types].xml", main_part} <= names and not any(name.endswith("vbaProject.bin") for name in names)


class HeaderFirstImageField(WagtailImageField):
    """Wagtail's field unpacks an image before it counts the pixels, and fails on one that is cut. Here the header speaks first."""

    def to_python(self, data):
        if data and hasattr(data, "read"):
            self._check_header(data)
        try:
            return super().to_python(data)
        except (OSError, SyntaxError, ValueError, struct.error) as error:
            raise ValidationError(self.error_messages["invalid_image"], "invalid_image") from error

    def _check_header(self, data):
        try:
            image = Image.open(data)
            pixels = image.width * image.height * getattr(image, "n_frames", 1)
        except UnidentifiedImageError:
            return  # Wagtail says what is wrong with it
        except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, struct.error) as error:
            raise ValidationError(self.error_messages["invalid_image"], "invalid_image") from error
        finally:
            data.seek(0)
        if pixels > self.max_image_pixels:
            words = self.error_messages["file_too_many_pixels"]
            numbers = {"num_pixels": pixels, "max_pixels_count": self.max_image_pixels}
            raise ValidationError(words % numbers, "file_too_many_pixels")


class ImageForm(BaseImageForm):
    """Wagtail's form for images (settings.WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            given = self.fields["file"]
            self.fields["file"] = HeaderFirstImageField(label=given.label, widget=given.widget, required=given.required)
