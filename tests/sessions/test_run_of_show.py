"""The run of show: rows, times, overrun, order; and what participants get to see of it."""

import io
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from sessions import run_of_show
from sessions.forms_desk import SegmentForm
from sessions.models import Segment
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.rooms import do, state_of

pytestmark = pytest.mark.django_db


def typed(**changed):
    usual = {
        "title": "Caso",
        "kind": "case",
        "minutes": "20",
        "owner": "",
        "owner_name": "",
        "materials": "",
        "fallback": "",
        "notes": "",
    }
    return {**usual, **changed}


def titles(meeting):
    return [segment.title for segment in meeting.segments.all()]


def rows(meeting, *names, minutes=10):
    return [
        Segment.objects.create(meeting=meeting, title=name, minutes=minutes, order=order)
        for order, name in enumerate(names, start=1)
    ]


@pytest.mark.parametrize("minutes", [5, 37, 90, 720])
def test_the_five_rows_fill_the_planned_minutes(minutes):
    here = planned(minutes=minutes)
    client = signed(here.trainer)
    assert client.post(url("run_of_show_template", here.meeting.pk)).status_code == 302
    assert [segment.kind for segment in here.meeting.segments.all()] == ["welcome", "talk", "case", "discussion", "closing"]
    assert sum(segment.minutes for segment in here.meeting.segments.all()) == minutes
    assert all(segment.minutes >= 1 for segment in here.meeting.segments.all())
    assert "It fits." in text_of(client.get(url("run_of_show", here.meeting.pk)))
    client.post(url("run_of_show_template", here.meeting.pk))
    assert here.meeting.segments.count() == 5


def test_times_follow_from_minutes_and_an_overrun_is_said_and_saved():
    here = planned(minutes=30)
    client = signed(here.trainer)
    first, second = rows(here.meeting, "Uno", "Dos")
    show = run_of_show.show_of(here.meeting)
    assert [(row.starts_at - here.meeting.starts_at).total_seconds() / 60 for row in show.rows] == [0, 10]
    assert client.post(url("segment", here.meeting.pk, first.pk), typed(title="Uno", minutes="25")).status_code == 302
    text = text_of(client.get(url("run_of_show", here.meeting.pk)))
    assert "That is 5 min too long." in text and text.count("past the planned end") == 1
    second.delete()
    assert "5 min left." in text_of(client.get(url("run_of_show", here.meeting.pk)))


def test_rows_are_added_at_the_end_and_moved_by_buttons():
    here = planned()
    client = signed(here.trainer)
    rows(here.meeting, "Uno", "Dos")
    assert client.post(url("run_of_show", here.meeting.pk), typed(title="Tres", owner=str(here.trainer.pk))).status_code == 302
    assert titles(here.meeting) == ["Uno", "Dos", "Tres"]
    three = here.meeting.segments.get(title="Tres")
    assert three.owner == here.trainer
    for do_, expected in (
        ("up", ["Uno", "Tres", "Dos"]), ("up", ["Tres", "Uno", "Dos"]), ("up", ["Tres", "Uno", "Dos"]),
        ("down", ["Uno", "Tres", "Dos"]), ("remove", ["Uno", "Dos"]),
    ):  # fmt: skip
        assert client.post(url("segment_act", here.meeting.pk, three.pk), {"do": do_}).status_code == 302
        assert titles(here.meeting) == expected
    assert client.post(url("segment_act", here.meeting.pk, three.pk), {"do": "up"}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": ""}, "Write a title."), ({"title": "x" * 161}, "Shorten"), ({"minutes": "0"}, "from 1 to 480"),
        ({"minutes": "1e3"}, "from 1 to 480"), ({"kind": "dance"}, "dance"), ({"owner": "999999"}, "somebody of the meeting"),
        ({"owner": "x"}, "somebody of the meeting"), ({"notes": "x" * 1001}, "1000"), ({"notes": "nul\x00"}, ""),
    ],
)  # fmt: skip
def test_bad_rows_come_back_with_what_was_typed(changed, words):
    here = planned()
    (segment,) = rows(here.meeting, "Uno")
    for address in (url("run_of_show", here.meeting.pk), url("segment", here.meeting.pk, segment.pk)):
        text = text_of(signed(here.trainer).post(address, typed(materials="Keep me", **changed)), 422)
        assert words in text and "Keep me" in text
    assert titles(here.meeting) == ["Uno"]


def test_a_stranger_is_no_owner():
    here = planned()
    form = typed(owner=str(here.stranger.pk))
    assert "somebody of the meeting" in text_of(signed(here.trainer).post(url("run_of_show", here.meeting.pk), form), 422)


