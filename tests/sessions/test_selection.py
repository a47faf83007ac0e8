"""A selection from the first criterion to the enrolment that changes, by everybody who may and may not."""

import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Enrollment, EnrollmentChange
from sessions import selection
from sessions.models import CandidateDecision, Meeting, MeetingPerson, PreparatoryMeeting
from tests.confirming import confirmed, seen_on
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db
Status = Enrollment.Status


def selecting(candidates=3, criteria=("Ready", "Able"), **cohort):
    """A preparatory meeting with its people: `.meeting`, `.candidates` (enrolments by name), one client per role."""
    here = planned(CohortFactory(**cohort) if cohort else None)
    meeting = PreparatoryMeeting.objects.create(
        cohort=here.cohort, title="Selección", starts_at=timezone.now() + datetime.timedelta(days=2)
    )
    for order, text in enumerate(criteria, start=1):
        meeting.criteria.create(text=text, order=order)
    people = [
        EnrollmentFactory(cohort=here.cohort, status=Status.CANDIDATE, enrolled_at=None, user__full_name=f"Candidata {number:02}")
        for number in range(candidates)
    ]
    return SimpleNamespace(
        meeting=meeting, cohort=here.cohort, candidates=people, trainer=here.trainer, lead=here.lead, trainee=here.trainee,
        evaluator=here.evaluator, stranger=here.stranger,
    )  # fmt: skip


def typed(here, decision="selected", reason="Fits", version="", marks=()):
    fields = {f"mark_{one.pk}": str(mark) for one, mark in zip(here.meeting.criteria.all(), marks, strict=False)}
    return {"decision": decision, "reason": reason, "version": version, **fields}


def decide(here, client, number, **what):
    enrollment = here.candidates[number]
    row = CandidateDecision.objects.filter(meeting=here.meeting, enrollment=enrollment).first()
    what.setdefault("version", selection.version_of(row))
    return client.post(url("candidate", here.meeting.pk, enrollment.pk), typed(here, **what))


# --- from the first criterion to the enrolment -----------------------------------------------------------------------


def test_a_selection_end_to_end():
    here = selecting(criteria=())
    trainer, lead = signed(here.trainer), signed(here.lead)
    assert trainer.post(url("criteria_usual", here.meeting.pk)).status_code == 302
    assert here.meeting.criteria.count() == 5
    assert trainer.post(url("criteria", here.meeting.pk), {"text": "Speaks Portuguese"}).status_code == 302
    decide(here, trainer, 0, decision="selected", reason="The best", marks=(2, 2, 1))
    decide(here, lead, 1, decision="not_selected", reason="No time", marks=(0,))
    decide(here, trainer, 2, decision="reserve", reason="Next year")
    text = text_of(trainer.get(url("selection", here.meeting.pk)))
    assert all(
        words in text for words in ("The best", "No time", "Next year", "partly met", "Programme leads of the cohort apply")
    )
    assert lead.get(url("selection_apply", here.meeting.pk)).context["waiting"][0].user == here.candidates[0].user
    assert confirmed(lead, url("selection_apply", here.meeting.pk)).status_code == 302
    text = text_of(lead.get(url("selection", here.meeting.pk)))
    assert "What came of it" in text and "Candidata 00: selected" in text
    assert "What came of it" not in text_of(lead.get(url("selection", here.meeting.pk)))
    found = [Enrollment.objects.get(pk=one.pk).status for one in here.candidates]
    assert found == [Status.SELECTED, Status.NOT_SELECTED, Status.CANDIDATE]
    change = EnrollmentChange.objects.get(enrollment=here.candidates[1], to_status=Status.NOT_SELECTED)
    assert (change.reason, change.by) == ("No time", here.lead)


def test_a_reserve_is_selected_later():
    here = selecting(1)
    lead = signed(here.lead)
    decide(here, lead, 0, decision="reserve", reason="Wait")
    confirmed(lead, url("selection_apply", here.meeting.pk))
    decide(here, lead, 0, decision="selected", reason="Somebody left")
    confirmed(lead, url("selection_apply", here.meeting.pk))
    assert Enrollment.objects.get(pk=here.candidates[0].pk).status == Status.SELECTED


