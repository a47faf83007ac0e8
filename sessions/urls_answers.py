"""Who comes: answers, places, materials."""

from django.urls import path

from sessions.views import answers, kept_acts, materials

urlpatterns = [
    path("kept-acts/", kept_acts.take, name="kept_acts"),
    path("<int:pk>/answer/", answers.answer, name="answer"),
    path("answer/", answers.answer_by_link, {"token": ""}, name="answer_link_cut"),
    path("answer/<str:token>/", answers.answer_by_link, name="answer_by_link"),
    path("<int:pk>/who-comes/", answers.who_comes, name="who_comes"),
    path("<int:pk>/who-comes.csv", answers.who_comes_file, name="who_comes_file"),
    path("<int:pk>/materials/", materials.materials_of, name="materials"),
    path("<int:pk>/materials/<int:material>/", materials.material, name="material"),
    path("<int:pk>/materials/<int:material>/act/", materials.act, name="material_act"),
]
