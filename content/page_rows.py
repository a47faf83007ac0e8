"""Pages from plans to Wagtail, through revisions. What an editor wrote or changed since is left alone and reported."""

import json
from collections import defaultdict
from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Locale, Page, PageLogEntry, Site

from content.indexing import indexed_at_the_end
from content.library import HOME
from content.plan import digest

STREAMS = ("objectives", "body", "sources")


class PageLoader:
    """Loads the plans into the tree. One query each for pages, locales and the ledger; the rest only for what changes."""

    def __init__(self, plans, shipped, report):
        self.plans, self.shipped, self.report = plans, shipped, report
        self.locales = {code: _locale(code) for code, _name in settings.LANGUAGES}
        codes = {locale.pk: code for code, locale in self.locales.items()}
        keys = {plan.key for plan in plans}
        found = Page.objects.filter(translation_key__in=keys, locale__in=codes)
        self.pages = {(page.translation_key, codes[page.locale_id]): page for page in found}
        self.by_item, self.touched = {}, set()

    def load(self):
        with indexed_at_the_end({plan.model for plan in self.plans}, self.touched):
            for plan in self.plans:
                page = self._load(plan)
                if page:
                    self.by_item[plan.item, plan.language] = page
            self._put_in_order()
            self._retire_vanished()
            self._point_site()

    # --- one page --------------------------------------------------------------------------------------------------
    def _load(self, plan):
        page = self.pages.get((plan.key, plan.language))
        record = self.shipped.get(plan.item, plan.language)
        if page is None:
            return self._create(plan, record)
        if record and record.digest == plan.digest:
            self.report.unchanged += 1
        elif self._is_authored(page, record):
            self.report.skipped.append(f"{plan.item} ({plan.language}): changed in the editor")
        else:
            self._move(plan, page)
            page = self._publish(plan, Page.objects.get(pk=page.pk).specific)
            self.report.updated.append(f"{plan.item} ({plan.language})")
        return page

    def _is_authored(self, page, record):
        if record is None:
            return page.alias_of_id is None  # a placeholder of the tree sync is nobody's work
        unpublished_by_us = not record.digest
        return page.latest_revision_id != record.revision_id or not (page.live or unpublished_by_us)

    def _move(self, plan, page):
        """Under the page that the files name, unless an editor moved it (Wagtail's log knows)."""
        parent = self.by_item.get((plan.parent, plan.language))
        if parent is None or page.is_child_of(parent) or PageLogEntry.objects.filter(page=page, action="wagtail.move").exists():
            return
        page.move(Page.objects.get(pk=parent.pk), pos="last-child")

    def _create(self, plan, record):
        if record:
            self.report.skipped.append(f"{plan.item} ({plan.language}): deleted in the editor")
            return None
        if plan.parent is None:
            parent = Page.get_first_root_node()
        else:
            parent = self.by_item.get((plan.parent, plan.language))
            if parent is None:
                self.report.skipped.append(f"{plan.item} ({plan.language}): the page above it was deleted in the editor")
                return None
        page = plan.model(translation_key=plan.key, locale=self.locales[plan.language], slug=plan.slug, live=False)
        _fill(page, plan)
        # A fresh copy of the parent: treebeard counts children on the instance.
        Page.objects.get(pk=parent.pk).add_child(instance=page)
        self.report.created.append(f"{plan.item} ({plan.language})")
        return self._publish(plan, page)

    def _publish(self, plan, page):
        _fill(page, plan)
        page.alias_of = None
        page.slug = plan.slug
        revision = page.save_revision()
        revision.publish()
        self.touched.add(page.pk)
        self.shipped.note(plan.item, plan.language, plan.digest, page.pk, revision.pk)
        return Page.objects.get(pk=page.pk)

    # --- the tree --------------------------------------------------------------------------------------------------
    def _put_in_order(self):
        """Siblings follow the files when the order of the files changes; between loads editors may reorder freely."""
        families = defaultdict(list)
        for plan in self.plans:
            if plan.parent and (plan.item, plan.language) in self.by_item:
                families[plan.parent, plan.language].append(plan.item)
        for (parent, language), items in families.items():
            record, wanted = self.shipped.get(f"order/{parent}", language), digest(items)
            if record and record.digest == wanted:
                continue
            if record:
                self._reorder(parent, language, items)
            self.shipped.note(f"order/{parent}", language, wanted, self.by_item[parent, language].pk)

    def _reorder(self, parent, language, items):
        family = [self.by_item[item, language].pk for item in items]
        above = Page.objects.get(pk=self.by_item[parent, language].pk)
        standing = [pk for pk in above.get_children().values_list("pk", flat=True) if pk in family]
        if standing == [pk for pk in family if pk in standing]:
            return
        for pk in family:
            Page.objects.get(pk=pk).move(Page.objects.get(pk=above.pk), pos="last-child")
        self.report.updated.append(f"{parent} ({language}): order")

    def _retire_vanished(self):
        """A page whose file is gone is unpublished, never deleted: people's records may hang on it."""
        planned = {(plan.item, plan.language) for plan in self.plans}
        for item, language in sorted(self.shipped.rows):
            record = self.shipped.get(item, language)
            if not language or item.startswith("order/") or (item, language) in planned or not record.digest:
                continue
            page = Page.objects.filter(pk=record.object_id).first()
            if page and page.latest_revision_id != record.revision_id:
                self.report.skipped.append(f"{item} ({language}): its file is gone, but it was changed in the editor")
                continue
            if page and page.live:
                page.specific.unpublish()
                self.touched.add(page.pk)
            self.shipped.retire(item, language)
            self.report.retired.append(f"{item} ({language})")

    def _point_site(self):
        """The site opens at the home page in the source language; Wagtail's welcome page goes."""
        home = self.by_item.get((HOME, settings.LANGUAGE_CODE))
        site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
        if home is None or (site and site.root_page_id == home.pk):
            return
        former = site.root_page if site else None
        if former and former.specific_class is not Page:
            self.report.skipped.append("site: it opens at another page, chosen in the editor")
            return
        address = urlsplit(settings.SITE_BASE_URL)
        site = site or Site(is_default_site=True)
        site.root_page, site.site_name = home, settings.SITE_NAME
        site.hostname = address.hostname or "localhost"
        site.port = address.port or (443 if address.scheme == "https" else 80)
        site.save()
        if former and former.depth == 2 and not former.get_children().exists():
            former.delete()


def _locale(code):
    locale, _created = Locale.objects.get_or_create(language_code=code)
    return locale


def _fill(page, plan):
    for name, value in plan.fields.items():
        is_stream = name in STREAMS and isinstance(value, list)
        setattr(page, name, json.dumps(value, ensure_ascii=False, default=str) if is_stream else value)
