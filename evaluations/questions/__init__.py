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

__all__ = [
    "ChoiceQuestion",
    "CommitmentQuestion",
    "ConfidenceQuestion",
    "LikertQuestion",
    "LongTextQuestion",
    "MatchingQuestion",
    "MultipleChoiceQuestion",
    "NumberQuestion",
    "OrderingQuestion",
    "PartialChoiceQuestion",
    "Question",
    "RetrospectiveQuestion",
    "RubricQuestion",
    "ShortTextQuestion",
    "VignetteQuestion",
]
