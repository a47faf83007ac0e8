"""What every page of ours is wrapped in: the navigation of the role in use, the languages, the small facts of the site."""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.dispatch import receiver
from django.forms.renderers import TemplatesSetting
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext
from wagtail.models import Page
from wagtail.signals import page_published, page_slug_changed, page_unpublished

from lms.roles_shown import MENTOR, find_roles, remembered, role_in_use, role_words, roles_of
from lms.templatetags.components import reader_country

__all__ = ["FormRenderer", "Shell", "find_roles", "role_in_use", "roles_of", "shell"]

# Views that belong to the cohorts and have addresses of their own.
OF_COHORTS = ("curriculum:enrollment", "curriculum:certificate_", "curriculum:people")
DEPTH_BELOW_HOME = 3  # the root, a home per language, then its pages
LANGUAGE_NAMES = {"es": "Español", "pt-br": "Português", "en": "English"}


class FormRenderer(TemplatesSetting):
    """Forms render with our own templates (lms/templates/components/form/)."""

    form_template_name = "components/form/div.html"
    field_template_name = "components/form/field.html"


@dataclass(frozen=True)
class Link:
    text: str
    url: str
    icon: str = ""
    current: bool = False


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    url: str
    current: bool


# --- languages -----------------------------------------------------------------------------------------------------
def translations_of(request):
    """{language: address} of the present page in the languages it exists in.

    A page of the tree sets `request.page_translations`; every other view has the same address with another prefix.
    """
    found = getattr(request, "page_translations", None)
    if found is not None:
        return found
    path = request.get_full_path()
    return {code: _same_view(request, path, code) for code, _name in settings.LANGUAGES}


def _same_view(request, path, code):
    match = getattr(request, "resolver_match", None)
    if match is None:
        return translate_url(path, code)
    with translation.override(code):
        try:
            url = reverse(match.view_name, args=match.args, kwargs=match.kwargs)
        except NoReverseMatch:
            return path
    query = request.META.get("QUERY_STRING", "")
    return f"{url}?{query}" if query else url


# --- pages of the tree that the shell links to ---------------------------------------------------------------------
LIBRARY_CACHE = "shell:library"


def tree_pages():
    """`{language: {"library": address, "plain": [(title, address)]}}` of the live pages. Remembered for five minutes."""
    found = cache.get(LIBRARY_CACHE)
    if found is None:
        from curriculum.pages import ResourceIndexPage, StandardPage  # noqa: PLC0415

        found = {}
        pages = Page.objects.live().public().type(ResourceIndexPage, StandardPage).select_related("locale").order_by("path")
        for page in pages:
            here = found.setdefault(page.locale.language_code, {"library": "", "plain": []})
            if not page.url:
                continue
            if page.specific_class is ResourceIndexPage:
                here["library"] = page.url
            elif page.depth == DEPTH_BELOW_HOME:
                here["plain"].append((page.title, page.url))
        cache.set(LIBRARY_CACHE, found, 300)
    return found


def library_url():
    """The resource library in the active language, else in any; "" while there is none."""
    urls = {language: pages["library"] for language, pages in tree_pages().items() if pages["library"]}
    return urls.get(get_language()) or urls.get(settings.LANGUAGE_CODE) or next(iter(urls.values()), "")


@receiver([page_published, page_unpublished, page_slug_changed])
def forget_library(sender, **kwargs):
    cache.delete(LIBRARY_CACHE)


