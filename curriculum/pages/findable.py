import unicodedata

from wagtail.search import index


def without_accents(text):
    """Lower case and without marks: "Evaluación" and "evaluacion", "São" and "sao" are the same to a searcher."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


class Findable:
    """Puts a copy of the words without accents into the index, so that people find them however they type.

    It works the same on SQLite and on PostgreSQL, whose simple dictionaries disagree about accents.
    """

    search_fields = [index.SearchField("words_without_accents", boost=1)]

    def words_without_accents(self):
        words = []
        for field in self.get_search_fields():
            if isinstance(field, index.SearchField) and field.field_name != "words_without_accents":
                value = field.get_value(self)
                words += value if isinstance(value, list | tuple) else [value or ""]
        return without_accents(" ".join(str(word) for word in words))
