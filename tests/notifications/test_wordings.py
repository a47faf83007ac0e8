"""The programme's own words: leads write them, a strict parser fills them, people get them."""

import datetime
import re

import pytest
from django.core import mail as django_mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from notifications import mail, outbox, trying_words, wordings
from notifications.editable import EDITABLE
from notifications.models import Message, Wording
from tests.factories import UserFactory
from tests.notifications.people import message, person, two_cohorts

pytestmark = pytest.mark.django_db
BODY = "Hola {name}:\n\n{opening}\n\n{commitments}\n\nAbra:\n{link}\n\nHasta el {expires_on}."
GOOD = {"subject": "Venga a {cohort}", "body": BODY}
FACTS = {
    "cohort": "Andes <b>2027</b>", "curriculum": "FLS", "starts_on": "2027-03-05", "ends_on": "2027-06-05", "expires_on": "2027-03-26",
    "hours": 4, "role": "trainee", "invited_by": "", "secret_url": "http://testserver/es/invitation/SECRET/",
}  # fmt: skip
LANGUAGES = ("es", "pt-br", "en")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return two_cohorts()


def url(what="invitation", language="es"):
    return reverse("notifications:wording_edit", args=[what, language])


def save(client, **changes):
    return client.post(url(), {**GOOD, "save": "1", **changes})


def version(client, **where):
    """What the form hands back about the words it was opened with."""
    return re.search(r'name="version" value="([^"]*)"', client.get(url(**where)).content.decode())[1]


def send(user, key="i", **facts):
    message = outbox.enqueue("invitation", user, key, {**FACTS, **facts})
    outbox.deliver(message.pk)
    return django_mail.outbox[-1]


# --- who -----------------------------------------------------------------------------------------------------------------------
def test_only_leads_edit_words(world):
    overview = reverse("notifications:wording", args=["invitation"])
    for address in (overview, url()):
        assert Client().get(address).status_code == 302
        for nobody in (world.trainee, world.trainer):
            assert nobody.client.get(address).status_code == 404
            assert nobody.client.post(address, {**GOOD, "save": "1"}).status_code in (404, 405)
        assert world.lead.client.get(address).status_code == 200
    assert not Wording.objects.exists()


@pytest.mark.parametrize(
    ("what", "language"), [("account", "es"), ("wording_test", "es"), ("nothing", "es"), ("invitation", "fr"), ("base", "es")]
)
def test_words_that_are_not_for_editing_do_not_exist(world, what, language):
    assert world.lead.client.get(url(what, language)).status_code == 404
    assert world.lead.client.post(url(what, language), GOOD).status_code == 404


# --- saving --------------------------------------------------------------------------------------------------------------------
def test_own_words_are_kept_with_who_and_shown_beside_the_shipped_ones(world):
    assert save(world.lead.client).status_code == 302
    row = Wording.objects.get()
    assert (row.what, row.language, row.subject, row.body, row.by) == ("invitation", "es", *GOOD.values(), world.lead.user)
    text = world.lead.client.get(reverse("notifications:wording", args=["invitation"])).content.decode()
    assert "Venga a {cohort}" in text
    assert text.count("shipped words</span>") == 2
    assert "Lidia Guía" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": ""}, "Write a subject"),
        ({"subject": "x" * 151}, "150"),
        ({"subject": "Hola {link}"}, "not in the subject"),
        ({"subject": "{password}"}, "{password} is not known"),
        ({"body": ""}, "Write the text"),
        ({"body": "x" * 4001}, "4000"),
        ({"body": BODY.replace("{link}", "")}, "{link} is missing"),
        ({"body": BODY.replace("{commitments}", "")}, "{commitments} is missing"),
        ({"body": BODY + "\n{link}"}, "once"),
        ({"body": BODY.replace("\n{link}", " {link}")}, "line of its own"),
        ({"body": BODY + "{cohort.pk}"}, "{cohort.pk}"),
        ({"body": BODY + "{reader}"}, "{reader} is not known"),
        ({"body": BODY + "{0}"}, "{0}"),
        ({"body": BODY + "{cohort!r}"}, "is not a name"),
        ({"body": BODY + "{cohort:>999999999}"}, "is not a name"),
        ({"body": BODY + "{{ reader.password }}"}, "is not a name"),
        ({"body": BODY + "{% debug %}"}, "is not a name"),
        ({"body": BODY + "{Cohort}"}, "is not a name"),
        ({"body": BODY + "cohort}"}, "is not a name"),
        ({"body": BODY + "{"}, "is not a name"),
        ({"body": BODY + "{cohort}" * 20}, "at most 20"),
        ({"body": BODY + "\x00"}, "Null"),
    ],
)
def test_what_cannot_be_sent_is_not_saved_and_says_why(world, change, said):
    response = save(world.lead.client, **change)
    assert response.status_code == 422
    text = response.content.decode().replace("&#x27;", "'")
    assert said in text
    assert "There is a problem" in text
    assert not Wording.objects.exists()


