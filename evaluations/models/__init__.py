"""What is asked, what was answered, and what the report keeps of it."""

from evaluations.models.anonymous import AnonymousResponse, Asked
from evaluations.models.commitment import Commitment, CommitmentFollowUp
from evaluations.models.instrument import Instrument
from evaluations.models.response import Answer, AnswerVersion, Extension, Regrade, Response, ScoreChange
from evaluations.models.results import ApiToken, ExportJob, Finding, FreeTextTag, Reading, ReportedFigure, ReportSnapshot
from evaluations.models.review import ReviewAnswer, ReviewItem
from evaluations.models.teachback import Mark, Rating, TeachBack
from evaluations.models.wave import Wave
from evaluations.pages import QuizPage, SurveyPage, TeachBackPage
from evaluations.questions import (
    ChoiceQuestion,
    CommitmentQuestion,
    ConfidenceQuestion,
    LikertQuestion,
    LongTextQuestion,
    MatchingQuestion,
    MultipleChoiceQuestion,
    NumberQuestion,
    OrderingQuestion,
    PartialChoiceQuestion,
    Question,
    RetrospectiveQuestion,
    RubricQuestion,
    ShortTextQuestion,
    VignetteQuestion,
)

__all__ = [
    "AnonymousResponse",
    "Answer",
    "AnswerVersion",
    "ApiToken",
    "Asked",
    "ChoiceQuestion",
    "Commitment",
    "CommitmentFollowUp",
    "CommitmentQuestion",
    "ConfidenceQuestion",
    "ExportJob",
    "Extension",
    "Finding",
    "FreeTextTag",
    "Instrument",
    "LikertQuestion",
    "LongTextQuestion",
    "Mark",
    "MatchingQuestion",
    "MultipleChoiceQuestion",
    "NumberQuestion",
    "OrderingQuestion",
    "PartialChoiceQuestion",
    "Question",
    "QuizPage",
    "Rating",
    "Reading",
    "Regrade",
    "ReportSnapshot",
    "ReportedFigure",
    "Response",
    "RetrospectiveQuestion",
    "ReviewAnswer",
    "ReviewItem",
    "RubricQuestion",
    "ScoreChange",
    "ShortTextQuestion",
    "SurveyPage",
    "TeachBack",
    "TeachBackPage",
    "VignetteQuestion",
    "Wave",
]
