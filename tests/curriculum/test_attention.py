"""What needs a trainer or lead: who stands there, who may look, and writing to the people it is about, once."""

import datetime
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from curriculum import attention, attention_writing, behind
from curriculum.models import Completion, HandIn, Invitation
from curriculum.outline import freeze
from notifications import mail
from notifications.models import Message, Preference
from tests.confirming import seen_on
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)
DAY = datetime.timedelta(days=1)


def ago(days):
    return timezone.now() - days * DAY


def url(name="attention", query=""):
    with translation.override("en"):
        return reverse(f"curriculum:{name}") + query


def signed(user):
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


class Place:
    """A cohort that began forty days ago and ends in ten; four activities in two modules; a trainer and a lead."""

    def __init__(self, made=None, **cohort):
        self.made = made or make_curriculum(2, 2)
        today = timezone.localdate()
        dates = {"starts_on": today - 40 * DAY, "ends_on": today + 10 * DAY}
        self.cohort = CohortFactory(**{"curriculum_key": self.made.key, **dates, **cohort})
        freeze(self.cohort)
        self.trainer, self.lead = self.person("trainer"), self.person("lead")

    def person(self, role="trainee", status="enrolled", days=40, signed_in=1, **user):
        user = UserFactory(**user)
        if signed_in is not None:
            user.last_login = ago(signed_in)
            user.save(update_fields=["last_login"])
        row = EnrollmentFactory(cohort=self.cohort, user=user, role=role, status=status, enrolled_at=ago(days))
        return row.user if role != "trainee" else row

    def finishes(self, enrollment, count, days=12):
        for key in self.made.keys[:count]:
            Completion.objects.create(enrollment=enrollment, activity_key=key, at=ago(days))

    def items(self):
        with translation.override("en"):
            return attention.collect(self.trainer, [self.cohort]).items

    def kinds(self):
        return [(item.kind, item.person) for item in self.items()]


@pytest.fixture
def here(db):
    return Place()


# --- who stands there ------------------------------------------------------------------------------------------------


def test_behind_says_how_much_is_done_and_when_the_person_was_last_active(here):
    slow = here.person(signed_in=30)
    here.finishes(slow, 1)
    [item] = here.items()
    assert (item.kind, item.person, item.what) == ("behind", slow.user, "1 of 4 open activities, last active 12 days ago.")


@pytest.mark.parametrize("done", [2, 3, 4])
def test_one_activity_short_is_not_behind(here, done):
    here.finishes(here.person(), done)
    assert here.items() == []


def test_nobody_is_behind_with_what_is_not_open_or_opened_this_week(here):
    here.cohort.releases = {str(here.made.module_keys[0]): ago(3).isoformat(), str(here.made.module_keys[1]): ago(-3).isoformat()}
    here.cohort.save()
    slow = here.person()
    Completion.objects.create(enrollment=slow, activity_key=uuid.uuid4(), at=ago(2))
    assert here.items() == []
    here.cohort.releases[str(here.made.module_keys[0])] = ago(8).isoformat()
    here.cohort.save()
    [item] = here.items()
    assert item.what.startswith("0 of 2 open activities")


def test_who_came_late_has_their_own_pace(here):
    late = here.person(days=2)
    here.finishes(late, 1, days=1)
    assert here.items() == []


@pytest.mark.parametrize(
    ("status", "cohort"),
    [
        ("paused", {}),
        ("withdrawn", {}),
        ("certified", {}),
        ("enrolled", {"status": "closed"}),
        ("enrolled", {"status": "planned"}),
    ],
)
def test_who_does_not_study_now_is_not_behind(status, cohort):
    place = Place(**cohort)
    place.finishes(place.person(status=status), 1)
    assert place.items() == []


def test_who_never_signed_in_or_did_not_come_back_has_not_opened_the_programme(here):
    never, left, back = here.person(days=6, signed_in=None), here.person(days=7, signed_in=7), here.person(days=6, signed_in=1)
    here.person(days=4, signed_in=None)
    found = {item.person: item.what for item in here.items()}
    assert found[never.user] == "Enrolled 6 days ago and never signed in."
    assert found[left.user] == "Enrolled 7 days ago and not back since then."
    assert back.user not in found
    assert len(found) == 2


