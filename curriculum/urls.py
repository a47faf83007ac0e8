from django.urls import path

from curriculum.views import assignments, attention, certificates, cohorts, invitations, people, reading

app_name = "curriculum"
urlpatterns = [
    path("activities/<uuid:key>/complete/", reading.complete, name="complete"),
    path("activities/<uuid:key>/reopen/", reading.reopen, name="reopen"),
    path("activities/<uuid:key>/hand-in/", assignments.hand_in, name="hand_in"),
    path("programme/", reading.programme, name="programme"),
    path("enrollment/<int:pk>/use/", reading.use_enrollment, name="use_enrollment"),
    path("invitation/<str:token>/", invitations.landing, name="invitation"),
    path("invitation/<str:token>/renew/", invitations.renew, name="invitation_renew"),
    path("attention/", attention.index, name="attention"),
    path("attention/message/", attention.message, name="attention_message"),
    path("cohorts/", cohorts.index, name="cohorts"),
    path("cohorts/new/", cohorts.create, name="cohort_create"),
    path("cohorts/<int:pk>/", cohorts.detail, name="cohort"),
    path("cohorts/<int:pk>/edit/", cohorts.edit, name="cohort_edit"),
    path("cohorts/<int:pk>/start/", cohorts.start, name="cohort_start"),
    path("cohorts/<int:pk>/adopt/", cohorts.adopt, name="cohort_adopt"),
    path("cohorts/<int:pk>/releases/", cohorts.releases, name="cohort_releases"),
    path("cohorts/<int:pk>/people/add/", people.add, name="people_add"),
    path("cohorts/<int:pk>/people/import/", people.import_people, name="people_import"),
    path("cohorts/<int:pk>/hand-ins/", assignments.hand_ins, name="hand_ins"),
    path("hand-ins/<int:pk>/", assignments.judge, name="hand_in_judge"),
    path("enrollments/<int:pk>/", people.detail, name="enrollment"),
    path("enrollments/<int:pk>/decide/", people.decide, name="enrollment_decide"),
    path("enrollments/<int:pk>/invite/", people.invite, name="enrollment_invite"),
    path("enrollments/<int:pk>/transfer/", people.transfer, name="enrollment_transfer"),
    path("enrollments/<int:pk>/releases/", people.releases, name="enrollment_releases"),
    path("certificate/", certificates.mine, name="certificate"),
    path("certificates/<str:code>/certificate.pdf", certificates.pdf, name="certificate_pdf"),
    path("certificates/<str:code>/name/", certificates.name_public, name="certificate_name_public"),
    path("enrollments/<int:pk>/certificate/issue/", certificates.issue, name="certificate_issue"),
    path("certificates/<str:code>/revoke/", certificates.revoke, name="certificate_revoke"),
    path("certificates/<str:code>/renew/", certificates.renew, name="certificate_renew"),
]