def test_messages_that_vary_keep_their_subject(world):
    body = wordings.shipped("selection", "es")[1]
    response = world.lead.client.post(url("selection"), {"subject": "Fue elegida", "body": body, "save": "1"})
    assert response.status_code == 422
    assert "{shipped_subject} is missing" in response.content.decode()
    response = world.lead.client.post(url("selection"), {"subject": "FLS: {shipped_subject}", "body": body, "save": "1"})
    assert response.status_code == 302
    django_mail.outbox.clear()
    facts = {"cohort": "Andes", "starts_on": "2027-03-05", "ends_on": "2027-06-05", "url": "http://testserver/es/"}
    for selected in (True, False):
        outbox.deliver(
            outbox.enqueue("selection", world.trainee.user, str(selected), {**facts, "selected": selected}, due_at=noon(world)).pk
        )
    subjects = {sent.subject for sent in django_mail.outbox}
    assert len(subjects) == 2
    assert all(subject.startswith("FLS: ") for subject in subjects)


def noon(world):
    """An hour that is nobody's quiet one."""
    from notifications.models import Habit

    Habit.objects.update_or_create(
        user=world.trainee.user, defaults={"quiet_from": datetime.time(0), "quiet_until": datetime.time(0)}
    )
    return timezone.now() - datetime.timedelta(seconds=1)


def test_back_to_the_shipped_words(world):
    save(world.lead.client)
    seen = {"shipped": "1", "version": version(world.lead.client)}
    assert world.lead.client.post(url(), seen).status_code == 302
    assert not Wording.objects.exists()
    assert world.lead.client.post(url(), seen).status_code == 302


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_saves_at_once_leave_one_row(in_parallel):
    user = UserFactory()
    in_parallel(lambda n: wordings.save("invitation", "es", f"Venga {n}", BODY, user))
    assert Wording.objects.count() == 1


# --- two at once -----------------------------------------------------------------------------------------------------------------
def another_lead(world):
    return person(world.cohort, "lead", full_name="Otra Guía", language="en")


def test_the_second_of_two_sees_both_and_chooses(world):
    first, second = world.lead.client, another_lead(world)
    seen = version(first)
    assert seen == version(second.client) == ""
    assert save(first, version=seen).status_code == 302
    answer = save(second.client, subject="Las mías, {cohort}", version=seen)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Lidia Guía has saved other words" in text
    assert "Las mías, {cohort}" in text and "Venga a {cohort}" in text
    assert Wording.objects.get().subject == "Venga a {cohort}"
    newest = re.search(r'name="version" value="([^"]*)"', text)[1]
    assert newest and newest == version(first)
    assert save(second.client, subject="Las mías, {cohort}", version=newest).status_code == 302
    row = Wording.objects.get()
    assert (row.subject, row.by) == ("Las mías, {cohort}", second.user)


def test_a_look_in_between_does_not_hide_the_other_ones_words(world):
    first, second = world.lead.client, another_lead(world).client
    assert save(first, version="").status_code == 302
    looked = second.post(url(), {**GOOD, "subject": "Las mías", "preview": "1", "version": ""}).content.decode()
    assert 'name="version" value=""' in looked
    assert save(second, subject="Las mías", version="").status_code == 409