def test_invitations_without_an_answer(here):
    def invited(days, **fields):
        person = here.person(status="selected")
        Invitation.objects.create(
            enrollment=person, token_hash=uuid.uuid4().hex, created_at=ago(days), expires_at=ago(days - 21), **fields
        )
        return person.user

    quiet, fresh, gone = invited(6), invited(4), invited(22)
    answered = invited(8, declined_at=timezone.now())
    found = {item.person: item.what for item in here.items()}
    assert found == {
        quiet: "Invited 6 days ago, no answer yet.", gone: "The invitation ran out without an answer.",
        answered: "Selected, not invited yet.",
    }  # fmt: skip
    assert fresh not in found


def test_texts_that_wait_for_two_days_lead_to_their_page(here):
    person = here.person()
    here.finishes(person, 3)
    for number, days in enumerate((3, 1), start=1):
        HandIn.objects.create(
            enrollment=person, activity_key=here.made.keys[number], number=1, text="…", client_id=uuid.uuid4(), sent_at=ago(days)
        )
    [item] = here.items()
    assert item.kind == "hand_ins"
    assert "handed in 3 days ago" in item.what
    assert signed(here.trainer).get(item.url).status_code == 200
    assert not item.remindable


def test_nobody_needs_attention_from_themselves(here):
    """A trainer of one cohort may study in the same programme's next one; their own delay is not theirs to chase."""
    own = EnrollmentFactory(cohort=Place(here.made).cohort, user=here.trainer, enrolled_at=ago(40))
    here.finishes(own, 1)
    assert attention.collect(here.trainer, [here.cohort, own.cohort]).items == []


# --- who may look ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["trainee", "evaluator", "stranger"])
def test_for_others_the_page_does_not_exist(here, role):
    user = UserFactory() if role == "stranger" else EnrollmentFactory(cohort=here.cohort, role=role).user
    client = signed(user)
    assert client.get(url()).status_code == 404
    assert client.post(url("attention_message"), {"who": here.person().user_id, "act": "remind"}).status_code == 404


def test_visitors_sign_in_first(here, client):
    assert client.get(url()).status_code == 302


def test_a_trainer_of_another_cohort_sees_nothing_of_this_one(here):
    slow = here.person(full_name="Lenta Pérez")
    here.finishes(slow, 1)
    other = Place(here.made)
    client = signed(other.trainer)
    text = client.get(url()).content.decode()
    assert "Lenta Pérez" not in text
    assert "Nothing needs you now" in text
    assert client.get(url(query=f"?cohort={here.cohort.pk}")).status_code == 404


@pytest.mark.parametrize("query", ["?cohort=0", "?cohort=x", "?cohort=99999999999999999999"])
def test_a_cohort_that_is_none_is_not_found(here, query):
    assert signed(here.lead).get(url(query=query)).status_code == 404


@pytest.mark.parametrize("query", ["?by=nothing", "?page=999", "?page=x", "?all=2"])
def test_other_odd_queries_show_the_page(here, query):
    assert signed(here.lead).get(url(query=query)).status_code == 200


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["people", "subjects"])
def test_the_page_groups_and_counts(here, view):
    for number in range(3):
        here.finishes(here.person(full_name=f"Persona Lenta {number}"), 1)
    here.person(full_name="Invitada", status="selected")
    text = signed(here.trainer).get(url(query=f"?by={view}")).content.decode()
    assert "4 things need you." in text
    assert "They are about 4 people." in text
    assert [f"Persona Lenta {number}" in text for number in range(3)] == [True] * 3
    assert text.count('type="checkbox"') == 4
    assert ('<h2 class="h3">Behind schedule' in text) == (view == "subjects")


def test_the_queries_do_not_grow(here):
    client, counts = signed(here.trainer), []
    for more in (1, 59):
        for _number in range(more):
            here.finishes(here.person(), 1)
            here.person(days=9, signed_in=None)
            here.person(status="selected")
        client.get(url())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url()).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25


def test_a_contributor_that_fails_leaves_the_others(here, settings):
    here.finishes(here.person(full_name="Lenta Pérez"), 1)
    settings.ATTENTION = ["no.such.provider", *settings.ATTENTION]
    text = signed(here.trainer).get(url()).content.decode()
    assert "A part could not be loaded" in text
    assert "Lenta Pérez" in text


