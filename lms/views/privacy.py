from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms import consents


@require_safe
def privacy(request):
    """What is kept about people, and the present wording of each consent."""
    return render(request, "privacy.html", {"consents": consents.wordings()})
