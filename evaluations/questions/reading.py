"""Questions with their kinds in one query: left joins instead of one query per kind (django-polymorphic's default)."""

from django.contrib.contenttypes.models import ContentType

from evaluations.questions.base import Question
from evaluations.questions.choice import ChoiceQuestion, MultipleChoiceQuestion
from evaluations.questions.commitment import CommitmentQuestion
from evaluations.questions.confidence import ConfidenceQuestion
from evaluations.questions.likert import LikertQuestion
from evaluations.questions.matching import MatchingQuestion
from evaluations.questions.number import NumberQuestion
from evaluations.questions.ordering import OrderingQuestion
from evaluations.questions.partial import PartialChoiceQuestion
from evaluations.questions.retrospective import RetrospectiveQuestion
from evaluations.questions.rubric import RubricQuestion
from evaluations.questions.text import LongTextQuestion, ShortTextQuestion
from evaluations.questions.vignette import VignetteQuestion

KINDS = (
    ChoiceQuestion, MultipleChoiceQuestion, PartialChoiceQuestion, OrderingQuestion, MatchingQuestion, VignetteQuestion,
    LikertQuestion, ConfidenceQuestion, RetrospectiveQuestion, RubricQuestion, CommitmentQuestion, NumberQuestion,
    ShortTextQuestion, LongTextQuestion,
)  # fmt: skip


def with_kinds(questions):
    """The same rows as `questions` (a queryset of `Question`), each as its own kind, in the same order."""
    types = ContentType.objects.get_for_models(*KINDS)
    names = {types[kind].pk: kind._meta.model_name for kind in KINDS}
    return [
        getattr(question, names[question.polymorphic_ctype_id])
        for question in questions.non_polymorphic().select_related(*names.values())
    ]


def questions_of(instrument_id):
    """All questions of an instrument in their order."""
    return with_kinds(Question.objects.filter(instrument_id=instrument_id))
