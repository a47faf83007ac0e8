"""Liveness without touching anything, readiness with every dependency; before all other middleware."""

from lms.views import health


class HealthMiddleware:
    """Answers /healthz and /readyz before host checks, redirects, sessions and language: probes come without them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/healthz":
            return health.healthz(request)
        if request.path == "/readyz":
            return health.readyz(request)
        return self.get_response(request)
