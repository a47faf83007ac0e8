"""What the raters of a teach-back say together: their marks side by side, where they differ, whether the mark is reached."""

from dataclasses import dataclass

from django.conf import settings

from evaluations.models import TeachBack, TeachBackPage
from evaluations.questions.reading import questions_of

DIFFERS_BY = 2  # points between raters from which a criterion is pointed out


def page_for(activity_key):
    """The page that sets the rules: the one in the site's first language, else any; `None` without one."""
    pages = list(TeachBackPage.objects.filter(translation_key=activity_key).select_related("locale"))
    pages.sort(key=lambda page: page.locale.language_code != settings.LANGUAGE_CODE)
    return pages[0] if pages else None


@dataclass(frozen=True)
class Criterion:
    """One line: the marks in the order of the ratings, `None` where not observed. `differs` by two points or more."""

    question: object
    marks: tuple

    @property
    def values(self):
        return [mark.measure for mark in self.marks if mark is not None and mark.measure is not None]

    @property
    def high(self):
        """The best mark there is, or `None` on a scale without numbers."""
        return (self.question.measure_range or (None, None))[1]

    @property
    def differs(self):
        return len(self.values) > 1 and max(self.values) - min(self.values) >= DIFFERS_BY

    @property
    def mean(self):
        return sum(self.values) / len(self.values) if self.values else None

    @property
    def words(self):
        return [self.question.answer_text(mark.value) if mark else "" for mark in self.marks]


@dataclass(frozen=True)
class Agreement:
    """Closed ratings side by side. `missing` counts the raters still needed; `reached` is `None` while they differ or are missing."""

    ratings: tuple
    criteria: tuple
    pass_mark: int
    missing: int

    @property
    def percents(self):
        return [100 * rating.score / rating.max_score for rating in self.ratings]

    @property
    def percent(self):
        return sum(self.percents) / len(self.percents) if self.ratings else None

    @property
    def reached(self):
        said = {percent >= self.pass_mark for percent in self.percents}
        return said.pop() if len(said) == 1 and not self.missing else None

    @property
    def split(self):
        """The raters differ on the result itself."""
        return len({percent >= self.pass_mark for percent in self.percents}) > 1


def agreement_on(teach_back):
    """Three queries and those of the questions."""
    page = page_for(teach_back.activity_key)
    closed = teach_back.ratings.filter(submitted_at__isnull=False).select_related("rater").prefetch_related("marks")
    ratings = tuple(closed)
    found = [{mark.question_id: mark for mark in rating.marks.all()} for rating in ratings]
    questions = questions_of(teach_back.instrument_id)
    criteria = tuple(Criterion(question, tuple(marks.get(question.pk) for marks in found)) for question in questions)
    needed = page.raters_needed if page else 2
    return Agreement(ratings, criteria, page.pass_mark if page else 70, max(needed - len(ratings), 0))


def may_see_others(teach_back, user):
    """The marks of others are open to those who closed their own rating, and to all once it is settled."""
    if teach_back.outcome != TeachBack.Outcome.OPEN:
        return True
    return teach_back.ratings.filter(rater=user, submitted_at__isnull=False).exists()
