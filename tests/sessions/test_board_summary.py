"""The summary of a board: what it says, who reads it, and the draft page that editors get from it."""

import pytest
from django.contrib.auth.models import Group as Role
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from curriculum.desk import EDITORS, ensure_desk
from curriculum.models import ResourceIndexPage, ResourcePage
from sessions import board_summary
from sessions.models import Group, Meeting, MeetingPerson, Note
from tests.factories import UserFactory, make_home
from tests.sessions.boards import open_board, write
from tests.sessions.rooms import do, meeting_of, person_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of(title="Primera reunión <regional>")


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer")


@pytest.fixture
def ana(meeting):
    return person_in(meeting, user__country="BR", user__full_name="Ana Rivas")


@pytest.fixture
def luis(meeting):
    return person_in(meeting, user__country="MX", user__full_name="Luis Ortiz")


@pytest.fixture
def board(meeting, trainer):
    return open_board(meeting, trainer)


@pytest.fixture
def exercise(meeting, trainer, ana, luis, board):
    """Two challenges said by three people, two actions, one of them linked and voted for."""
    paper = write(meeting, ana, "Registro en papel")
    same = write(meeting, luis, "Todo en papel")
    write(meeting, luis, "Sin densitómetro")
    sheet, frax = write(meeting, ana, "Hoja <compartida>", "actions"), write(meeting, luis, "FRAX sin DMO", "actions")
    do(meeting, ana, "board.cluster", {"ids": [same.pk], "into": paper.pk})
    do(meeting, ana, "board.link", {"action": sheet.pk, "challenge": same.pk})
    do(meeting, trainer, "board.phase", {"phase": "vote"})
    for user, notes in [(ana, [sheet]), (luis, [sheet, frax])]:
        for note in notes:
            do(meeting, user, "board.vote", {"id": note.pk})
    return meeting


@pytest.fixture
def library():
    home = make_home()["es"]
    index = home.add_child(instance=ResourceIndexPage(title="Biblioteca", slug="biblioteca", locale=home.locale))
    ensure_desk()
    return index


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(user, meeting, query=""):
    return client_of(user).get(reverse("live:board_summary", args=[meeting.pk]) + query)


def draft(user, meeting, **kwargs):
    return client_of(user).post(reverse("live:board_draft", args=[meeting.pk]), **kwargs)


def editor_of(meeting):
    """An editor of the library who takes part in the meeting."""
    user = UserFactory()
    user.groups.add(Role.objects.get(name=EDITORS))
    MeetingPerson.objects.create(meeting=meeting, user=user)
    return user


# --- as data -----------------------------------------------------------------------------------------------------------


def test_it_folds_in_clusters_with_countries_votes_and_links(exercise):
    [found] = board_summary.boards_of(exercise)
    assert {column.role: [idea.text for idea in column.ideas] for column in found.columns} == {
        "challenge": ["Registro en papel", "Sin densitómetro"],
        "action": ["Hoja <compartida>", "FRAX sin DMO"],
        "effective": [],
    }
    paper = found.challenges[0]
    assert (paper.folded, sorted(paper.codes), [idea.text for idea in paper.answered_by]) == (
        ["Todo en papel"],
        ["BR", "MX"],
        ["Hoja <compartida>"],
    )
    assert [(idea.text, idea.votes) for idea in found.effective] == [("Hoja <compartida>", 2), ("FRAX sin DMO", 1)]
    assert [idea.text for idea in found.loose_actions] == ["FRAX sin DMO"]
    assert (found.notes, len(found.countries)) == (5, 2)
    assert "Rivas" not in str(found)


def test_what_was_removed_is_not_in_it(exercise, trainer):
    for note in Note.objects.filter(text__in=["Registro en papel", "FRAX sin DMO"]):
        do(exercise, trainer, "board.remove", {"id": note.pk})
    found = board_summary.gathered(exercise)
    assert {idea.text for idea in found.ideas} == {"Todo en papel", "Sin densitómetro", "Hoja <compartida>"}
    assert "Registro" not in str(found)


