"""What the device of the reader keeps ahead."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from sessions import kept_ahead

SCRIPT = '<script type="module" src="{}"></script><span hidden data-keep-ahead="{}"></span>'
register = template.Library()


@register.simple_tag
def keep_ahead(request):
    """The script with the addresses of pages to keep. Nothing for who saves data. One query."""
    saves = request.headers.get("Save-Data", "").lower() == "on"
    addresses = [] if saves else kept_ahead.addresses_for(request.user)
    return format_html(SCRIPT, static("live/js/keep_ahead.js"), " ".join(addresses)) if addresses else ""