def test_two_go_back_to_the_shipped_words_at_the_same_moment(world, monkeypatch):
    wordings.save("invitation", "es", "x", wordings.shipped("invitation", "es")[1], world.lead.user)
    monkeypatch.setattr(wordings, "_held", lambda *of: None)  # the other one was faster
    assert wordings.back_to_shipped("invitation", "es") is False


def test_going_back_to_the_shipped_words_does_not_drop_newer_ones(world):
    client = world.lead.client
    save(client)
    old = version(client)
    assert save(another_lead(world).client, subject="Nuevo", version=old).status_code == 302
    answer = client.post(url(), {"shipped": "1", "version": old})
    assert answer.status_code == 409
    assert "Nuevo" in answer.content.decode()
    assert Wording.objects.get().subject == "Nuevo"


def test_words_that_somebody_took_back_meanwhile_are_said(world):
    client = world.lead.client
    save(client)
    old = version(client)
    another_lead(world).client.post(url(), {"shipped": "1", "version": old})
    answer = save(client, subject="Nuevo", version=old)
    assert answer.status_code == 409
    assert "went back to the shipped words" in answer.content.decode()
    assert not Wording.objects.exists()


@pytest.mark.parametrize("nonsense", ["x", "0", "2027-01-01T00:00:00+00:00", "\x00", "9" * 5000])
def test_a_version_that_never_was_counts_as_an_old_one(world, nonsense):
    assert save(world.lead.client, version=nonsense).status_code == 409
    assert not Wording.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_ten_who_save_at_once_nine_are_told(in_parallel):
    user = UserFactory()

    def write(number):
        try:
            return wordings.save("invitation", "es", f"Venga {number}", BODY, user, version="").subject
        except wordings.Changed:
            return None

    saved = [one for one in in_parallel(write) if one]
    assert saved == [Wording.objects.get().subject]


# --- what people get -------------------------------------------------------------------------------------------------------------
def test_people_get_the_programmes_words_in_plain_text_and_html(world):
    save(world.lead.client)
    sent = send(world.trainee.user)
    assert sent.subject == "Venga a Andes <b>2027</b>"
    html = sent.alternatives[0][0]
    for body in (sent.body, html):
        assert "Hola Ana Pérez:" in body
        assert "26 de marzo de 2027" in body
        assert "SECRET" in body
        assert not re.search(r"\{[a-z_]+\}", body)
    assert "Andes &lt;b&gt;2027&lt;/b&gt;" in html
    assert html.count("background:#0a5560") == 1
    assert len(html.encode()) < 40_000


def test_other_languages_and_other_messages_keep_the_shipped_words(world):
    save(world.lead.client)
    english = UserFactory(language="en")
    assert send(english).subject == "Invitation: FLS (Andes <b>2027</b>)"
    assert mail.render(Message(what="invitation_renewed", user=world.trainee.user, language="es", context=FACTS))[0].startswith(
        "Su enlace"
    )


def test_a_value_that_looks_like_a_name_stays_text(world):
    save(world.lead.client)
    sent = send(world.trainee.user, cohort="{link} {secret_url} {{ reader }}")
    assert sent.subject == "Venga a {link} {secret_url} {{ reader }}"


def test_a_row_that_lacks_a_fact_gets_the_shipped_words(world):
    save(world.lead.client, subject="Venga, {curriculum}")
    facts = {name: value for name, value in FACTS.items() if name != "curriculum"}
    subject, *_rest = mail.render(Message(what="invitation", user=world.trainee.user, language="es", context=facts))
    assert subject.startswith("Invitación")


def test_hostile_words_are_text_in_the_mail(world):
    save(world.lead.client, body="<script>alert(1)</script>\n" + BODY, subject="a\r\nBcc: x@example.org")
    sent = send(world.trainee.user)
    assert "<script>" not in sent.alternatives[0][0]
    assert sent.subject == "a Bcc: x@example.org"
    assert sent.recipients() == [world.trainee.user.email]