def test_buttons_that_nobody_knows_change_nothing():
    here = planned()
    (segment,) = rows(here.meeting, "Uno")
    client = signed(here.trainer)
    for data in ({}, {"do": "burn"}):
        assert client.post(url("segment_act", here.meeting.pk, segment.pk), data).status_code == 302
    assert client.get(url("segment_act", here.meeting.pk, segment.pk)).status_code == 405
    assert titles(here.meeting) == ["Uno"]


def test_rows_of_another_meeting_are_not_there():
    here, there = planned(), planned()
    (segment,) = rows(there.meeting, "Uno")
    client = signed(here.trainer)
    assert client.get(url("segment", here.meeting.pk, segment.pk)).status_code == 404
    assert client.post(url("segment_act", here.meeting.pk, segment.pk), {"do": "remove"}).status_code == 404
    assert titles(there.meeting) == ["Uno"]


def test_what_has_begun_stays():
    here = planned(state="live", hours=-1)
    (segment,) = rows(here.meeting, "Uno")
    Segment.objects.update(started_at=timezone.now())
    text = text_of(signed(here.trainer).post(url("segment_act", here.meeting.pk, segment.pk), {"do": "remove"}, follow=True))
    assert "has begun already" in text and titles(here.meeting) == ["Uno"]


def test_at_most_forty():
    here = planned()
    rows(here.meeting, *(str(number) for number in range(40)))
    assert "at most 40" in text_of(signed(here.trainer).post(url("run_of_show", here.meeting.pk), typed()), 422)


def test_the_room_gets_the_new_agenda_at_once_where_somebody_has_been():
    here = planned(state="live", hours=-0.1)
    do(here.meeting, here.trainee, "chat.post", {"text": "Hola"})
    signed(here.trainer).post(url("run_of_show", here.meeting.pk), typed(title="Nuevo"))
    assert [item["title"] for item in state_of(here.meeting)["agenda"]["items"]] == ["Nuevo"]


def test_participants_see_time_title_and_who_speaks_only():
    here = planned()
    Segment.objects.create(
        meeting=here.meeting, title="Caso clínico", minutes=10, owner=here.trainer, owner_name="Dra. Ruiz", materials="hoja-secreta",
        fallback="plan-secreto", notes="nota-secreta",
    )  # fmt: skip
    text = text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))
    assert "Caso clínico" in text and "Dra. Ruiz" in text and "secret" not in text
    assert "plan-secreto" in text_of(signed(here.trainer).get(url("run_of_show", here.meeting.pk)))


def test_the_page_costs_the_same_with_one_row_and_with_many():
    here = planned()
    client, counted = signed(here.trainer), []
    for number in range(2):
        for order in range(1 + 20 * number):
            Segment.objects.create(meeting=here.meeting, title=str(order), order=order, owner=here.trainer)
        client.get(url("run_of_show", here.meeting.pk))
        with CaptureQueriesContext(connection) as found:
            client.get(url("run_of_show", here.meeting.pk))
        counted.append(len(found))
    assert counted[0] == counted[1] <= 14


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_who_add_rows_at_once_get_ten_places(in_parallel):
    here = planned()
    clients = [signed(here.trainer) for _number in range(10)]
    in_parallel(lambda number: clients[number].post(url("run_of_show", here.meeting.pk), typed(title=str(number))))
    assert sorted(titles(here.meeting)) == list("0123456789")
    assert list(here.meeting.segments.values_list("order", flat=True)) == list(range(1, 11))


# --- on paper --------------------------------------------------------------------------------------------------------


def printed(html):
    """The page as Chromium prints it on A4, with the sheets of style that it names and without a server."""
    names = re.findall(r'<link rel="stylesheet" href="/static/([^"?]+)', html)
    styles = "".join(f"<style>{Path(finders.find(name)).read_text()}</style>" for name in names)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page()
        page.set_content(re.sub(r"<script.*?</script>|<link[^>]*>", "", html, flags=re.S).replace("</head>", f"{styles}</head>"))
        pdf = page.pdf(format="A4", prefer_css_page_size=True)
        browser.close()
    return PdfReader(io.BytesIO(pdf))


def smallest_text(reader):
    """The height of the smallest letters in points."""
    sizes = []

    def look(text, cm, tm, font, size):
        if text.strip():
            sizes.append(abs(size * tm[3] * cm[3]))

    for page in reader.pages:
        page.extract_text(visitor_text=look)
    return min(sizes)


