"""The summary of the board."""

from django.urls import path

from sessions.views import board

urlpatterns = [
    path("<int:pk>/board/", board.board_summary, name="board_summary"),
    path("<int:pk>/board/draft/", board.board_draft, name="board_draft"),
]
