"""A preparatory meeting: criteria, candidates, decisions."""

from django.urls import path

from sessions.views import confirming, selection

urlpatterns = [
    path("<int:pk>/selection/", selection.overview, name="selection"),
    path("<int:pk>/selection/criteria/", selection.criteria, name="criteria"),
    path("<int:pk>/selection/criteria/usual/", selection.usual, name="criteria_usual"),
    path("<int:pk>/selection/criteria/<int:criterion>/", selection.criterion, name="criterion"),
    path("<int:pk>/selection/criteria/<int:criterion>/act/", selection.criterion_act, name="criterion_act"),
    path("<int:pk>/selection/candidates/<int:enrollment>/", selection.candidate, name="candidate"),
    path("<int:pk>/selection/apply/", confirming.apply, name="selection_apply"),
]
