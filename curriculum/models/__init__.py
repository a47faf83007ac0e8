"""Names the models, nothing else. Pages live in curriculum/pages/."""

from curriculum.models.certificate import Certificate, Requirement
from curriculum.models.cohort import Cohort, Consent, Enrollment, EnrollmentChange, Invitation
from curriculum.models.completion import Completion
from curriculum.models.handin import HandIn
from curriculum.pages import (
    AssignmentPage,
    CurriculumPage,
    HomePage,
    LessonPage,
    ModulePage,
    ResourceIndexPage,
    ResourcePage,
    StandardPage,
)

__all__ = [
    "AssignmentPage",
    "Certificate",
    "Cohort",
    "Completion",
    "Consent",
    "CurriculumPage",
    "Enrollment",
    "EnrollmentChange",
    "HandIn",
    "HomePage",
    "Invitation",
    "LessonPage",
    "ModulePage",
    "Requirement",
    "ResourceIndexPage",
    "ResourcePage",
    "StandardPage",
]
