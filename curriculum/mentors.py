"""Who is a mentor: whoever holds a certificate that stands today (neither revoked, nor replaced by a renewal, nor expired)."""

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from curriculum.models import Certificate


def active_mentors(today=None):
    """Users, as a queryset ordered by name. `today` is a date; the default is the programme's."""
    today = today or timezone.localdate()
    valid = Certificate.objects.standing().filter(Q(expires_on=None) | Q(expires_on__gte=today))
    return get_user_model().objects.filter(is_active=True, pk__in=valid.values("enrollment__user_id")).order_by("full_name", "pk")