# --- what templates see --------------------------------------------------------------------------------------------
class Shell:
    """Everything is found when a template asks for it, so that a page without navigation pays for none."""

    def __init__(self, request):
        self.request = request
        self.user = getattr(request, "user", None)

    @cached_property
    def signed_in(self):
        return bool(self.user and self.user.is_authenticated)

    @cached_property
    def scheme(self):
        return self.user.color_scheme if self.signed_in else ""

    @cached_property
    def saves_data(self):
        return self.request.headers.get("Save-Data", "").lower() == "on"

    @cached_property
    def languages(self):
        found, now = translations_of(self.request), get_language()
        return [
            Language(code, LANGUAGE_NAMES[code], found[code], code == now) for code, _name in settings.LANGUAGES if code in found
        ]

    @cached_property
    def language(self):
        code = get_language()
        return {"code": code, "short": code[:2].upper(), "name": LANGUAGE_NAMES.get(code, code)}

    @cached_property
    def alternates(self):
        """Absolute addresses for `hreflang`; only where there is something to choose from."""
        if len(self.languages) < 2 or self.signed_in:
            return []
        return [(language.code, settings.SITE_BASE_URL + language.url) for language in self.languages]

    @cached_property
    def remembered(self):
        return remembered(self.request) if self.signed_in else []

    @cached_property
    def roles(self):
        return [name for name in self.remembered if name != MENTOR]

    @cached_property
    def role(self):
        return role_in_use(self.request) if self.signed_in else ""

    @cached_property
    def role_name(self):
        return role_words(self.role, mentor=self.is_mentor)

    @cached_property
    def is_mentor(self):
        return MENTOR in self.remembered

    @cached_property
    def other_roles(self):
        """(role, words) to switch to. Editors go to Wagtail's admin by a link of their own."""
        return [(role, role_words(role, mentor=self.is_mentor)) for role in self.roles if role not in (self.role, "editor")]

    @cached_property
    def is_editor(self):
        return "editor" in self.roles

    @cached_property
    def unread(self):
        """How many notices the person has not opened; at most a minute behind."""
        from notifications import notices  # noqa: PLC0415 -- the renderer above is needed before models load

        return notices.unread_count(self.user) if self.signed_in else 0

    @cached_property
    def reads_messages(self):
        """Whether the message centre is in the menu; whether it opens is asked of the rows."""
        return "lead" in self.roles or (self.signed_in and self.user.is_superuser)

    @cached_property
    def library(self):
        return library_url()

    @cached_property
    def plain_pages(self):
        """(title, address) of the site's own pages for the foot, without those that the foot links to anyway."""
        return [page for page in tree_pages().get(get_language(), {}).get("plain", []) if page[1] != reverse("privacy")]

    def _link(self, name, text, url, icon=""):
        path = self.request.path
        view = getattr(self.request.resolver_match, "view_name", None) or ""
        here = getattr(self.request, "navigation_place", None) == name or (name == "cohorts" and view.startswith(OF_COHORTS))
        current = here or path == url or (url.count("/") > 2 and path.startswith(url))
        return Link(text, url, icon, current)

    @cached_property
    def navigation(self):
        """At most four places, by the role in use. Pages with addresses of their own set `request.navigation_place`."""
        links = {
            "today": (pgettext("navigation", "Today"), reverse("today"), "home"),
            "programme": (pgettext("navigation", "Programme"), reverse("curriculum:programme"), "book"),
            "sessions": (pgettext("navigation", "Meetings"), reverse("live:meetings"), "calendar"),
            "cohorts": (pgettext("navigation", "Cohorts"), reverse("curriculum:cohorts"), "people"),
            "results": (pgettext("navigation", "Results"), reverse("evaluations:results"), "results"),
            "library": (pgettext("navigation", "Library"), self.library, "file"),
            "admin": (pgettext("navigation", "Editing"), reverse("wagtailadmin_home"), "edit"),
            "verify": (pgettext("navigation", "Verify a certificate"), reverse("verification:form"), "check"),
            "search": (pgettext("navigation", "Search"), reverse("search"), "search"),
        }
        names = {
            "trainee": ("today", "programme", "sessions", "library"),
            "trainer": ("cohorts", "sessions", "results", "library"),
            "lead": ("cohorts", "sessions", "results", "library"),
            "evaluator": ("results", "today", "library"),
            "editor": ("today", "library", "admin"),
        }.get(self.role, ("today", "library") if self.signed_in else ("library", "verify", "search"))
        return [self._link(name, *links[name]) for name in names if links[name][1]]


def shell(request):
    """The context processor. No query for visitors; at most one for people, every five minutes."""
    found = Shell(request)
    reader_country.set(str(found.user.country) if found.signed_in else "")
    return {
        "shell": found,
        "site_name": settings.SITE_NAME,
        "contact_email": settings.CONTACT_EMAIL,
        "demo": settings.ALLOW_DEMO,
    }
