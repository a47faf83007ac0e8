"""A live room in real browsers: two people at once, a server that dies, a line that breaks, no sockets, no scripts."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.signing_in import sign_in
from tests.browser.walking import RULES

ANA, BRUNO, ELENA = (f"{name}@room.example.org" for name in ("ana", "bruno", "elena"))
PASSWORD = "a-room-of-ones-own"
MAKE = f"""
import json, uuid
from allauth.account.models import EmailAddress
from django.utils import timezone
from lms.models import User
from curriculum.models import Cohort, Enrollment
from sessions import room
from sessions.models import TrainingSession
from sessions.seats import seat_for

cohort = Cohort.objects.order_by("pk").first()
people = {{}}
for name, role in (("Ana", "trainee"), ("Bruno", "trainee"), ("Elena", "trainer")):
    email = f"{{name.lower()}}@room.example.org"
    user, made = User.objects.get_or_create(email=email, defaults={{"full_name": f"{{name}} Prueba", "country": "MX", "time_zone": "America/Mexico_City"}})
    if made:
        user.set_password("{PASSWORD}")
        user.profile_completed_at = timezone.now()
        user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        Enrollment.objects.create(user=user, cohort=cohort, role=role, status="enrolled")
    people[name] = user
meeting = TrainingSession.objects.create(cohort=cohort, title="Sala de prueba", starts_at=timezone.now(), minutes=60, created_by=people["Elena"])
host = seat_for(people["Elena"], meeting)
acts = [("main", "session.open", {{}}), ("hosts", "poll.prepare", {{"kind": "single-choice", "text": "¿Qué vía?", "choices": ["Consulta", "Hospital"]}})]
for stream, kind, body in acts:
    room.perform(host, {{"t": "op", "cid": str(uuid.uuid4()), "st": stream, "k": kind, "b": body}})
