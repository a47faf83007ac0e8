"""The mailed link from sending to being used, and every way it can no longer be."""

import datetime
import hashlib
import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from curriculum import cohorts
from curriculum.cohorts import Refused
from curriculum.enrollment_states import Role, Status
from curriculum.models import Cohort, Enrollment, EnrollmentChange, Invitation
from notifications import outbox
from notifications.models import Message
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return CohortFactory(name="México 2027", curriculum_key=make_curriculum().key)


@pytest.fixture
def lead(cohort):
    return EnrollmentFactory(cohort=cohort, role=Role.LEAD, user__title="Dra.", user__full_name="Ana Pérez").user


@pytest.fixture
def selected(cohort, lead):
    enrollment = cohorts.add_candidate(cohort, "nueva@example.org", lead, full_name="Nueva Persona", language="es")
    return cohorts.decide(enrollment, Status.SELECTED, lead)


def link(invitation):
    """The path of the mailed link, before the mail leaves and the secret is erased."""
    context = Message.objects.get(dedupe_key=f"invitation:{invitation.pk}").context
    return context["secret_url"].removeprefix("http://testserver")


@pytest.fixture
def invitation(selected, lead):
    return cohorts.invite(selected, lead)


# --- sending ---------------------------------------------------------------------------------------------------------
def test_only_the_hash_of_a_long_token_is_stored(invitation):
    token = link(invitation).rstrip("/").rsplit("/", 1)[1]
    assert len(token) >= 43
    assert invitation.token_hash == hashlib.sha256(token.encode()).hexdigest()
    outbox.deliver_due()
    stored = str(list(Message.objects.values())) + str(list(Invitation.objects.values()))
    assert token not in stored
    assert token in mail.outbox[0].body


def test_the_mail_names_cohort_sender_and_end(invitation):
    outbox.deliver_due()
    [sent] = mail.outbox
    assert "México 2027" in sent.subject
    assert "Dra. Ana Pérez" in sent.body
    assert sent.to == ["nueva@example.org"]
    assert invitation.expires_at - invitation.created_at == cohorts.INVITATION_LIFE or (
        invitation.expires_at - timezone.now() > datetime.timedelta(days=20)
    )


def test_a_lead_invites_through_the_page(client, selected, lead):
    client.force_login(lead)
    response = client.post(reverse("curriculum:enrollment_invite", args=[selected.pk]))
    assert response.status_code == 302
    assert selected.invitations.count() == 1
    assert client.get(reverse("curriculum:enrollment_invite", args=[selected.pk])).status_code == 405


def test_selecting_can_invite_at_once(client, cohort, lead):
    enrollment = cohorts.add_candidate(cohort, "otra@example.org", lead)
    client.force_login(lead)
    client.post(reverse("curriculum:enrollment_decide", args=[enrollment.pk]), {"status": "selected", "invite": "on"})
    assert enrollment.invitations.count() == 1


@pytest.mark.parametrize("status", [status for status in Status if status != Status.SELECTED])
def test_only_selected_people_are_invited(client, cohort, lead, status):
    enrollment = EnrollmentFactory(cohort=cohort, status=status)
    with pytest.raises(Refused):
        cohorts.invite(enrollment, lead)
    client.force_login(lead)
    client.post(reverse("curriculum:enrollment_invite", args=[enrollment.pk]))
    assert not Invitation.objects.exists()


def test_a_new_link_replaces_the_old_one_and_its_unsent_mail(client, selected, lead, invitation):
    old = link(invitation)
    new = link(cohorts.invite(selected, lead))
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    assert outbox.deliver_due() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_invitations_at_once_leave_one_open(in_parallel):
    enrollment = EnrollmentFactory(status=Status.SELECTED, enrolled_at=None)
    results = in_parallel(lambda number: cohorts.invite(enrollment, None))
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(invitation.is_open for invitation in Invitation.objects.all()) == 1


# --- looking ---------------------------------------------------------------------------------------------------------
def test_looking_shows_what_is_asked_and_uses_nothing_up(client, invitation):
    page = link(invitation)
    for _ in range(3):
        response = client.get(page)
        assert response.status_code == 200
    client.head(page)
    assert "México 2027" in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    invitation.refresh_from_db()
    assert invitation.is_open
    assert not mail.outbox
    assert "invitation" not in client.session


