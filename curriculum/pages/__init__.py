from curriculum.pages.assignment import AssignmentPage
from curriculum.pages.curriculum import CurriculumPage
from curriculum.pages.home import HomePage
from curriculum.pages.lesson import LessonPage
from curriculum.pages.module import ModulePage
from curriculum.pages.resource import ResourceIndexPage, ResourcePage
from curriculum.pages.standard import StandardPage

__all__ = [
    "AssignmentPage",
    "CurriculumPage",
    "HomePage",
    "LessonPage",
    "ModulePage",
    "ResourceIndexPage",
    "ResourcePage",
    "StandardPage",
]
