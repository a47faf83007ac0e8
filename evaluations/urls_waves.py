"""Addresses of evaluations/urls.py, namespace `evaluations`."""

from django.urls import path

from evaluations.views import waves, waves_asked, waves_reading

urlpatterns = [
    # those who are asked
    path("waves/<int:pk>/", waves_asked.wave, name="wave"),
    path("w/<str:token>/", waves_asked.Link.as_view(), name="wave_link"),
    path("my-answers/", waves_reading.my_answers, name="my_answers"),
    # those who run the cohort
    path("cohorts/<int:pk>/waves/", waves.index, name="waves"),
    path("cohorts/<int:pk>/waves/plan/", waves.plan, name="wave_plan"),
    path("cohorts/<int:pk>/waves/usual/", waves.usual, name="waves_usual"),
    path("waves/<int:pk>/manage/", waves.manage, name="wave_manage"),
    path("waves/<int:pk>/close/", waves.close, name="wave_close"),
    path("waves/<int:pk>/newest/", waves.newest, name="wave_newest"),
    path("waves/<int:pk>/delete/", waves.delete, name="wave_delete"),
    path("waves/<int:pk>/unanswered/", waves.unanswered, name="wave_unanswered"),
    path("waves/<int:pk>/answers/", waves_reading.answers, name="wave_answers"),
    path("responses/<int:pk>/read/", waves_reading.read, name="read_answers"),
]
