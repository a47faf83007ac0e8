"""Attendance: marks, checking in, reports, the recording. Who may what: sessions/attendance_marks.py."""

from django.urls import path

from sessions.views import attendance, check_in, importing

urlpatterns = [
    path("attendance/mine/", attendance.mine, name="attendance_mine"),
    path("cohorts/<int:pk>/attendance/", attendance.cohort, name="cohort_attendance"),
    path("cohorts/<int:pk>/attendance.xlsx", attendance.cohort_sheet, name="cohort_attendance_sheet"),
    path("<int:pk>/attendance/", attendance.meeting, name="attendance"),
    path("<int:pk>/attendance.xlsx", attendance.meeting_sheet, name="attendance_sheet"),
    path("<int:pk>/attendance/import/", importing.import_report, name="attendance_import"),
    path("<int:pk>/attendance/<int:person>/", attendance.mark, name="attendance_mark"),
    path("<int:pk>/attendance/<int:person>/undo/", attendance.undo, name="attendance_undo"),
    path("<int:pk>/attendance/<int:person>/hall/", check_in.in_hall, name="attendance_hall"),
    path("<int:pk>/check-in/", check_in.check_in_page, name="check_in"),
    path("<int:pk>/check-in/sign/", check_in.sign, name="check_in_sign"),
    path("<int:pk>/check-in/code/", check_in.code, name="check_in_code"),
    path("<int:pk>/recording/", attendance.watch_recording, name="recording"),
]
