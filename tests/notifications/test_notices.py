"""What was told, as lines on the site: one's own only, read by opening and never by a browser that fetches ahead."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from notifications import notices
from notifications.models import Notice
from tests.factories import UserFactory
from tests.notifications.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def url(name="notices", *args):
    return reverse(f"notifications:{name}", args=args)


def notice(user, key="1", **fields):
    fields = {"what": "certificate_issued", "context": {"curriculum": f"Programa {key}"}, "url": "/en/today/", **fields}
    return Notice.objects.create(user=user, dedupe_key=f"{user.pk}:{key}", **fields)


def test_visitors_sign_in_first():
    assert Client().get(url()).status_code == 302


def test_an_empty_page_says_what_will_appear():
    assert "No notices yet" in person().client.get(url()).content.decode()


def test_a_line_is_the_subject_in_the_language_of_the_page():
    me = person()
    notice(me.user)
    assert "Your certificate: Programa 1" in me.client.get(url()).content.decode()
    with translation.override("es"):
        assert "Su certificado: Programa 1" in me.client.get(url()).content.decode()


def test_unread_is_said_in_words_and_newest_comes_first():
    me = person()
    old, new = notice(me.user, "a"), notice(me.user, "b")
    notices.mark_read(old)
    text = me.client.get(url()).content.decode()
    assert text.index("Programa b") < text.index("Programa a")
    assert text.count(">unread</span>") == 1
    assert text.index(">unread</span>") > text.index("Programa b")
    assert new.read_at is None


@pytest.mark.parametrize(
    ("what", "context", "shown"),
    [
        ("reminder_that_is_gone", {}, "Puente"),
        ("digest", {}, "The digest itself"),
        ("wave_open", {"title": "<script>alert(1)</script>"}, "&lt;script&gt;"),
        ("certificate_issued", {"curriculum": "{{ 7|add:7 }} {% now 'Y' %}"}, "{{ 7|add:7 }}"),
    ],
)
def test_words_that_are_missing_or_hostile(what, context, shown):
    me = person()
    notice(me.user, what=what, context=context)
    response = me.client.get(url())
    assert response.status_code == 200
    assert shown in response.content.decode()
    assert "<script>alert" not in response.content.decode()


def test_opening_marks_as_read_and_leads_there():
    me = person()
    one = notice(me.user)
    response = me.client.post(url("notice", one.pk))
    assert (response.status_code, response["Location"]) == (302, "/en/today/")
    one.refresh_from_db()
    first = one.read_at
    assert first
    me.client.post(url("notice", one.pk))
    one.refresh_from_db()
    assert one.read_at == first


def test_a_browser_that_fetches_ahead_marks_nothing():
    me = person()
    one = notice(me.user)
    assert me.client.get(url("notice", one.pk))["Location"] == "/en/today/"
    me.client.get(url())
    assert me.client.get(url("notices_read")).status_code == 405
    one.refresh_from_db()
    assert one.read_at is None


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_notice_never_leads_away_from_the_site(address):
    me = person()
    one = notice(me.user, url=address)
    assert me.client.post(url("notice", one.pk))["Location"] == url()


def test_an_address_of_ours_may_be_absolute():
    me = person()
    one = notice(me.user, url="http://testserver/es/today/")
    assert me.client.post(url("notice", one.pk))["Location"] == "http://testserver/es/today/"


def test_another_persons_notice_does_not_exist():
    me, other = person(), person()
    theirs = notice(other.user)
    for method in ("get", "post"):
        assert getattr(me.client, method)(url("notice", theirs.pk)).status_code == 404
        assert getattr(me.client, method)(url("notice", 10**30)).status_code == 404
    assert "Programa 1" not in me.client.get(url()).content.decode()
    me.client.post(url("notices_read"), {"newest": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_mark_all_leaves_what_arrived_after_the_page():
    me = person()
    seen = notice(me.user, "seen")
    later = notice(me.user, "later")
    assert me.client.post(url("notices_read"), {"newest": seen.pk}).status_code == 302
    seen.refresh_from_db()
    later.refresh_from_db()
    assert seen.read_at
    assert later.read_at is None


@pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 40, "1\x00"])
def test_mark_all_with_nonsense_is_refused(newest):
    me = person()
    one = notice(me.user)
    assert me.client.post(url("notices_read"), {"newest": newest}).status_code == 400
    one.refresh_from_db()
    assert one.read_at is None


def test_the_bell_counts_and_is_counted_again_after_reading():
    me = person()
    one = notice(me.user)
    assert "Notices: 1 not read" in me.client.get(reverse("account")).content.decode()
    me.client.post(url("notice", one.pk))
    assert "Notices: 0 not read" in me.client.get(reverse("account")).content.decode()


def test_the_number_costs_a_query_a_minute_at_most(django_assert_num_queries):
    user = UserFactory()
    notice(user)
    with django_assert_num_queries(1):
        assert [notices.unread_count(user) for _ in range(3)] == [1, 1, 1]
    notices.forget(user.pk)
    with django_assert_num_queries(1):
        notices.unread_count(user)


def test_the_list_is_paged_and_constant_in_queries(django_assert_num_queries):
    me = person()
    notice(me.user)
    me.client.get(url())
    cache.delete(f"unread:{me.user.pk}")
    with django_assert_num_queries(5) as few:
        me.client.get(url())
    for number in range(60):
        notice(me.user, str(number + 2))
    cache.delete(f"unread:{me.user.pk}")
    with django_assert_num_queries(len(few)):
        text = me.client.get(url()).content.decode()
    assert "Page 1 of 3" in text
    assert me.client.get(url() + "?page=nonsense").status_code == 200