def test_no_place_is_said_of_the_person_and_the_others_go_on():
    here = selecting(2, capacity=1)
    here.cohort.enrollments.filter(user=here.trainee).update(status=Status.WITHDRAWN)
    lead = signed(here.lead)
    for number in (0, 1):
        decide(here, lead, number)
    confirmed(lead, url("selection_apply", here.meeting.pk))
    text = text_of(lead.get(url("selection", here.meeting.pk)))
    assert "not applied." in text and "All 1 places of" in text
    rows = {row.enrollment_id: bool(row.applied_at) for row in here.meeting.decisions.all()}
    assert rows == {here.candidates[0].pk: True, here.candidates[1].pk: False}
    here.cohort.capacity = 5
    here.cohort.save()
    confirmed(lead, url("selection_apply", here.meeting.pk))
    assert here.meeting.decisions.filter(applied_at=None).count() == 0


def test_what_the_cohort_decided_meanwhile_is_said():
    here = selecting(1)
    lead = signed(here.lead)
    decide(here, lead, 0, decision="not_selected", reason="No")
    Enrollment.objects.filter(pk=here.candidates[0].pk).update(status=Status.ENROLLED)
    confirmed(lead, url("selection_apply", here.meeting.pk))
    text = text_of(lead.get(url("selection", here.meeting.pk)))
    assert "not applied." in text and "so this is not possible" in text
    Enrollment.objects.filter(pk=here.candidates[0].pk).update(status=Status.NOT_SELECTED)
    confirmed(lead, url("selection_apply", here.meeting.pk))
    assert here.meeting.decisions.get().applied_at


def test_applying_twice_is_once():
    here = selecting(1)
    lead = signed(here.lead)
    decide(here, lead, 0)
    for _again in range(2):
        assert confirmed(lead, url("selection_apply", here.meeting.pk)).status_code == 302
    assert EnrollmentChange.objects.filter(enrollment=here.candidates[0], to_status=Status.SELECTED).count() == 1
    assert "nothing left to apply" in text_of(lead.get(url("selection", here.meeting.pk)))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_who_apply_at_once_apply_each_decision_once(in_parallel):
    here = selecting(3)
    for number in range(3):
        decide(here, signed(here.lead), number)
    clients = [signed(here.lead) for _number in range(10)]
    address = url("selection_apply", here.meeting.pk)
    seen = seen_on(clients[0].get(address))
    answers = in_parallel(lambda number: clients[number].post(address, {"seen": seen}).status_code)
    assert 302 in answers and set(answers) <= {302, 409}
    changes = EnrollmentChange.objects.filter(enrollment__in=here.candidates, to_status=Status.SELECTED)
    assert changes.count() == 3 and here.meeting.decisions.filter(applied_at=None).count() == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_first_decisions_about_one_candidate_make_one_row(in_parallel):
    here = selecting(1)
    clients = [signed(here.trainer) for _number in range(10)]
    address = url("candidate", here.meeting.pk, here.candidates[0].pk)
    answers = in_parallel(lambda number: clients[number].post(address, typed(here, reason=f"Reason {number}")).status_code)
    assert sorted(answers) == [302] + [409] * 9
    assert here.meeting.decisions.count() == 1


# --- several at once -------------------------------------------------------------------------------------------------


def test_an_older_page_is_told_who_decided_and_loses_nothing_that_was_typed():
    here = selecting(1)
    trainer, lead = signed(here.trainer), signed(here.lead)
    address = url("candidate", here.meeting.pk, here.candidates[0].pk)
    version = lead.get(address).context["here"].version
    decide(here, trainer, 0, decision="reserve", reason="Mine first", marks=(1, 1))
    answer = lead.post(address, typed(here, decision="selected", reason="My own words", version=version, marks=(2, 2)))
    text = text_of(answer, 409)
    assert here.trainer.addressed_as in text and "Mine first" in text and "My own words" in text
    assert here.meeting.decisions.get().decision == "reserve"
    newest = answer.context["here"].version
    assert lead.post(address, typed(here, decision="selected", reason="My own words", version=newest)).status_code == 302
    row = here.meeting.decisions.get()
    assert (row.decision, row.by, row.reason) == ("selected", here.lead, "My own words")


