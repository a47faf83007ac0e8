"""Who may reach which route of messages: one's own notices and choices, and for leads what left to the people they lead and to mentors."""

from django.utils import timezone

LEADS = {"lead", "other_lead", "operator"}


def make_messages(world):
    """A notice of the trainee, a mail to them that came back, and the way out of a kind of message."""
    from notifications import unsubscribing
    from notifications.models import Bounce, Message, Notice

    trainee = world.people["trainee"]
    world.notice = Notice.objects.create(user=trainee, what="reminder_day", url="/es/today/", dedupe_key="matrix")
    world.message = Message.objects.create(
        user=trainee, to=trainee.email, what="reminder_day", language="es", dedupe_key="matrix", sent_at=timezone.now()
    )
    world.bounce = Bounce.objects.create(user=trainee, to=trainee.email, kind="permanent", message=world.message)
    world.way_out = unsubscribing.token_for(trainee, "summaries")


def rows(Row, allow, everyone, signed_in):
    own = {**dict.fromkeys(("anonymous", "deactivated"), "login"), "*": 200}
    lead = allow(LEADS, 200)
    return {
        "notifications:notices": Row(get=own),
        "notifications:notices_read": Row(post={**own, "*": {302, 400}}),
        "notifications:notice": Row(
            kwargs=lambda world: {"pk": world.notice.pk}, get=allow({"trainee"}, 302), post=allow({"trainee"}, 302)
        ),
        "notifications:choices": Row(get=own, post={**own, "*": {302, 422}}),
        "notifications:number_add": Row(post={**own, "*": {302, 404, 422}}),
        "notifications:number_confirm": Row(post={**own, "*": {302, 400, 404, 422}}),
        "notifications:number_remove": Row(post={**own, "*": {302, 400, 404}}),
        "notifications:unsubscribe": Row(
            kwargs=lambda world: {"token": world.way_out}, get=everyone(200), post=everyone({200, 302})
        ),
        **{f"notifications:{name}": Row(get=lead) for name in ("centre", "upcoming", "bounces", "wordings")},
        "notifications:bounce_clear": Row(kwargs=lambda world: {"pk": world.bounce.pk}, post=allow(LEADS, 302)),
        "notifications:wording": Row(kwargs={"what": "invitation"}, get=lead),
        "notifications:wording_edit": Row(
            kwargs={"what": "invitation", "language": "es"}, get=lead, post=allow(LEADS, {200, 302, 422})
        ),
    }
