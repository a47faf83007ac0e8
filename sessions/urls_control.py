"""The screens of those who run a meeting: the control room, the projector, the screen in the hall."""

from django.urls import path

from sessions.views import control

urlpatterns = [
    path("<int:pk>/control/", control.control, name="control"),
    path("<int:pk>/control/groups/", control.plan_groups, name="plan_groups"),
    path("<int:pk>/projector/", control.projector, name="projector"),
    path("<int:pk>/hall/", control.hall, name="hall"),
]