@pytest.mark.browser
@pytest.mark.parametrize("name", ["run_of_show", "cue_sheet", "agenda_sheet"])
def test_the_template_and_three_more_rows_print_on_one_readable_page(name):
    here = planned(minutes=120, title="Sesión 3: búsqueda de casos en urgencias")
    client = signed(here.trainer, "es")
    client.post(url("run_of_show_template", here.meeting.pk))
    for number in range(3):
        rows(here.meeting, f"Trabajo en grupos {number}", minutes=15)
    here.meeting.segments.update(
        owner_name="Dra. Margarita Fernández de la Cruz", materials="Diapositivas 12 a 18, caso 4 en el tablero, hoja de indicadores",
        fallback="Si falla el vídeo: seguir por teléfono con las diapositivas enviadas por correo",
        notes="Dar la palabra primero a quien no habló en la sesión anterior; cerrar con una pregunta abierta.",
    )  # fmt: skip
    reader = printed(text_of(client.get(url(name, here.meeting.pk, language="es"))))
    text = " ".join(reader.pages[0].extract_text().split())
    assert "Trabajo en grupos 2" in text and ("Dar la palabra primero" in text) is (name != "agenda_sheet")
    assert len(reader.pages) == 1 and smallest_text(reader) >= 8.99
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


# --- minutes in the rows ---------------------------------------------------------------------------------------------


def test_the_minutes_of_all_rows_change_at_once_and_times_follow():
    here = planned(minutes=60)
    first, second = rows(here.meeting, "Bienvenida", "Caso")
    client, address = signed(here.trainer), url("run_of_show", here.meeting.pk)
    assert f'name="m{first.pk}"' in text_of(client.get(address))
    answer = client.post(address, {"recompute": "1", f"m{first.pk}": "25", f"m{second.pk}": "45"})
    assert answer.status_code == 302
    show = run_of_show.show_of(here.meeting)
    assert [row.segment.minutes for row in show.rows] == [25, 45] and (show.minutes, show.overrun) == (70, 10)
    assert titles(here.meeting) == ["Bienvenida", "Caso"]


@pytest.mark.parametrize("minutes", ["", "0", "481", "x", "-5", "9" * 30])
def test_minutes_that_cannot_be_change_nothing_and_stay_as_typed(minutes):
    here = planned()
    first, second = rows(here.meeting, "Bienvenida", "Caso")
    form = {"recompute": "1", f"m{first.pk}": "25", f"m{second.pk}": minutes}
    text = text_of(signed(here.trainer).post(url("run_of_show", here.meeting.pk), form), 422)
    assert "Write a number of minutes from 1 to 480." in text and f'href="#id_m{second.pk}"' in text
    assert 'value="25"' in text
    assert {one.minutes for one in here.meeting.segments.all()} == {10}


def test_minutes_of_a_row_that_is_gone_are_passed_over():
    here = planned()
    first, second = rows(here.meeting, "Bienvenida", "Caso")
    form = {"recompute": "1", f"m{first.pk}": "25", f"m{second.pk}": "30"}
    second.delete()
    assert signed(here.trainer).post(url("run_of_show", here.meeting.pk), form).status_code == 302
    assert [one.minutes for one in here.meeting.segments.all()] == [25]


def test_who_may_change_the_minutes():
    here = planned()
    (first,) = rows(here.meeting, "Bienvenida")
    form = {"recompute": "1", f"m{first.pk}": "25"}
    got = {
        role: signed(getattr(here, role)).post(url("run_of_show", here.meeting.pk), form).status_code
        for role in ("trainee", "evaluator", "stranger")
    }
    assert got == {"trainee": 403, "evaluator": 403, "stranger": 404}
    assert here.meeting.segments.get().minutes == 10


def test_a_row_that_somebody_removed_in_the_same_moment_is_gone_and_no_error(monkeypatch):
    """Between the look at the row and the writing: changed, it is not there; removed, it is removed."""
    here = planned()
    client, (changed, removed) = signed(here.trainer), rows(here.meeting, "One", "Two")
    written = SegmentForm.written

    def late(form):
        Segment.objects.filter(pk=form.instance.pk).delete()
        return written(form)

    monkeypatch.setattr(SegmentForm, "written", late)
    assert client.post(url("segment", here.meeting.pk, changed.pk), typed()).status_code == 404
    held = run_of_show._held
    monkeypatch.setattr(run_of_show, "_held", lambda meeting: [one for one in held(meeting) if one.pk != removed.pk])
    assert client.post(url("segment_act", here.meeting.pk, removed.pk), {"do": "remove"}).status_code == 302
