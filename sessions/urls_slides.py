"""Pictures and words of slides."""

from django.urls import path

from sessions.views import slides

urlpatterns = [
    path("<int:pk>/slides/<int:deck>/<int:page>/", slides.slide, name="slide"),
    path("<int:pk>/slides/<int:deck>/<int:page>/text/", slides.slide_text, name="slide_text"),
]
