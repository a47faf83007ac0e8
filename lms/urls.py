from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from curriculum.views import reading
from lms import views

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)

handler400 = "lms.views.errors.bad_request"
handler403 = "lms.views.errors.permission_denied"
handler404 = "lms.views.errors.page_not_found"
handler500 = "lms.views.errors.server_error"

urlpatterns = [
    path("healthz", views.health.healthz, name="healthz"),
    path("readyz", views.health.readyz, name="readyz"),
    path("sw.js", views.offline.service_worker, name="service_worker"),
    path("robots.txt", views.offline.robots, name="robots"),
    re_path(r"^[vV]/", include("curriculum.urls_verify")),  # capitals: a QR code of capitals is smaller
    path("api/", include("evaluations.urls_api")),
    path("ics/", include("notifications.urls_feed")),
    path("django-admin/", admin.site.urls),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]

urlpatterns += i18n_patterns(
    path("accounts/", include("allauth.urls")),
    path("today/", views.today.today, name="today"),
    path("profile/", views.profile.start, name="profile"),
    path("profile/<slug:step>/", views.profile.step, name="profile_step"),
    path("account/", views.profile.account, name="account"),
    path("account/colours/", views.profile.colours, name="account_colours"),
    path("offline/", views.offline.offline, name="offline"),
    path("privacy/", views.privacy.privacy, name="privacy"),
    path("search/", views.search.search, name="search"),
    path("", include("notifications.urls")),
    path("", include("sessions.urls")),
    path("", include("evaluations.urls")),
    path("", include("curriculum.urls")),
    # The fast way for lessons; whatever it does not know goes on to Wagtail.
    path("", reading.serve, {"path": ""}, name="front"),
    *wagtail_urls.urlpatterns[:-1],
    re_path(wagtail_urls.serve_pattern, reading.serve, name="wagtail_serve"),
)

if settings.DEBUG:
    from django.conf.urls.static import static

    urlpatterns = static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT) + urlpatterns
