"""Names the models, nothing else. Pages live in curriculum/pages/."""

from curriculum.models.certificate import Certificate, Requirement
from curriculum.models.cohort import Cohort, Consent, Enrollment, EnrollmentChange, Invitation
from curriculum.models.completion import Completion
from curriculum.pages import (
    CurriculumPage,
    HomePage,
    LessonPage,
    ModulePage,
    ResourceIndexPage,
    ResourcePage,
    StandardPage,
)

__all__ = [
    "Certificate",
    "Cohort",
    "Completion",
    "Consent",
    "CurriculumPage",
    "Enrollment",
    "EnrollmentChange",
    "HomePage",
    "Invitation",
    "LessonPage",
    "ModulePage",
    "Requirement",
    "ResourceIndexPage",
    "ResourcePage",
    "StandardPage",
]