@pytest.mark.parametrize("token", ["x", "a" * 500, "%F0%9F%A6%B4", "..%2f"])
def test_an_unknown_link_is_explained(client, token):
    response = client.get(f"/es/invitation/{token}/")
    assert response.status_code == 404


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_the_landing_page_exists_in_three_languages(client, invitation, language):
    response = client.get(link(invitation).replace("/es/", f"/{language}/", 1))
    assert response.status_code == 200
    assert f'lang="{language}"' in response.content.decode()


# --- accepting ---------------------------------------------------------------------------------------------------------
def accept(client, invitation):
    return client.post(link(invitation), {"answer": "accept"})


def mailed_code():
    outbox.deliver_due()
    return next(found[0] for one in reversed(mail.outbox) if (found := re.search(r"\b\d{6}\b", one.body)))


def test_a_stranger_accepts_with_a_mailed_code(client, selected, invitation):
    page = link(invitation)
    response = client.post(page, {"answer": "accept"})
    assert response.url == reverse("account_confirm_login_code")
    assert client.session["invitation"] == invitation.pk
    selected.refresh_from_db()
    assert selected.status == Status.SELECTED, "asking for the code is not accepting yet"
    response = client.post(response.url, {"code": mailed_code()})
    assert response.status_code == 302
    selected.refresh_from_db()
    invitation.refresh_from_db()
    assert selected.status == Status.ENROLLED
    assert selected.enrolled_at
    assert invitation.accepted_at
    assert mail.outbox[-1].to == ["nueva@example.org"]
    assert EmailAddress.objects.get(user=selected.user).verified
    assert "invitation" not in client.session
    assert client.get(page).status_code == 302, "a member goes on to the day"


def test_a_wrong_code_accepts_nothing(client, selected, invitation):
    url = accept(client, invitation).url
    code = mailed_code()
    client.post(url, {"code": "000000" if code != "000000" else "111111"})
    selected.refresh_from_db()
    assert selected.status == Status.SELECTED


def test_the_signed_in_person_accepts_at_once(client, selected, invitation):
    client.force_login(selected.user)
    response = accept(client, invitation)
    assert response.status_code == 302
    selected.refresh_from_db()
    assert selected.status == Status.ENROLLED
    change = selected.changes.last()
    assert (change.from_status, change.to_status, change.by) == (Status.SELECTED, Status.ENROLLED, selected.user)
    assert EmailAddress.objects.get(user=selected.user).verified


def test_somebody_else_is_told_and_changes_nothing(client, selected, invitation):
    other = UserFactory()
    client.force_login(other)
    response = client.get(link(invitation))
    assert reverse("account_logout") in response.content.decode()
    assert selected.user.email not in response.content.decode()
    assert accept(client, invitation).status_code == 409
    assert client.post(link(invitation), {"answer": "decline"}).status_code == 409
    with pytest.raises(Refused):
        cohorts.accept(invitation, other)
    selected.refresh_from_db()
    assert selected.status == Status.SELECTED


def test_codes_are_limited_for_each_address(client, selected, invitation):
    answers = [accept(client, invitation).status_code for _ in range(7)]
    assert answers == [302] * 5 + [429] * 2


def test_a_closed_account_cannot_accept(client, selected, invitation):
    selected.user.is_active = False
    selected.user.save()
    assert accept(client, invitation).status_code == 403


def test_accepting_twice_is_accepting_once(selected, invitation):
    assert cohorts.accept(invitation, selected.user) == cohorts.accept(invitation, selected.user)
    assert EnrollmentChange.objects.filter(to_status=Status.ENROLLED, enrollment=selected).count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_accepts_at_once_are_one(in_parallel):
    enrollment = EnrollmentFactory(status=Status.SELECTED, enrolled_at=None)
    invitation = cohorts.invite(enrollment, None)
    results = in_parallel(lambda number: cohorts.accept(invitation, enrollment.user))
    assert not [result for result in results if isinstance(result, Exception)]
    assert EnrollmentChange.objects.count() == 1
    assert Enrollment.objects.get(pk=enrollment.pk).status == Status.ENROLLED


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_accepting_and_declining_at_once_ends_in_one_of_the_two(in_parallel):
    enrollment = EnrollmentFactory(status=Status.SELECTED, enrolled_at=None)
    invitation = cohorts.invite(enrollment, None)

    def act(number):
        return cohorts.accept(invitation, enrollment.user) if number % 2 else cohorts.decline(invitation)

    in_parallel(act)
    assert EnrollmentChange.objects.count() == 1
    invitation.refresh_from_db()
    assert bool(invitation.accepted_at) != bool(invitation.declined_at)


