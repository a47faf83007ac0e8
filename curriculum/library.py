"""The resource library: one card per resource, whatever languages it exists in."""

from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django_countries import countries

from curriculum.models import ResourcePage
from curriculum.reading_search import matching

PER_PAGE = 20


@dataclass(frozen=True)
class Card:
    page: ResourcePage
    url: str
    languages: list  # (name, address) of every version


class Library:
    """Filters, search and one page of cards, from the values of a GET form. Unknown values narrow nothing."""

    FILTERS = ("resource_type", "audience", "standard", "country", "pillar")

    def __init__(self, data):
        self.query = (data.get("q") or "").strip()[:200]
        self.language = data.get("language") if data.get("language") in dict(settings.LANGUAGES) else ""
        self.chosen = {name: data.get(name, "") for name in self.FILTERS}
        self.chosen = {name: value if value in dict(self._choices(name)) else "" for name, value in self.chosen.items()}
        self._number = data.get("page")

    @property
    def is_narrowed(self):
        return bool(self.query or self.language or any(self.chosen.values()))

    @cached_property
    def _countries(self):
        codes = ResourcePage.objects.live().public().exclude(country="").order_by().values_list("country", flat=True).distinct()
        return [(code, countries.name(code)) for code in sorted(codes)]

    def _choices(self, name):
        if name == "country":
            return self._countries
        return [(str(value), label) for value, label in ResourcePage._meta.get_field(name).choices]

    @property
    def filters(self):
        """(name, label, choices, chosen) of each select of the form."""
        fields = [(name, ResourcePage._meta.get_field(name).verbose_name) for name in self.FILTERS]
        return [(name, label, self._choices(name), self.chosen[name]) for name, label in fields if self._choices(name)]

    @property
    def languages(self):
        return settings.LANGUAGES

    @cached_property
    def _found(self):
        """The keys of the resources that match, in order."""
        pages = ResourcePage.objects.live().public()
        if self.language:
            pages = pages.filter(locale__language_code=self.language)
        pages = pages.filter(**{name: value for name, value in self.chosen.items() if value})
        if self.query:
            best = [page.pk for page in matching(ResourcePage.objects.live(), self.query)[:500]]
            order = {pk: place for place, pk in enumerate(best)}
            rows = sorted(pages.filter(pk__in=best).values_list("pk", "translation_key"), key=lambda row: order[row[0]])
            return list(dict.fromkeys(key for _pk, key in rows))
        return list(dict.fromkeys(pages.order_by("title", "pk").values_list("translation_key", flat=True)))

    @property
    def total(self):
        return len(self._found)

    @cached_property
    def page(self):
        """A page of the paginator whose objects are cards."""
        page = Paginator(self._found, PER_PAGE).get_page(self._number)
        page.object_list = self._cards(list(page.object_list))
        return page

    def _cards(self, keys):
        versions = {}
        pages = ResourcePage.objects.live().public().filter(translation_key__in=keys).select_related("locale", "document")
        for page in pages:
            versions.setdefault(page.translation_key, {})[page.locale.language_code] = page
        return [self._card(versions[key]) for key in keys if key in versions]

    def _card(self, versions):
        wanted = (self.language, get_language(), settings.LANGUAGE_CODE, next(iter(versions)))
        page = next(versions[code] for code in wanted if code in versions)
        languages = [(name, versions[code].url) for code, name in settings.LANGUAGES if code in versions]
        return Card(page, page.url, languages)
