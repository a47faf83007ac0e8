"""The project's addresses and one empty view, the floor that pages are compared with."""

from django.http import HttpResponse
from django.urls import path

from lms.urls import *  # noqa: F403
from lms.urls import handler400, handler403, handler404, handler500, urlpatterns  # noqa: F401

urlpatterns = [path("floor", lambda request: HttpResponse("ok")), *urlpatterns]