def test_one_candidate_per_page_with_next_and_previous():
    here = selecting(3)
    client = signed(here.trainer)
    first, second, third = here.candidates
    text = text_of(client.get(url("candidate", here.meeting.pk, second.pk)))
    assert "Candidate 2 of 3" in text
    assert all(url("candidate", here.meeting.pk, one.pk) in text for one in (first, third))
    answer = client.post(url("candidate", here.meeting.pk, first.pk), {**typed(here), "next": "1"})
    assert answer.url == url("candidate", here.meeting.pk, second.pk)
    assert client.post(url("candidate", here.meeting.pk, third.pk), {**typed(here), "next": "1"}).url == url(
        "selection", here.meeting.pk
    )


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"reason": ""}, "Write the reasons"),
        ({"reason": "   "}, "Write the reasons"),
        ({"decision": "reserve", "reason": ""}, "Write the reasons"),
        ({"decision": "perhaps"}, "Choose one of the decisions"),
        ({"reason": "x" * 501}, "Shorten the reasons"),
        ({"reason": "a\x00b"}, ""),
        ({"mark": "3"}, "Choose one of the marks"),
        ({"mark": "many"}, "Choose one of the marks"),
    ],
)
def test_bad_input_about_a_candidate(changed, words):
    here = selecting(1)
    mark = changed.pop("mark", "2") if "mark" in changed else "2"
    data = {**typed(here), f"mark_{here.meeting.criteria.first().pk}": mark, **changed}
    text = text_of(signed(here.trainer).post(url("candidate", here.meeting.pk, here.candidates[0].pk), data), 422)
    assert words in text and not here.meeting.decisions.exists()


def test_marks_may_be_given_before_anything_is_decided():
    here = selecting(1)
    assert decide(here, signed(here.trainer), 0, decision="", reason="", marks=(2, 0)).status_code == 302
    row = here.meeting.decisions.get()
    assert sorted(row.marks.values()) == [0, 2] and row.decision == ""
    assert confirmed(signed(here.lead), url("selection_apply", here.meeting.pk)).status_code == 302
    assert Enrollment.objects.get(pk=here.candidates[0].pk).status == Status.CANDIDATE


def test_what_was_applied_stays_and_its_criteria_with_it():
    here = selecting(1)
    lead = signed(here.lead)
    decide(here, lead, 0, marks=(2, 2))
    confirmed(lead, url("selection_apply", here.meeting.pk))
    assert "was applied" in text_of(decide(here, lead, 0, decision="reserve"), 422)
    one = here.meeting.criteria.first()
    assert "stay as they are" in text_of(lead.post(url("criteria", here.meeting.pk), {"text": "More"}), 422)
    assert "stay as they are" in text_of(lead.post(url("criterion", here.meeting.pk, one.pk), {"text": "Other"}), 422)
    for do in ("remove", "up"):
        lead.post(url("criterion_act", here.meeting.pk, one.pk), {"do": do})
    assert [criterion.text for criterion in here.meeting.criteria.all()] == ["Ready", "Able"]


def test_a_meeting_called_off_selects_nobody():
    here = selecting(1)
    decide(here, signed(here.lead), 0)
    Meeting.objects.filter(pk=here.meeting.pk).update(state="cancelled")
    assert "called off" in text_of(decide(here, signed(here.lead), 0), 422)
    confirmed(signed(here.lead), url("selection_apply", here.meeting.pk))
    assert Enrollment.objects.get(pk=here.candidates[0].pk).status == Status.CANDIDATE


def test_criteria_are_changed_moved_and_removed_with_their_marks():
    here = selecting(1, criteria=("A", "B", "C"))
    client = signed(here.trainer)
    decide(here, client, 0, marks=(2, 1, 0))
    a, b, c = here.meeting.criteria.all()
    texts = lambda: [one.text for one in here.meeting.criteria.all()]  # noqa: E731
    for one, do, expected in (
        (c, "up", ["A", "C", "B"]),
        (a, "up", ["A", "C", "B"]),
        (a, "down", ["C", "A", "B"]),
        (b, "remove", ["C", "A"]),
    ):
        assert client.post(url("criterion_act", here.meeting.pk, one.pk), {"do": do}).status_code == 302
        assert texts() == expected
    assert here.meeting.decisions.get().marks == {str(a.pk): 2, str(c.pk): 0}
    assert client.post(url("criterion", here.meeting.pk, a.pk), {"text": "Aa"}).status_code == 302
    client.post(url("criterion_act", here.meeting.pk, a.pk), {"do": "explode"})
    client.post(url("criteria_usual", here.meeting.pk))
    assert texts() == ["C", "Aa"]


@pytest.mark.parametrize(("text", "words"), [("", "Write the criterion."), ("x" * 301, "Shorten"), ("a\x00", "")])
def test_bad_criteria(text, words):
    here = selecting(0, criteria=())
    assert words in text_of(signed(here.trainer).post(url("criteria", here.meeting.pk), {"text": text}), 422)