@pytest.fixture
def with_groups(exercise, trainer, ana, luis):
    do(exercise, trainer, "group.plan", {"groups": [{"people": [ana.pk], "name": "Norte"}, {"people": [luis.pk]}]})
    do(exercise, trainer, "group.open")
    north, second = (f"group:{group.pk}" for group in Group.objects.all())
    write(exercise, ana, "Enfermera de enlace", "actions", st=north)
    write(exercise, luis, "Falta de personal", st=second)
    return exercise


def test_groups_stand_alone_and_together_and_what_was_brought_counts_once(with_groups, trainer):
    labels = [(one.name, one.notes) for one in board_summary.boards_of(with_groups)]
    assert [(name == "Norte", count) for name, count in labels[1:]] == [(True, 1), (False, 1)]
    assert "2" in labels[2][0]
    before = board_summary.gathered(with_groups)
    assert (before.notes, {idea.group for idea in before.ideas}) == (7, {"", "Norte", labels[2][0]})
    do(with_groups, trainer, "board.gather")
    after = board_summary.gathered(with_groups)
    assert (after.notes, {idea.group for idea in after.ideas}) == (7, {""})
    assert sorted(idea.text for idea in after.ideas) == sorted(idea.text for idea in before.ideas)
    copy = Note.objects.get(text="Enfermera de enlace", board__stream__name="main")
    do(with_groups, trainer, "board.remove", {"id": copy.pk})
    assert "Enfermera de enlace" not in [idea.text for idea in board_summary.gathered(with_groups).ideas]


def test_a_group_s_link_to_a_challenge_that_was_brought_is_kept(meeting, trainer, ana, board):
    do(meeting, trainer, "group.plan", {"groups": [{"people": [ana.pk]}]})
    name = f"group:{Group.objects.get().pk}"
    challenge = write(meeting, ana, "Sin registro", st=name)
    do(meeting, trainer, "board.gather")
    action = write(meeting, ana, "Hoja compartida", "actions", st=name)
    do(meeting, ana, "board.link", {"action": action.pk, "challenge": challenge.pk}, st=name)
    assert [idea.text for idea in board_summary.gathered(meeting).challenges[0].answered_by] == ["Hoja compartida"]


# --- the page ----------------------------------------------------------------------------------------------------------


def test_people_of_the_meeting_read_it_without_names_and_with_words_escaped(exercise, ana):
    response = page_of(ana, exercise)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Hoja &lt;compartida&gt;" in html and "<compartida>" not in html and "<regional>" not in html
    assert "Todo en papel" in html and "Rivas" not in html.partition("<main")[2].partition("</main>")[0]
    assert reverse("live:board_draft", args=[exercise.pk]) not in html


def test_strangers_find_nothing(exercise):
    assert page_of(UserFactory(), exercise).status_code == 404
    assert draft(UserFactory(), exercise).status_code == 404
    assert client_of(UserFactory()).get(reverse("live:board_summary", args=[999_999])).status_code == 404
    response = Client().get(reverse("live:board_summary", args=[exercise.pk]))
    assert response.status_code == 302 and "login" in response.url
    assert Client().post(reverse("live:board_draft", args=[exercise.pk])).status_code == 302
    assert not ResourcePage.objects.exists()


def test_without_a_board_it_says_what_will_be_here(meeting, ana, trainer, library):
    assert 'class="empty"' in page_of(ana, meeting).content.decode()
    assert reverse("live:board_draft", args=[meeting.pk]) not in page_of(trainer, meeting).content.decode()


def test_a_group_s_board_is_for_the_group_and_for_hosts_until_it_is_brought(with_groups, trainer, ana, luis):
    north, second = (f"group:{group.pk}" for group in Group.objects.all())
    assert "Enfermera de enlace" in page_of(ana, with_groups).content.decode()
    assert "Enfermera de enlace" not in page_of(luis, with_groups).content.decode()
    assert page_of(luis, with_groups, f"?of={north}").status_code == 404
    assert page_of(luis, with_groups, f"?of={second}").status_code == 200
    assert "Falta de personal" not in page_of(trainer, with_groups, f"?of={north}").content.decode()
    assert all(text in page_of(trainer, with_groups).content.decode() for text in ("Enfermera de enlace", "Falta de personal"))
    assert page_of(trainer, with_groups, "?of=nonsense").status_code == 404
    do(with_groups, trainer, "board.gather")
    assert "Enfermera de enlace" in page_of(luis, with_groups).content.decode()


