"""The listings of instruments and of all questions (the item bank) in Wagtail's admin. Polls of live sessions are made and found there."""

import django_filters
from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import IndexView

from evaluations import bank, gaps
from evaluations.constructs import name_of
from evaluations.models import Instrument, Question
from evaluations.questions.base import MOORE_LEVELS
from evaluations.questions.reading import KINDS, with_kinds

POLL = Instrument.Kind.POLL


def state_of(instrument):
    if instrument.archived_at:
        return _("archived on %(day)s") % {"day": date_format(instrument.archived_at, "SHORT_DATE_FORMAT")}
    if instrument.locked_at:
        return _("answered since %(day)s") % {"day": date_format(instrument.locked_at, "SHORT_DATE_FORMAT")}
    return _("draft")


def missing_words(thing):
    """The languages that are still missing, for listings."""
    return _("missing: %(languages)s") % {"languages": ", ".join(thing.missing)} if thing.missing else _("complete")


class InstrumentFilterSet(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), choices=[one for one in Instrument.Kind.choices if one[0] != POLL]
    )
    archived = django_filters.BooleanFilter(
        field_name="archived_at", lookup_expr="isnull", exclude=True, label=gettext_lazy("Archived")
    )

    class Meta:
        model = Instrument
        fields = []


class OneByOne(IndexView):
    """Without the boxes to tick: what may be done to a row depends on the row."""

    @cached_property
    def columns(self):
        return [column for column in super().columns if column.name != "bulk_actions"]


class InstrumentIndexView(OneByOne):
    def get_base_queryset(self):
        return super().get_base_queryset().filter(pk__in=bank.instruments()).annotate(question_count=Count("questions"))

    def paginate_queryset(self, queryset, page_size):
        paginator, page, rows, several = super().paginate_queryset(queryset, page_size)
        rows = list(rows)
        missing = gaps.missing_in(rows, with_kinds(Question.objects.filter(instrument__in=rows)))
        for instrument in rows:
            instrument.missing = missing[instrument.pk]
        page.object_list = rows
        return paginator, page, rows, several

    def get_edit_url(self, instance):
        return reverse("evaluations_instrument", args=[instance.pk])


INSTRUMENT_COLUMNS = [
    "__str__",
    "kind",
    "version",
    Column("state", label=gettext_lazy("State"), accessor=state_of),
    Column("question_count", label=gettext_lazy("Questions")),
    Column("languages", label=gettext_lazy("Languages"), accessor=missing_words),
]


class QuestionIndexView(OneByOne):
    def get_base_queryset(self):
        return super().get_base_queryset().filter(instrument__in=bank.instruments())


class BankFilterSet(WagtailFilterSet):
    """Instrument, topic, level, kind, languages, where it is used."""

    instrument = django_filters.ModelChoiceFilter(label=gettext_lazy("instrument"), queryset=lambda _request: bank.instruments())
    construct = django_filters.ChoiceFilter(label=gettext_lazy("Topic"), choices=lambda: _constructs())
    moore = django_filters.ChoiceFilter(label=gettext_lazy("Moore level"), choices=MOORE_LEVELS)
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=lambda: _kinds(), method="of_kind")
    languages = django_filters.ChoiceFilter(
        label=gettext_lazy("Languages"), method="in_languages",
        choices=[("complete", gettext_lazy("complete")), ("missing", gettext_lazy("something is missing"))],
    )  # fmt: skip
    used = django_filters.ChoiceFilter(
        label=gettext_lazy("Used"), method="used_in",
        choices=[("answered", gettext_lazy("answered")), ("lesson", gettext_lazy("in a lesson")), ("unused", gettext_lazy("not yet"))],
    )  # fmt: skip

    class Meta:
        model = Question
        fields = []

    def of_kind(self, queryset, name, value):
        return queryset.filter(polymorphic_ctype__model=value)

    def in_languages(self, queryset, name, value):
        lacking = gaps.incomplete(Question.objects.filter(instrument__in=bank.instruments()))
        return queryset.exclude(pk__in=lacking) if value == "complete" else queryset.filter(pk__in=lacking)

    def used_in(self, queryset, name, value):
        return bank.used(queryset, value)


def _constructs():
    slugs = bank.questions().exclude(construct="").order_by("construct").values_list("construct", flat=True)
    return [(slug, name_of(slug)) for slug in slugs.distinct()]


def _kinds():
    return [(kind._meta.model_name, kind._meta.verbose_name) for kind in KINDS]


class BankIndexView(OneByOne):
    def get_base_queryset(self):
        return bank.counted(bank.questions().select_related("instrument"))

    def paginate_queryset(self, queryset, page_size):
        paginator, page, rows, several = super().paginate_queryset(queryset, page_size)
        counts = {question.pk: question.times for question in rows}
        real = {
            question.pk: question for question in with_kinds(Question.objects.filter(pk__in=counts).select_related("instrument"))
        }
        for pk, question in real.items():
            question.times = counts[pk]
            question.missing = [str(entry["language"]) for entry in gaps.by_language(gaps.gaps_of(question))]
        rows = [real[pk] for pk in counts]
        page.object_list = rows
        return paginator, page, rows, several

    def get_edit_url(self, instance):
        return reverse(instance.snippet_viewset.get_url_name("inspect"), args=[instance.pk])

    def get_delete_url(self, instance):
        return None


BANK_COLUMNS = [
    "__str__",
    Column("kind", label=gettext_lazy("Kind"), accessor=lambda question: question._meta.verbose_name),
    "instrument",
    Column(
        "construct",
        label=gettext_lazy("Topic"),
        accessor=lambda question: name_of(question.construct) if question.construct else "–",
    ),
    "moore",
    Column("times", label=gettext_lazy("Answered")),
    Column("languages", label=gettext_lazy("Languages"), accessor=missing_words),
]
