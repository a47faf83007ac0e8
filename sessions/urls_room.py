"""The room as people take part in it."""

from django.urls import path

from sessions.views import acts, room

urlpatterns = [
    path("<int:pk>/room/", room.room, name="room"),
    path("<int:pk>/acts/", acts.act, name="act"),
    path("<int:pk>/state/", room.state, name="state"),
    path("<int:pk>/chat/", room.chat_before, name="chat_before"),
]
