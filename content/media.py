"""Pictures and documents of content/files, each stored once: the same name with the same bytes is the same row."""

import hashlib

from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.images import get_image_model


def image_for(root, name, title):
    return _row_for(get_image_model(), root, name, title)


def document_for(root, name, title):
    return _row_for(get_document_model(), root, name, title)


def _row_for(model, root, name, title):
    """Wagtail keeps the SHA-1 of what it stores; with the name of the file it tells whether we have it already."""
    data = (root / "files" / name).read_bytes()
    stem = name.rsplit(".", 1)[0]
    same = model.objects.filter(file_hash=hashlib.sha1(data, usedforsecurity=False).hexdigest(), file__contains=stem)
    row = same.order_by("pk").first()
    if row is None:
        row = model(title=title[:255], file=ContentFile(data, name))
        if hasattr(row, "_set_file_hash"):
            row._set_file_hash()
        if hasattr(row, "_set_document_file_metadata"):
            row._set_document_file_metadata()
        row.save()
    return row
