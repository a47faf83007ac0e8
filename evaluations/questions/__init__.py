from evaluations.questions.base import Question
from evaluations.questions.choice import ChoiceQuestion, MultipleChoiceQuestion
from evaluations.questions.likert import LikertQuestion
from evaluations.questions.number import NumberQuestion
from evaluations.questions.text import LongTextQuestion, ShortTextQuestion

__all__ = [
    "ChoiceQuestion",
    "LikertQuestion",
    "LongTextQuestion",
    "MultipleChoiceQuestion",
    "NumberQuestion",
    "Question",
    "ShortTextQuestion",
]
