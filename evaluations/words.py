"""Words held in all languages on one row: `{"es": …, "pt-br": …, "en": …}`."""

from django.conf import settings
from django.utils import translation


def in_language(words, language=None):
    """The wording for `language` (default: the active one), else Spanish, else whatever there is, else ""."""
    if not isinstance(words, dict):
        return ""
    language = language or translation.get_language() or settings.LANGUAGE_CODE
    return words.get(language) or words.get(settings.LANGUAGE_CODE) or next(iter(words.values()), "")


def missing_languages(words):
    """Codes of the site's languages for which there is no wording."""
    return [code for code, _name in settings.LANGUAGES if not (words or {}).get(code)]