def test_at_most_twelve_criteria():
    here = selecting(0, criteria=[f"C{number}" for number in range(12)])
    assert "at most 12 criteria" in text_of(
        signed(here.trainer).post(url("criteria", here.meeting.pk), {"text": "One more"}), 422
    )


# --- who may ---------------------------------------------------------------------------------------------------------


def pages(here):
    one = here.meeting.criteria.first()
    return {
        "selection": url("selection", here.meeting.pk), "criteria": url("criteria", here.meeting.pk),
        "criterion": url("criterion", here.meeting.pk, one.pk), "candidate": url("candidate", here.meeting.pk, here.candidates[0].pk),
        "selection_apply": url("selection_apply", here.meeting.pk),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("role", "reads", "applies"),
    [("trainer", 200, 403), ("lead", 200, 200), ("trainee", 404, 404), ("evaluator", 404, 404), ("stranger", 404, 404), ("candidate", 404, 404)],
)  # fmt: skip
def test_who_reads_and_who_applies(role, reads, applies):
    here = selecting(2)
    client = signed(here.candidates[1].user if role == "candidate" else getattr(here, role))
    found = {name: client.get(address).status_code for name, address in pages(here).items()}
    assert found.pop("selection_apply") == applies and set(found.values()) == {reads}
    posts = [url("criteria_usual", here.meeting.pk), url("criterion_act", here.meeting.pk, here.meeting.criteria.first().pk)]
    assert {client.post(address).status_code for address in posts} == {302 if reads == 200 else 404}


@pytest.mark.parametrize("part", ["participant", "guest", "presenter", "host"])
def test_candidates_who_are_asked_to_the_meeting_read_nothing_of_the_selection(part):
    here = selecting(2)
    decide(here, signed(here.lead), 0, reason="A secret reason", marks=(2, 2))
    candidate = here.candidates[1].user
    MeetingPerson.objects.create(meeting=here.meeting, user=candidate, part=part)
    client = signed(candidate)
    assert {client.get(address).status_code for address in pages(here).values()} == {403}
    for name in ("meeting", "meetings", "room", "transcript"):
        text = text_of(client.get(url(name, *([] if name == "meetings" else [here.meeting.pk]))))
        assert "A secret reason" not in text and "Candidata 00" not in text and "Able" not in text


def test_a_host_by_name_marks_and_does_not_apply():
    here = selecting(1)
    committee = UserFactory()
    MeetingPerson.objects.create(meeting=here.meeting, user=committee, part="host")
    assert decide(here, signed(committee), 0).status_code == 302
    assert signed(committee).post(url("selection_apply", here.meeting.pk)).status_code == 403


def test_other_kinds_and_other_meetings_have_no_selection():
    here, there = selecting(1), selecting(1)
    other = planned()
    assert signed(other.lead).get(url("selection", other.meeting.pk)).status_code == 404
    client = signed(here.lead)
    assert client.get(url("candidate", here.meeting.pk, there.candidates[0].pk)).status_code == 404
    assert client.get(url("criterion", here.meeting.pk, there.meeting.criteria.first().pk)).status_code == 404
    assert client.get(url("candidate", here.meeting.pk, 10**15)).status_code == 404


# --- words and queries -----------------------------------------------------------------------------------------------


def test_what_a_selection_lacks_is_said_on_the_list():
    here = selecting(3, criteria=())
    client = signed(here.trainer)
    text = text_of(client.get(url("meetings")))
    assert "no criteria" in text and "no decision for 3 candidates" in text
    decide(here, client, 0)
    assert "no decision for 2 candidates" in text_of(client.get(url("meeting", here.meeting.pk)))
    empty = selecting(0)
    assert "no candidates" in text_of(signed(empty.trainer).get(url("selection", empty.meeting.pk)))
    assert "The cohort has no candidates yet" in text_of(signed(empty.trainer).get(url("selection", empty.meeting.pk)))


def test_the_overview_costs_the_same_with_one_candidate_and_with_many():
    def queries(here):
        client = signed(here.lead)
        client.get(url("selection", here.meeting.pk))
        with CaptureQueriesContext(connection) as found:
            client.get(url("selection", here.meeting.pk))
        return len(found)

    few, many = selecting(1), selecting(40)
    for here in (few, many):
        for number in range(len(here.candidates)):
            decide(here, signed(here.trainer), number, marks=(1, 2))
    assert queries(few) == queries(many) <= 20