# --- declining ---------------------------------------------------------------------------------------------------------
def test_declining_keeps_the_reason_for_the_lead(client, selected, invitation, lead):
    response = client.post(link(invitation), {"answer": "decline", "reason": "Estaré de viaje"})
    assert response.status_code == 200
    selected.refresh_from_db()
    assert selected.status == Status.DECLINED
    assert selected.changes.last().reason == "Estaré de viaje"
    assert client.post(link(invitation), {"answer": "decline"}).status_code == 200, "a second click is harmless"
    client.force_login(lead)
    assert "Estaré de viaje" in client.get(reverse("curriculum:enrollment", args=[selected.pk])).content.decode()


def test_too_long_a_reason_is_sent_back_whole(client, selected, invitation):
    response = client.post(link(invitation), {"answer": "decline", "reason": "x" * 401})
    assert response.status_code == 422
    assert "x" * 401 in response.content.decode()
    selected.refresh_from_db()
    assert selected.status == Status.SELECTED


# --- links that no longer stand ------------------------------------------------------------------------------------------
def expire(invitation):
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=timezone.now() - datetime.timedelta(days=1), created_at=timezone.now() - datetime.timedelta(days=22)
    )


def closings():
    def withdrawn(invitation, lead):
        cohorts.decide(invitation.enrollment, Status.WITHDRAWN, lead, "ya no")

    def cohort_closed(invitation, lead):
        Cohort.objects.update(status="closed")

    return [lambda invitation, lead: expire(invitation), withdrawn, cohort_closed]


@pytest.mark.parametrize("close", closings())
def test_a_link_that_no_longer_stands_says_so_and_does_nothing(client, selected, invitation, lead, close):
    page = link(invitation)
    close(invitation, lead)
    for response in (client.get(page), client.post(page, {"answer": "accept"}), client.post(page, {"answer": "decline"})):
        assert response.status_code == 410
        assert reverse("curriculum:invitation_renew", args=["x"]).rsplit("/", 3)[0] in response.content.decode()
    assert "invitation" not in client.session
    with pytest.raises(Refused):
        cohorts.decline(invitation)
    assert not EnrollmentChange.objects.filter(to_status__in=[Status.ENROLLED, Status.DECLINED]).exists()


def test_an_expired_link_is_not_accepted_even_by_its_person(selected, invitation):
    expire(invitation)
    with pytest.raises(Refused):
        cohorts.accept(invitation, selected.user)


def test_withdrawing_closes_the_open_link_and_its_unsent_mail(selected, invitation, lead):
    cohorts.decide(selected, Status.WITHDRAWN, lead, "ya no")
    assert outbox.deliver_due() == 0
    invitation.refresh_from_db()
    assert invitation.replaced_at


# --- a new link ------------------------------------------------------------------------------------------------------
def renew(client, page):
    response = client.post(f"{page}renew/", follow=True)
    return [str(message) for message in response.context["messages"]]


def test_a_new_link_goes_to_the_invited_address_once_an_hour(client, selected, invitation):
    page = link(invitation)
    Message.objects.update(sent_at=timezone.now())
    expire(invitation)
    first = renew(client, page)
    second = renew(client, page)
    assert first == second
    assert outbox.deliver_due() == 1
    assert mail.outbox[0].to == ["nueva@example.org"]
    assert selected.invitations.count() == 2


def test_the_answer_is_the_same_when_nothing_is_sent(client, selected, invitation, lead):
    page = link(invitation)
    expire(invitation)
    sent = renew(client, page)
    cohorts.decide(selected, Status.WITHDRAWN, lead, "ya no")
    Invitation.objects.update(created_at=timezone.now() - datetime.timedelta(days=2))
    Message.objects.all().delete()
    assert renew(client, page) == sent
    assert renew(client, "/es/invitation/unknown/") == sent
    assert not Message.objects.exists()


def test_a_new_link_is_never_sent_by_looking(client, invitation):
    assert client.get(f"{link(invitation)}renew/").status_code == 405


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_wishes_for_a_new_link_send_one(in_parallel):
    enrollment = EnrollmentFactory(status=Status.SELECTED, enrolled_at=None)
    invitation = cohorts.invite(enrollment, None)
    expire(invitation)
    in_parallel(lambda number: cohorts.renew(invitation))
    assert Invitation.objects.count() == 2