def test_the_number_stands_on_the_cohort_and_on_today(here):
    here.finishes(here.person(), 1)
    client = signed(here.trainer)
    assert "1 thing needs you" in client.get(f"/en/cohorts/{here.cohort.pk}/").content.decode()
    assert "1 thing needs you" in client.get("/en/today/").content.decode()
    assert "thing needs you" not in signed(here.person().user).get("/en/today/").content.decode()


# --- reminding -------------------------------------------------------------------------------------------------------


def remind(client, *who, step="send", **more):
    return pressed(client, {"who": who, "act": "remind", "step": step, **more})


def pressed(client, data):
    """The button below the preview hands back what the preview showed."""
    seen = seen_on(client.post(url("attention_message"), {**data, "step": "preview"})) if data["step"] == "send" else ""
    return client.post(url("attention_message"), {"seen": seen, **data})


def reminders(settled=""):
    return Message.objects.filter(what="attention", settled_as=settled)


@pytest.fixture
def slow(here):
    person = here.person(language="pt-br", full_name="Ana Souza")
    here.finishes(person, 1)
    return person.user


def test_the_preview_is_the_message_in_the_language_of_the_person(here, slow):
    response = remind(signed(here.trainer), slow.pk, step="")
    draft = response.context["draft"]
    assert (draft.language, draft.user) == ("pt-br", slow)
    subject, text, _html = mail.render(draft)
    assert response.context["subject"] == subject
    assert response.context["text"].splitlines()[:8] == text.splitlines()[:8]
    assert not reminders().exists()


@pytest.mark.parametrize("act", ["remind", "personal"])
def test_the_preview_hides_the_link_with_which_only_the_person_stops_such_mail(here, slow, act):
    client = signed(here.trainer)
    page = (remind if act == "remind" else letter)(client, slow.pk, step="preview")
    assert page.context["draft"].user == slow
    assert "/stop/" in mail.render(page.context["draft"])[1]
    assert "/stop/" not in page.content.decode()


def test_a_reminder_lists_the_own_open_things_and_says_who_sent_it(here, slow):
    remind(signed(here.trainer), slow.pk)
    [message] = reminders()
    assert (message.user, message.by, message.language) == (slow, here.trainer, "pt-br")
    assert message.topic == f"attention:behind:{slow.enrollments.get().pk}:{slow.pk}"
    [line] = message.context["lines"]
    assert line["url"].startswith("http://testserver/pt-br/")
    assert here.trainer.full_name in mail.render(message)[1]


def test_stepping_through_shows_each_message_and_sends_none(here, slow):
    other = here.person(full_name="Zoe").user
    here.finishes(other.enrollments.get(), 1)
    client = signed(here.trainer)
    first = remind(client, other.pk, slow.pk, step="")
    second = remind(client, other.pk, slow.pk, step="send", show="2")
    assert (first.context["draft"].user, second.context["draft"].user) == (slow, other)
    for odd in ("0", "99", "x", "9" * 20):
        assert remind(client, slow.pk, show=odd).status_code == 200
    assert not reminders().exists()


def test_the_same_form_sent_twice_reminds_once(here, slow):
    client = signed(here.trainer)
    assert remind(client, slow.pk).status_code == remind(client, slow.pk).status_code == 302
    assert remind(signed(here.lead), slow.pk).status_code == 302
    assert reminders().count() == 1


def test_who_was_reminded_is_shown_with_the_day_and_cannot_be_ticked_again_for_it(here, slow):
    client = signed(here.trainer)
    remind(client, slow.pk)
    text = client.get(url(query="?by=subjects")).content.decode()
    assert "reminded on" in text
    [tick] = re.findall(r"<input type=\"checkbox\"[^>]*>", text)
    assert "disabled" in tick
    assert "There is nothing new to remind these people of" in remind(client, slow.pk, step="").content.decode()


