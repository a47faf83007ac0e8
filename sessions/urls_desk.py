"""Planning: the list of meetings, one meeting, its run of show, polls, slides, people. For those who run it."""

from django.urls import path

from sessions.views import confirming, meetings, outcomes, people, poll_desk, rehearsal, segments, slide_desk

urlpatterns = [
    path("", meetings.index, name="meetings"),
    path("new/", meetings.new, name="new"),
    path("<int:pk>/edit/", meetings.edit, name="edit"),
    path("<int:pk>/cancel/", confirming.cancel, name="cancel"),
    path("<int:pk>/run-of-show/", segments.show, name="run_of_show"),
    path("<int:pk>/run-of-show/template/", segments.template, name="run_of_show_template"),
    path("<int:pk>/run-of-show/<int:segment>/", segments.segment, name="segment"),
    path("<int:pk>/run-of-show/<int:segment>/act/", segments.act, name="segment_act"),
    path("<int:pk>/run-of-show/agenda/", segments.agenda, name="agenda_sheet"),
    path("<int:pk>/run-of-show/cues/", segments.cues, name="cue_sheet"),
    path("<int:pk>/rehearsal/", rehearsal.rehearsal, name="rehearsal"),
    path("<int:pk>/outcomes/", outcomes.outcomes, name="outcomes"),
    path("<int:pk>/outcomes/<int:outcome>/", outcomes.outcome, name="outcome"),
    path("<int:pk>/outcomes/<int:outcome>/done/", outcomes.done, name="outcome_done"),
    path("<int:pk>/polls/", poll_desk.polls, name="polls"),
    path("<int:pk>/polls/new/", poll_desk.new, name="poll_new"),
    path("<int:pk>/polls/<int:poll>/", poll_desk.edit, name="poll_edit"),
    path("<int:pk>/polls/<int:poll>/remove/", poll_desk.remove, name="poll_remove"),
    path("<int:pk>/slides/", slide_desk.slides, name="slides"),
    path("<int:pk>/slides/<int:deck>/remove/", slide_desk.remove, name="slides_remove"),
    path("<int:pk>/people/", people.people, name="people"),
    path("<int:pk>/people/country/", people.by_country, name="people_by_country"),
    path("<int:pk>/people/<int:person>/remove/", people.remove, name="person_remove"),
]
