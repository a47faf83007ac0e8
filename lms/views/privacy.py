from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from curriculum.models import StandardPage
from lms import consents
from lms.shell import DEPTH_BELOW_HOME


@require_safe
def privacy(request):
    """What is kept about people, in the editors' words where there is such a page, and the present wording of each consent."""
    pages = StandardPage.objects.live().public().filter(slug="privacy", depth=DEPTH_BELOW_HOME)
    page = pages.filter(locale__language_code=get_language()).first()
    return render(request, "privacy.html", {"page": page, "consents": consents.wordings()})