@pytest.mark.parametrize(("days", "times"), [(1, 1), (6.9, 1), (7, 2)])
def test_seven_days_later_one_may_remind_again_whatever_weeks_those_are(here, slow, days, times):
    """Sunday and Monday belong to two weeks."""
    remind(signed(here.trainer), slow.pk)
    Message.objects.update(created_at=ago(days), dedupe_key="before")
    remind(signed(here.trainer), slow.pk)
    assert reminders().count() == times


def test_several_things_are_one_mail_and_each_is_claimed_for_seven_days(here, settings):
    settings.ATTENTION = [f"{__name__}.two_things"]
    person = here.person().user
    client = signed(here.trainer)
    remind(client, f"{person.pk}/wave:1")
    remind(client, person.pk)
    first, second = reminders().order_by("pk")
    assert [line["text"] for line in first.context["lines"]] == ["do wave:1"]
    assert [line["text"] for line in second.context["lines"]] == ["do wave:2", "do wave:3"]
    [line] = reminders(settled="digest")
    assert line.digest == second
    assert line.topic == f"attention:wave:3:{person.pk}"


def two_things(user, cohorts):
    people = [row.user for row in cohorts[0].enrollments.filter(role="trainee").select_related("user")]
    return [
        attention.Item("test", "Test", cohorts[0], key, ago(3), "/", key, person, lambda key=key: (f"do {key}", "/en/today/"))
        for person in people for key in ("wave:1", "wave:2", "wave:3")
    ]  # fmt: skip


@parallel
def test_ten_presses_at_once_remind_once(in_parallel, settings):
    here = Place()
    person = here.person().user
    found = two_things(here.trainer, [here.cohort])
    overlapping = [found[:2], found[1:], found]
    written = in_parallel(lambda number: attention_writing.remind(person, overlapping[number % 3], here.trainer))
    assert not [one for one in written if isinstance(one, Exception)], written
    told = [line["text"] for message in reminders() for line in message.context["lines"]]
    assert sorted(told) == ["do wave:1", "do wave:2", "do wave:3"]
    assert Message.objects.filter(what="attention").count() == 3


# --- who may be written to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["remind", "personal"])
def test_only_people_of_ones_own_cohorts_are_written_to(here, slow, act):
    stranger = Place(here.made).person().user
    for forged in (stranger.pk, 0, "x", "1" * 30, "-1", "1\x00", "٣"):
        response = signed(here.trainer).post(url("attention_message"), {"who": [slow.pk, forged], "act": act, "step": "send"})
        assert response.status_code == 422, forged
        assert "Choose people from the list." in response.content.decode()
    assert not Message.objects.filter(what__in=("attention", "personal")).exists()


def test_nobody_ticked_and_too_many_are_refused(here, monkeypatch):
    client = signed(here.trainer)
    here.finishes(here.person(), 1)
    assert "Tick at least one person." in remind(client).content.decode()
    assert remind(client).status_code == 422
    many = [str(number) for number in range(1, 202)]
    assert "Choose at most 200 people" in remind(client, *many).content.decode()


def test_what_was_ticked_stays_ticked_after_a_refusal(here, slow):
    text = remind(signed(here.trainer), slow.pk, "999999").content.decode()
    assert re.search(rf'value="{slow.pk}"[^>]*checked', text)


# --- own words -------------------------------------------------------------------------------------------------------


def letter(client, *who, step="send", **said):
    said = {"subject": "Reunión", "text": "Hola.\nNos vemos el martes.", "form_id": str(uuid.uuid4()), **said}
    return pressed(client, {"who": who, "act": "personal", "step": step, **said})


def letters():
    return Message.objects.filter(what="personal")


def test_own_words_go_to_each_with_the_writer_as_reply_address(here, slow, mailoutbox, django_capture_on_commit_callbacks):
    client = signed(here.trainer)
    assert client.post(url("attention_message"), {"who": slow.pk, "act": "personal"}).status_code == 200
    preview = letter(client, slow.pk, step="preview")
    assert "Nos vemos el martes." in preview.content.decode()
    assert not letters().exists()
    assert letter(client, slow.pk).status_code == 302
    [message] = letters()
    assert (message.by, message.user) == (here.trainer, slow)
    sent = mail.build(message)
    assert sent.reply_to == [here.trainer.email]
    assert sent.subject == "Reunión"
    assert "Nos vemos el martes." in sent.body


