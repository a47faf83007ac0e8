"""Materials: what hosts add, which addresses are taken, who sees what before and after."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sessions.forms_answers import MaterialForm
from sessions.models import InPersonDay, Material, NationalMeeting, PreparatoryMeeting, RegionalMeeting
from tests.sessions.answering import hours, place
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db


def written(**changed):
    return {"title": "Guía FLS", "url": "https://example.org/guia.pdf", "minutes": "4", "moment": "before", **changed}


def added(here, **changed):
    response = signed(here.trainer).post(url("materials", here.meeting.pk), written(**changed))
    assert response.status_code == 302, response.content.decode()[:3000]
    return Material.objects.latest("pk")


def act(here, material, do, user=None):
    return signed(user or here.trainer).post(url("material_act", here.meeting.pk, material.pk), {"do": do}, follow=True)


def test_a_material_is_added_changed_and_removed():
    here = planned()
    client = signed(here.trainer)
    assert "Nothing is to be read before the meeting." in text_of(client.get(url("materials", here.meeting.pk)))
    material = added(here)
    assert "https://example.org/guia.pdf" in text_of(client.get(url("material", here.meeting.pk, material.pk)))
    changed = client.post(url("material", here.meeting.pk, material.pk), written(title="Otra", minutes="", moment="after"))
    assert changed.url == url("materials", here.meeting.pk)
    material.refresh_from_db()
    assert (material.title, material.minutes, material.moment) == ("Otra", None, "after")
    text_of(act(here, material, "remove"))
    assert not Material.objects.exists()


@pytest.mark.parametrize(
    ("address", "kept"),
    [("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"), ("/es/programa/", "/es/programa/"), ("  https://example.org/  ", "https://example.org/"),
     ("http://testserver/es/programa/", "/es/programa/"), ("HTTPS://example.org/x", "HTTPS://example.org/x")],
)  # fmt: skip
def test_addresses_that_are_taken(address, kept):
    assert added(planned(), url=address).url == kept


@pytest.mark.parametrize(
    ("address", "words"),
    [("javascript:alert(1)", "begin with javascript: are not accepted"), ("JaVaScRiPt:alert(1)", "javascript:"), ("data:text/html,x", "data:"),
     ("http://example.org", "anybody on the way"), ("ftp://example.org", "ftp:"), ("mailto:a@example.org", "mailto:"), ("//evil.example", "single /"),
     ("/\\evil.example", "single /"), ("\\\\evil", "https://"), ("https://bank.example@evil.example/", "before an @"), ("https://", "https://"),
     ("https://a b.org", "https://"), ("guia.pdf", "https://"), ("/a\tb", "https://"), ("https://exa\tmple.org", "https://"), ("https://[::1", "https://"),
     ("java\nscript:alert(1)", "https://"), ("", "Write the address."), ("https://example.org/" + "x" * 500, "500"), ("/a\x00b", "")],
)  # fmt: skip
def test_addresses_that_are_refused_with_the_reason(address, words):
    here = planned()
    page = text_of(signed(here.trainer).post(url("materials", here.meeting.pk), written(url=address)), 422)
    assert words in page and "Guía FLS" in page and "There is a problem" in page
    assert not Material.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"title": ""}, "Write a title."), ({"title": "x" * 161}, "160"), ({"minutes": "0"}, "1 to 600"), ({"minutes": "9" * 30}, "1 to 600"),
     ({"minutes": "five"}, "1 to 600"), ({"moment": ""}, "before or for after"), ({"moment": "during"}, "before or for after"), ({"title": "\x00"}, "")],
)  # fmt: skip
def test_other_bad_input(changed, words):
    here = planned()
    material = added(here)
    for address in (url("materials", here.meeting.pk), url("material", here.meeting.pk, material.pk)):
        page = text_of(signed(here.trainer).post(address, written(**changed)), 422)
        assert words in page and "https://example.org/guia.pdf" in page
    assert Material.objects.get().title == "Guía FLS"


def test_they_are_ordered_by_buttons():
    here = planned()
    first, second, third = (added(here, title=title) for title in ("Uno", "Dos", "Tres"))
    later = added(here, title="Después", moment="after")
    act(here, third, "up")
    act(here, first, "down")
    act(here, later, "up")
    act(here, third, "up")
    assert list(Material.objects.filter(moment="before").values_list("title", flat=True)) == ["Tres", "Uno", "Dos"]
    assert "This button is not known." in text_of(act(here, second, "burn"))
    assert Material.objects.count() == 4


def test_there_are_at_most_twenty():
    here = planned()
    Material.objects.bulk_create(Material(meeting=here.meeting, title=str(n), url="/x", order=n) for n in range(20))
    assert "at most 20" in text_of(signed(here.trainer).post(url("materials", here.meeting.pk), written()), 422)


def test_who_may():
    here, there = planned(), planned()
    material, foreign = added(here), added(there)
    for name, args in (("materials", []), ("material", [material.pk]), ("material_act", [material.pk])):
        address = url(name, here.meeting.pk, *args)
        data = {**written(), "do": "remove"}
        assert signed(here.stranger).post(address, data).status_code == 404
        assert signed(here.trainee).post(address, data).status_code == 403
        assert signed(here.evaluator).post(address, data).status_code == 403
        assert Client().post(address, data).status_code == 302
    client = signed(here.trainer)
    assert client.get(url("material", here.meeting.pk, foreign.pk)).status_code == 404
    assert client.post(url("material_act", here.meeting.pk, foreign.pk), {"do": "remove"}).status_code == 404
    assert client.get(url("material_act", here.meeting.pk, material.pk)).status_code == 405
    assert Material.objects.count() == 2


def test_the_page_shows_before_what_is_to_be_read_and_after_what_is_to_be_taken_away():
    here = planned()
    added(here, minutes="4")
    added(here, title="Resumen", moment="after", url="/es/resumen/")
    address = url("meeting", here.meeting.pk)
    page = text_of(signed(here.trainee).get(address))
    assert "Guía FLS" in page and "Together 4 min." in page and "Resumen" not in page and "nothing to prepare" not in page
    assert "People rarely prepare" not in text_of(signed(here.trainer).get(address))
    added(here, title="Video", minutes="3")
    assert "People rarely prepare for more than 5 minutes" in text_of(signed(here.trainer).get(address))
    page = text_of(signed(here.trainee).get(address))
    assert "Together 7 min." in page and "People rarely prepare" not in page
    place(here.meeting, state="ended")
    page = text_of(signed(here.trainee).get(address))
    assert "Resumen" in page and 'href="/es/resumen/"' in page


def test_a_title_is_text():
    here = planned()
    added(here, title="<script>alert(1)</script>")
    assert "<script>alert" not in text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))


@pytest.mark.parametrize("kind", [InPersonDay, NationalMeeting, PreparatoryMeeting, RegionalMeeting])
def test_every_kind_of_meeting_has_materials(kind):
    here = planned()
    here.meeting = kind.objects.create(cohort=here.cohort, title="Reunión", starts_at=hours(48))
    added(here)
    assert "Guía FLS" in text_of(signed(here.trainer).get(url("meeting", here.meeting.pk)))


def test_queries_do_not_grow_with_the_materials():
    here, counted = planned(), []
    clients = {"materials": signed(here.trainer), "meeting": signed(here.trainee)}
    for number in (1, 18):
        Material.objects.bulk_create(Material(meeting=here.meeting, title=str(n), url="/x", order=n) for n in range(number))
        for name, client in clients.items():
            client.get(url(name, here.meeting.pk))
            with CaptureQueriesContext(connection) as queries:
                text_of(client.get(url(name, here.meeting.pk)))
            counted.append(len(queries))
    assert counted[:2] == counted[2:]


def test_a_material_that_somebody_removed_in_the_same_moment_is_not_there(monkeypatch):
    here = planned()
    client, material = signed(here.trainer), added(here)
    own = MaterialForm.written

    def late(form):
        Material.objects.filter(pk=material.pk).delete()
        return own(form)

    monkeypatch.setattr(MaterialForm, "written", late)
    assert client.post(url("material", here.meeting.pk, material.pk), written()).status_code == 404
