"""The loader's memory: what it last wrote for each item and language."""

from content.models import Shipped


class Ledger:
    """All `Shipped` rows, read once; only what changes is written."""

    def __init__(self):
        self.rows = {(row.item, row.language): row for row in Shipped.objects.all()}

    def get(self, item, language=""):
        return self.rows.get((item, language))

    def items(self, prefix):
        return sorted({item for item, _language in self.rows if item.startswith(prefix)})

    def note(self, item, language, digest, object_id, revision_id=None):
        values = {"digest": digest, "object_id": str(object_id), "revision_id": revision_id}
        row, _created = Shipped.objects.update_or_create(item=item, language=language, defaults=values)
        self.rows[item, language] = row

    def retire(self, item, language=""):
        """Keeps the row without a digest: a file that comes back is loaded again."""
        row = self.get(item, language)
        self.note(item, language, "", row.object_id, row.revision_id)