def test_two_hundred_notes_take_no_more_queries_than_one(meeting, trainer, ana, board, library, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    write(meeting, ana, "una")
    client, url = client_of(trainer), reverse("live:board_summary", args=[meeting.pk])
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(url)
    columns = ("challenges", "actions", "effective")
    rows = [Note(board=board, column=columns[n % 3], text=f"idea {n}", country="MX", author_name="—") for n in range(200)]
    Note.objects.bulk_create(rows)
    with django_assert_num_queries(len(few)):
        response = client.get(url)
    assert "idea 199" in response.content.decode()
    with django_assert_num_queries(4):
        board_summary.gathered(meeting)


# --- the draft ---------------------------------------------------------------------------------------------------------


def test_a_host_makes_a_draft_with_countries_and_without_names_once(exercise, trainer, library):
    for _time in (1, 2):
        assert draft(trainer, exercise).url == reverse("live:board_summary", args=[exercise.pk])
    page = ResourcePage.objects.get()
    assert (page.live, page.locale.language_code, page.get_parent().pk, page.owner) == (False, "es", library.pk, trainer)
    body = page.get_latest_revision_as_object().body
    assert "Hoja &lt;compartida&gt; (Brasil)" in body and "Primera reunión &lt;regional&gt;" in body
    assert "Todo en papel" in body and "Principales retos" not in body
    assert not {"Rivas", "Ortiz"} & set(body.split())
    assert page_of(UserFactory(is_superuser=True), exercise).content.decode().count(f"/admin/pages/{page.pk}/edit/") == 1


def test_an_editor_comes_to_the_page_and_what_was_made_of_it_stays(exercise, trainer, library):
    draft(trainer, exercise)
    page, editor = ResourcePage.objects.get(), editor_of(exercise)
    page.title = "Lo que aprendimos"
    page.save_revision(user=editor).publish()
    response = draft(editor, exercise)
    assert response.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    client = client_of(editor)
    assert client.get(response.url).status_code == 200
    page.refresh_from_db()
    assert (page.title, page.live) == ("Lo que aprendimos", True)


def test_an_editor_makes_it_too_and_other_participants_do_not(exercise, ana, library):
    assert draft(ana, exercise).status_code == 403
    editor = editor_of(exercise)
    assert "/admin/pages/" in draft(editor, exercise).url
    assert ResourcePage.objects.count() == 1


def test_it_is_in_the_language_of_the_meeting(exercise, trainer, library):
    Meeting.objects.filter(pk=exercise.pk).update(language="pt-br")
    refused = draft(trainer, exercise, follow=True)
    assert [message.level_tag for message in refused.context["messages"]] == ["error"]
    assert not ResourcePage.objects.exists()
    home = make_home()["pt-br"]
    home.add_child(instance=ResourceIndexPage(title="Biblioteca", slug="biblioteca", locale=home.locale))
    Note.objects.filter(text="FRAX sin DMO").update(country="ES")
    draft(trainer, exercise)
    page = ResourcePage.objects.get()
    assert page.locale.language_code == "pt-br" and "Espanha" in page.body


def test_there_is_no_draft_of_an_empty_board_and_no_other_method(meeting, trainer, board, library):
    assert draft(trainer, meeting).status_code == 302
    assert not ResourcePage.objects.exists()
    client = client_of(trainer)
    assert client.get(reverse("live:board_draft", args=[meeting.pk])).status_code == 405
    assert client.post(reverse("live:board_summary", args=[meeting.pk])).status_code == 405


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_presses_at_once_make_one_draft(in_parallel):
    home = make_home()["es"]
    home.add_child(instance=ResourceIndexPage(title="Biblioteca", slug="biblioteca", locale=home.locale))
    meeting = meeting_of()
    trainer = person_in(meeting, "trainer")
    open_board(meeting, trainer)
    write(meeting, trainer, "Registro en papel")
    clients = [client_of(trainer) for _number in range(10)]
    results = in_parallel(lambda number: clients[number].post(reverse("live:board_draft", args=[meeting.pk])).status_code)
    assert results == [302] * 10
    assert ResourcePage.objects.count() == 1
    assert Page.objects.get(pk=ResourceIndexPage.objects.get().pk).numchild == 1
