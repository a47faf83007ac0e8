"""Groups of mentors: who makes them, who may be in one, what is said of one that cannot lead."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curriculum.enrollment_states import Refused
from curriculum.models import Certificate
from sessions import forming_groups, lead_groups
from sessions.models import LeadGroup, LeadGroupMember
from tests.factories import EnrollmentFactory, UserFactory
from tests.sessions.planning import signed, text_of, url
from tests.sessions.rotating import a_group, a_lead, a_mentor, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    at(monkeypatch, "2026-12-05")


def post(user, name, /, *args, **data):
    return signed(user).post(url(name, *args), data)


def test_a_lead_makes_a_group_of_mentors_and_sees_it():
    lead, one, two = a_lead(), a_mentor("MX"), a_mentor("BR")
    assert "There are no groups yet. Make groups of 2 to 4 mentors." in text_of(signed(lead).get(url("lead_groups")))
    assert post(lead, "lead_groups", name="Andes", members=[one.pk, two.pk]).status_code == 302
    text = text_of(signed(lead).get(url("lead_groups")))
    assert "Andes" in text and one.full_name in text and "(Brazil)" in text


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_group_has_two_to_four(count):
    lead, people = a_lead(), [a_mentor() for _ in range(5)]
    text = text_of(post(lead, "lead_groups", name="Andes", members=[one.pk for one in people[:count]]), 422)
    assert "two to four mentors" in text and 'value="Andes"' in text
    assert not LeadGroup.objects.exists()


@pytest.mark.parametrize("bad", ["x", "0", "99999999999999999999999", "\x00", "-1"])
def test_what_no_form_sends_is_refused_in_words(bad):
    lead, one = a_lead(), a_mentor()
    assert post(lead, "lead_groups", name="Andes", members=[one.pk, bad]).status_code in (400, 422)
    assert post(lead, "lead_groups", name="a\x00b", members=[one.pk, a_mentor().pk]).status_code in (400, 422)
    group = a_group("Sur")
    assert post(lead, "lead_group_add", group.pk, user=bad).status_code in (400, 422)


def test_a_name_stands_once():
    lead = a_lead()
    a_group("Andes")
    people = [a_mentor().pk, a_mentor().pk]
    assert "Another group has this name" in text_of(post(lead, "lead_groups", name=" Andes ", members=people), 422)
    other = a_group("Sur")
    assert "Another group has this name" in text_of(post(lead, "lead_group", other.pk, name="Andes"), 422)
    assert post(lead, "lead_group", other.pk, name="Pampa").status_code == 302
    assert LeadGroup.objects.get(pk=other.pk).name == "Pampa"


def test_only_mentors_who_are_free_can_be_added_up_to_four():
    lead, group, other = a_lead(), a_group("Andes", size=3), a_group("Sur")
    outsider = UserFactory()
    for user in (outsider, other.people[0]):
        assert "Choose a mentor from the list" in text_of(post(lead, "lead_group_add", group.pk, user=user.pk), 422)
        with pytest.raises(Refused):
            forming_groups.add(group, user)
    assert post(lead, "lead_group_add", group.pk, user=a_mentor().pk).status_code == 302
    assert "at most four" in text_of(post(lead, "lead_group_add", group.pk, user=a_mentor().pk), 422)


def test_who_leaves_leaves_with_a_reason_that_is_kept_and_is_free_again():
    lead, group = a_lead(), a_group("Andes", size=3)
    member = group.members.first()
    assert "Write the reason" in text_of(post(lead, "lead_group_remove", group.pk, member.pk, reason=" "), 422)
    assert post(lead, "lead_group_remove", group.pk, member.pk, reason="Moved to another hospital").status_code == 302
    assert "Moved to another hospital" in text_of(signed(lead).get(url("lead_group", group.pk)))
    assert forming_groups.add(a_group("Sur"), member.user)
    assert signed(lead).get(url("lead_group_remove", group.pk, member.pk)).status_code == 404


def test_a_group_that_lost_its_mentors_is_named_with_those_who_could_join():
    lead, group = a_lead(), a_group("Andes", "BR")
    near, far = a_mentor("BR", full_name="Nearby Brazilian"), a_mentor("MX", full_name="Far Mexican")
    Certificate.objects.filter(enrollment__user=group.people[0]).update(expires_on=datetime.date(2026, 12, 1))
    for page in (url("lead_groups"), url("year", 2027)):
        text = text_of(signed(lead).get(page))
        assert "Andes has fewer than two active mentors" in text and group.people[0].full_name in text
        assert text.index(near.full_name) < text.index(far.full_name)
    group.people[1].is_active = False
    group.people[1].save()
    assert lead_groups.rows()[0].lapsed == list(group.members.all())


def test_mentors_read_groups_and_change_nothing_and_others_find_nothing():
    lead, group = a_lead(), a_group("Andes")
    mentor, trainee = a_mentor(), EnrollmentFactory(cohort=group.people[0].enrollments.first().cohort).user
    member = group.members.first()
    pages = [("lead_groups",), ("lead_group", group.pk)]
    for user, status in ((lead, 200), (mentor, 200), (trainee, 404), (UserFactory(), 404)):
        assert [signed(user).get(url(*page)).status_code for page in pages] == [status] * 2
    posts = [*pages, ("lead_group_add", group.pk), ("lead_group_remove", group.pk, member.pk), ("lead_group_leave", group.pk)]
    for user, status in ((mentor, 403), (trainee, 404)):
        assert [post(user, *page, name="x", reason="x").status_code for page in posts] == [status] * 5
    assert signed(group.people[0]).get(url("lead_group_leave", group.pk)).status_code == 200
    assert 'method="post"' not in text_of(signed(mentor).get(url("lead_group", group.pk))).split("<main")[1]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_adds_at_once_put_a_mentor_into_one_group(in_parallel):
    mentor, groups = a_mentor(), [a_group(f"G{number}") for number in range(10)]
    results = in_parallel(lambda number: forming_groups.add(groups[number], mentor))
    assert sum(isinstance(one, LeadGroupMember) for one in results) == 1, results
    assert sum(isinstance(one, Refused) for one in results) == 9, results
    assert LeadGroupMember.objects.filter(user=mentor, left_at=None).count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_mentors_at_once_and_one_place(in_parallel):
    """Counting four and joining is one step only while the groups are held."""
    group, mentors = a_group("Andes", size=3), [a_mentor() for _number in range(10)]
    results = in_parallel(lambda number: forming_groups.add(group, mentors[number]))
    assert sum(isinstance(one, LeadGroupMember) for one in results) == 1, results
    assert sum(isinstance(one, Refused) for one in results) == 9, results
    assert group.members.filter(left_at=None).count() == 4


def test_the_list_costs_the_same_with_one_group_and_with_many():
    lead = a_lead()
    a_group("A")
    one = _queries(lead)
    for number in range(8):
        a_group(f"More {number}")
    assert _queries(lead) == one <= 16


def _queries(lead):
    client = signed(lead)
    client.get(url("lead_groups"))
    with CaptureQueriesContext(
        connection,
    ) as found:
        client.get(url("lead_groups"))
    return len(found)