print(json.dumps({{"meeting": meeting.pk, "poll": meeting.polls.get().pk}}))
"""
DO = """
import uuid
from lms.models import User
from sessions import room
from sessions.models import Meeting
from sessions.seats import seat_for
seat = seat_for(User.objects.get(email="{email}"), Meeting.objects.get(pk={meeting}))
room.perform(seat, {{"t": "op", "cid": str(uuid.uuid4()), "st": "main", "k": "{kind}", "b": {body}}})
"""
NO_SOCKETS = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 20); } close() {} };"


@pytest.fixture
def rooms(site):
    made = json.loads(site.run("shell", "-v0", "-c", MAKE).strip().splitlines()[-1])
    made["path"] = f"/es/live/{made['meeting']}/room/"
    made["do"] = lambda email, kind, **body: site.run(
        "shell", "-v0", "-c", DO.format(email=email, meeting=made["meeting"], kind=kind, body=body)
    )
    return made


def enter(open_page, site, rooms, email, size=PHONE, part="", before=None, **options):
    page = open_page(size, strict=False, **options)
    sign_in(page, site.base, email, PASSWORD)
    if before:
        page.add_init_script(before)
    page.goto(rooms["path"] + (f"#{part}" if part else ""))
    return page


def connected(page, state="open"):
    page.wait_for_selector(f"[data-link='{state}']:visible", timeout=30_000)


def messages(page):
    return page.eval_on_selector_all("#chat [data-list=chat] .words:not([hidden])", "all => all.map((one) => one.textContent)")


def write(page, text):
    page.fill("#chat .say textarea", text)
    page.click("#chat form[data-act='chat.post'] button")


def wait_for_message(page, text):
    page.wait_for_function(
        "text => [...document.querySelectorAll('#chat [data-list=chat] .words')].some((one) => one.textContent === text)",
        arg=text,
    )


def test_what_one_writes_the_other_reads_at_once_and_as_text(open_page, site, rooms):
    ana, bruno = (enter(open_page, site, rooms, email, part="chat") for email in (ANA, BRUNO))
    connected(ana)
    connected(bruno)
    write(ana, "<img src=x onerror=alert(1)> Hola")
    wait_for_message(bruno, "<img src=x onerror=alert(1)> Hola")
    assert ana.input_value("#chat .say textarea") == ""
    bruno.click(".tabbar [data-tab=questions]")
    bruno.fill("#questions textarea", "¿Y el alta?")
    bruno.click("#questions form button")
    ana.click(".tabbar [data-tab=questions]")
    ana.click("#questions .vote button")
    bruno.wait_for_function("() => document.querySelector('#questions .vote [data-text=votes]')?.textContent === '1'")
    assert ana.get_attribute("#questions .vote button", "aria-pressed") == "true"


def test_a_server_that_dies_loses_nothing_and_doubles_nothing(open_page, site, rooms):
    ana, bruno = (enter(open_page, site, rooms, email, part="chat") for email in (ANA, BRUNO))
    connected(ana)
    connected(bruno)
    site.stop()
    try:
        ana.wait_for_selector("[data-link='connecting waiting']:visible")
        for text in ("uno", "dos", "tres"):
            write(ana, text)
        assert ana.locator("#chat [data-pending] .msg").count() == 3
    finally:
        site.start()
    for page in (ana, bruno):
        connected(page)
        wait_for_message(page, "tres")
        assert messages(page) == ["uno", "dos", "tres"]
    assert ana.locator("#chat [data-pending] .msg").count() == 0


def test_what_waits_survives_a_new_load_of_the_page(open_page, site, rooms):
    ana = enter(open_page, site, rooms, ANA, part="chat", before=NO_SOCKETS)
    ana.route("**/acts/", lambda route: route.abort())
    ana.route("**/events*", lambda route: route.abort())
    write(ana, "escrito sin línea")
    ana.wait_for_selector("#chat [data-pending] .msg")
    ana.unroute("**/acts/")
    ana.unroute("**/events*")
    ana.reload()
    wait_for_message(ana, "escrito sin línea")
    assert messages(ana) == ["escrito sin línea"]


def test_a_vote_cast_without_a_line_waits_and_says_so(open_page, site, rooms):
    ana = enter(open_page, site, rooms, ANA)
    connected(ana)
    rooms["do"](ELENA, "poll.open", id=rooms["poll"])
    ana.wait_for_selector("#polls form:visible")
    ana.context.set_offline(True)
    ana.click("#polls label:has-text('Hospital')")
    ana.click("#polls form button")
    ana.wait_for_function("() => document.querySelector('#polls [data-status]').textContent.length > 20")
    waits = ana.inner_text("#polls [data-status]")
    ana.context.set_offline(False)
    ana.wait_for_function("before => document.querySelector('#polls [data-status]').textContent !== before", arg=waits)
    ana.wait_for_function("() => /^1 /.test(document.querySelector('#polls [data-text=votes]').textContent)")
    ana.reload()
    connected(ana)
    assert ana.is_checked("#polls label:has-text('Hospital') input")
    assert ana.inner_text("#polls [data-status]")


def test_a_vote_that_came_too_late_is_told_honestly(open_page, site, rooms):
    rooms["do"](ELENA, "poll.open", id=rooms["poll"])
    ana = enter(open_page, site, rooms, ANA)
    connected(ana)
    ana.context.set_offline(True)
    ana.click("#polls label:has-text('Hospital')")
    ana.click("#polls form button")
    rooms["do"](ELENA, "poll.close", id=rooms["poll"])
    ana.context.set_offline(False)
    ana.wait_for_selector("#polls [data-late]:visible")


def test_the_vote_card_stands_still(open_page, site, rooms):
    ana = enter(open_page, site, rooms, ANA)
    connected(ana)
    rooms["do"](ELENA, "poll.open", id=rooms["poll"])
    ana.wait_for_selector("#polls form:visible")
    before = ana.locator("#polls .radios").bounding_box()
    ana.click("#polls label:has-text('Consulta')")
    rooms["do"](ELENA, "timer.set", seconds=600, label="Trabajo")
    rooms["do"](BRUNO, "poll.vote", id=rooms["poll"], value="a")
    ana.wait_for_selector("#now .timers li")
    ana.wait_for_function("() => /^1 /.test(document.querySelector('#polls [data-text=votes]').textContent)")
    assert ana.locator("#polls .radios").bounding_box() == before
    assert ana.is_checked("#polls label:has-text('Consulta') input")


def test_without_sockets_the_room_goes_on_by_long_poll(open_page, site, rooms):
    ana = enter(open_page, site, rooms, ANA, part="chat", before=NO_SOCKETS)
    bruno = enter(open_page, site, rooms, BRUNO, part="chat")
    connected(ana, "polling")
    connected(bruno)
    write(bruno, "por el canal")
    wait_for_message(ana, "por el canal")
    write(ana, "por la puerta")
    wait_for_message(bruno, "por la puerta")
    wait_for_message(ana, "por la puerta")


def test_what_was_put_together_on_the_board_is_taken_out_again(open_page, site, rooms):
    page = enter(open_page, site, rooms, ANA, DESKTOP)
    connected(page)
    rooms["do"](ELENA, "board.setup")
    for text in ("Camas", "Faltan camas"):
        rooms["do"](ANA, "board.note", column="challenges", text=text)
    page.locator("#board .sticky").nth(1).wait_for()
    ids = page.eval_on_selector_all("#board .sticky", "all => all.map((one) => Number(one.dataset.key))")
    rooms["do"](ANA, "board.cluster", ids=[ids[1]], into=ids[0])
    undo = page.locator("#board [data-list=merged] button")
    undo.wait_for()
    for _load in (1, 2):  # drawn by the script, then by the server with the script going on from there
        assert page.text_content("#board [data-list=merged] li span") == "Faltan camas"
        page.reload() if _load == 1 else undo.click()
        connected(page)
    page.wait_for_function("() => document.querySelectorAll('#board .sticky').length === 2")
    assert not undo.count()


def test_without_scripts_everything_works_by_forms(open_page, site, rooms):
    rooms["do"](ELENA, "poll.open", id=rooms["poll"])
    ana = enter(open_page, site, rooms, ANA, java_script_enabled=False)
    ana.fill("#chat .say textarea", "sin scripts")
    ana.click("#chat form[data-act='chat.post'] button")
    assert ana.url.endswith("/room/#chat") and messages_without_scripts(ana) == ["sin scripts"]
    ana.click("#people [data-hand]")
    assert ana.get_attribute("#people [data-hand]", "aria-pressed") == "true"
    ana.check("#polls label:has-text('Hospital') input")
    ana.click("#polls form button")
    assert "1" in ana.inner_text("#polls [data-text=votes]") and ana.locator(".messages .note.ok").count() == 1
    ana.click("[data-reaction=thanks]")
    assert ana.locator(".messages .note.ok").count() == 1


def messages_without_scripts(page):
    return page.locator("#chat [data-list=chat] .words:visible").all_inner_texts()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")])
def test_no_rule_of_accessibility_is_broken(open_page, site, rooms, size, scheme):
    rooms["do"](ELENA, "poll.open", id=rooms["poll"])
    rooms["do"](ELENA, "board.setup")
    rooms["do"](BRUNO, "qa.ask", text="¿Y el alta?")
    rooms["do"](ANA, "chat.post", text="Hola")
    page = enter(open_page, site, rooms, ANA, size, color_scheme=scheme)
    connected(page)
    tabs = ".tabbar" if size is PHONE else ".side-tabs"
    for part in ("now", "stage", "chat", "questions", "people"):
        if page.locator(f"{tabs} [data-tab={part}]").count():
            page.click(f"{tabs} [data-tab={part}]")
        found = Axe().run(page, options=RULES).response["violations"]
        assert not found, [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_focus_stays_where_the_person_writes(open_page, site, rooms):
    ana = enter(open_page, site, rooms, ANA, DESKTOP)
    connected(ana)
    ana.focus("#chat .say textarea")
    ana.keyboard.type("a medias")
    rooms["do"](BRUNO, "chat.post", text="mientras tanto")
    rooms["do"](ELENA, "poll.open", id=rooms["poll"])
    wait_for_message(ana, "mientras tanto")
    ana.wait_for_selector("#polls form:visible")
    ana.keyboard.type(" sigo")
    assert ana.input_value("#chat .say textarea") == "a medias sigo"


def test_who_is_signed_out_elsewhere_is_told_and_keeps_the_text(open_page, site, rooms):
    ana = enter(open_page, site, rooms, ANA, part="chat")
    connected(ana)
    ana.fill("#chat .say textarea", "lo que escribía")
    ana.context.clear_cookies()
    ana.context.set_offline(True)
    ana.wait_for_selector("[data-link='connecting waiting']:visible")
    ana.context.set_offline(False)
    ana.wait_for_selector("[data-why=login]:visible")
    assert ana.input_value("#chat .say textarea") == "lo que escribía"