# --- preview and test ------------------------------------------------------------------------------------------------------------
def test_a_preview_shows_a_person_what_they_would_get_without_secrets(world):
    message(world.trainee.user, "real", what="invitation", context={**FACTS, "cohort": "Cohorte real"})
    response = world.lead.client.post(url(), {**GOOD, "preview": "1", "person": world.trainee.user.pk})
    text = response.content.decode()
    assert response.status_code == 200
    assert "Preview for Ana Pérez" in text
    assert "Venga a Cohorte real" in text
    assert "Ana Pérez:\n\nTiene una" in text.replace("\r", "")
    assert "http://testserver\n" in text
    assert "SECRET" not in text
    assert not Wording.objects.exists()


def test_people_are_found_by_name_among_those_one_leads(world):
    found = world.lead.client.post(url(), {**GOOD, "preview": "1", "who": "pérez ana"}).content.decode()
    assert f'value="{world.trainee.user.pk}"' in found
    assert "Nobody of your cohorts" in world.lead.client.post(url(), {**GOOD, "preview": "1", "who": "Bruno"}).content.decode()


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30, "1.5"])
def test_nonsense_as_a_person_is_refused(world, number):
    assert world.lead.client.post(url(), {**GOOD, "preview": "1", "person": number}).status_code == 422


def test_a_stranger_cannot_be_previewed(world):
    message(world.other_trainee.user, "theirs", what="invitation", context={**FACTS, "cohort": "Cohorte ajena"})
    text = world.lead.client.post(url(), {**GOOD, "preview": "1", "person": world.other_trainee.user.pk}).content.decode()
    assert "Bruno" not in text
    assert "Cohorte ajena" not in text


def test_a_post_without_a_button_saves_nothing(world):
    assert world.lead.client.post(url(), GOOD).status_code == 200
    assert not Wording.objects.exists()


def test_a_test_goes_to_whoever_wrote_the_words(world, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = world.lead.client.post(url(), {**GOOD, "test": "1", "person": world.trainee.user.pk})
    assert response.status_code == 200
    [sent] = mailoutbox
    assert sent.to == [world.lead.user.email]
    assert sent.subject.endswith("Venga a Cohorte 2027")
    assert "Hola Lidia Guía" in sent.body
    assert "Hola Lidia Guía" in sent.alternatives[0][0]
    assert not Wording.objects.exists()


def test_ten_tests_an_hour_are_enough(world):
    cache.set(f"wording-tests:{world.lead.user.pk}:{timezone.now():%Y%m%d%H}", trying_words.TESTS_AN_HOUR)
    response = world.lead.client.post(url(), {**GOOD, "test": "1"})
    assert response.status_code == 422
    assert not Message.objects.exists()


def test_the_list_is_constant_in_queries(world, django_assert_num_queries):
    client = world.lead.client
    save(client)
    client.get(reverse("notifications:wordings"))
    with django_assert_num_queries(12, exact=False) as few:
        client.get(reverse("notifications:wordings"))
    for what in EDITABLE:
        for language in LANGUAGES:
            Wording.objects.update_or_create(
                what=what, language=language, defaults={"subject": "x", "body": "y", "by": person().user}
            )
    with django_assert_num_queries(len(few)):
        client.get(reverse("notifications:wordings"))


def test_a_preview_does_not_tell_who_was_reminded_of_an_anonymous_wave(world):
    facts = {
        "title": "Encuesta secreta",
        "cohort": "C",
        "promise": "anonymous",
        "closes_on": "",
        "late": False,
        "place": "Bogotá",
    }
    message(world.trainee.user, "nudge", what="wave_nudge", context=facts)
    subject, body = wordings.shipped("wave_nudge", "es")
    data = {"subject": subject, "body": body, "preview": "1", "person": world.trainee.user.pk}
    assert "Encuesta secreta" not in world.lead.client.post(url("wave_nudge"), data).content.decode()