def test_other_words_or_people_than_those_shown_do_not_leave(here, slow):
    client, form_id = signed(here.trainer), str(uuid.uuid4())
    page = letter(client, slow.pk, step="preview", form_id=form_id)
    seen, other = page.context["seen"], here.person().user
    for changed in ({"text": "Otra cosa."}, {"subject": "Otra"}, {"seen": ""}):
        answer = letter(client, slow.pk, form_id=form_id, **{"seen": seen, **changed})
        assert answer.status_code == 409 and not letters().exists()
    assert letter(client, slow.pk, other.pk, form_id=form_id, seen=seen).status_code == 409
    assert letter(client, slow.pk, form_id=form_id, seen=seen).status_code == 302
    assert letters().count() == 1


def test_what_is_open_for_them_changed_and_is_shown_first(here, slow):
    client, more = signed(here.trainer), here.person()
    here.finishes(more, 1)
    page = remind(client, slow.pk, more.user_id, step="preview")
    assert len(page.context["reach"].people) == 2
    assert remind(signed(here.lead), more.user_id).status_code == 302
    Message.objects.filter(user=slow).delete()
    answer = remind(client, slow.pk, more.user_id, seen=page.context["seen"])
    assert answer.status_code == 409 and not reminders().filter(user=slow).exists()
    assert remind(client, slow.pk, more.user_id, seen=answer.context["seen"]).status_code == 302
    assert reminders().filter(user=slow).exists()


def test_the_preview_counts_languages_and_names_whom_it_does_not_reach(here, slow):
    other = here.person(language="es", full_name="Rosa Vázquez").user
    Preference.objects.create(user=other, kind="personal", mail=False)
    page = letter(signed(here.lead), slow.pk, other.pk, step="preview")
    told = page.context["reach"]
    assert (told.mailed, told.languages, told.unwanted) == (1, [("Brazilian Portuguese", 1)], [other])
    assert "Rosa Vázquez" in page.content.decode()


def test_the_same_letter_sent_twice_leaves_once(here, slow):
    client, form_id = signed(here.trainer), str(uuid.uuid4())
    for _press in range(2):
        assert letter(client, slow.pk, form_id=form_id).status_code == 302
    assert letters().count() == 1
    letter(client, slow.pk)
    assert letters().count() == 2


@pytest.mark.parametrize(
    "bad",
    [{"subject": ""}, {"subject": "x" * 121}, {"text": ""}, {"text": "x" * 2001}, {"text": "a\x00b"}, {"subject": "a\x00b"}, {"form_id": "x"}, {"form_id": ""}, {"text": "   "}],
)  # fmt: skip
@pytest.mark.parametrize("step", ["preview", "send"])
def test_a_letter_that_will_not_do_is_refused_with_what_was_typed(here, slow, bad, step):
    response = letter(signed(here.trainer), slow.pk, step=step, **bad)
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not letters().exists()


def test_the_longest_letter_goes_in_one_line_and_is_no_markup(here, slow):
    client = signed(here.trainer)
    letter(client, slow.pk, subject="Uno\r\nBcc: x@example.org", text="<script>alert(1)</script>\n" + "ñ" * 1970)
    [message] = letters()
    subject, _text, html = mail.render(message)
    assert subject == "Uno Bcc: x@example.org"
    assert "<script>" not in html
    assert len(mail.build(message).message().as_bytes()) < 40_000


def test_changing_the_words_keeps_them(here, slow):
    response = letter(signed(here.trainer), slow.pk, step="edit")
    assert response.status_code == 200
    assert "Nos vemos el martes." in response.content.decode()


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_a_reminder_is_small_plain_and_html_with_one_button(here, language):
    slow = here.person(language=language)
    here.finishes(slow, 1)
    remind(signed(here.trainer), slow.user_id)
    [message] = reminders()
    sent = mail.build(message)
    assert len(sent.message().as_bytes()) < 40_000
    assert sent.alternatives[0][0].count("display:inline-block") == 1
    assert f"/{language}/" in sent.body


def test_ago_counts_whole_days():
    with translation.override("en"):
        assert [behind.ago(ago(days)) for days in (0, 1, 12)] == ["today", "1 day ago", "12 days ago"]
