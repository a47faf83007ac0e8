"""A year of regional meetings from the first proposal to the next year's, through pages and commands, with the clock moved day by day.

Five groups; one declines, one drops out in the third quarter, one is slow. After each step: nobody has led, or is to lead, twice before
all groups that stand have led once. The rule is counted here anew, not asked of the code that keeps it.
"""

import datetime
from collections import Counter

import pytest
from django.core.management import call_command
from wagtail.models import Page

from curriculum.models import ResourceIndexPage
from notifications.models import Message
from sessions import duties, exercise
from sessions.models import DutyTick, LeadGroup, LeadGroupMember, Material, Meeting, Outcome, QuarterSlot, SlotChange
from tests.confirming import confirmed
from tests.factories import make_home
from tests.sessions.planning import signed, text_of, url
from tests.sessions.rooms import do
from tests.sessions.rotating import COUNTRIES, a_lead, a_mentor, at, names_of, the_days

pytestmark = pytest.mark.django_db
DAYS = {"2027-Q1": "2027-02-18", "2027-Q2": "2027-05-20", "2027-Q3": "2027-08-19", "2027-Q4": "2027-11-18"}


def fair():
    """Counted from the rows: before a group's second turn every standing group has had its first, and so on."""
    led = Counter()
    standing = set(LeadGroup.objects.filter(left_at=None).values_list("pk", flat=True))
    for slot in QuarterSlot.objects.exclude(group=None).order_by("quarter"):
        if slot.why.get("rule") != "override":
            assert all(led[other] >= led[slot.group_id] for other in standing), f"{slot.quarter}: {slot.group}"
        led[slot.group_id] += 1


class Year:
    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch
        self.go("2026-12-05")
        self.lead = a_lead()
        home = make_home()["es"]
        self.library = home.add_child(instance=ResourceIndexPage(title="Biblioteca", slug="biblioteca", locale=home.locale))

    def go(self, day):
        self.today = datetime.date.fromisoformat(str(day))
        at(self.monkeypatch, self.today)

    def until(self, day):
        """Every day up to this one, the worker does its duties."""
        while self.today < datetime.date.fromisoformat(str(day)):
            self.go(self.today + datetime.timedelta(days=1))
            call_command("nudge_duties", verbosity=0)
            call_command("invite_new_mentors", verbosity=0)

    def post(self, user, name, /, *args, **data):
        client, asks = signed(user), name in ("year_propose", "duty_invite")
        response = confirmed(client, url(name, *args), **data) if asks else client.post(url(name, *args), data)
        assert response.status_code == 302, response.content.decode()[:3000]
        fair()
        return response

    def group(self, quarter):
        return QuarterSlot.objects.get(quarter=quarter).group

    def people(self, quarter):
        return [one.user for one in LeadGroupMember.objects.filter(group=self.group(quarter), left_at=None).order_by("pk")]

    def done(self, quarter):
        slot = duties.with_facts(QuarterSlot.objects).get(quarter=quarter)
        return [line.key for line in duties.lines(slot) if line.done]

    def weeks_before(self, quarter, weeks):
        self.until(datetime.date.fromisoformat(DAYS[quarter]) - datetime.timedelta(weeks=weeks))

    # --- what a group does

    def prepare(self, quarter, *, slow=False):
        one, two = self.people(quarter)
        self.weeks_before(quarter, 5 if slow else 7)
        self.post(one, "duty_act", quarter, "topic", topic=f"Topic of {quarter}")
        self.post(two, "duty_act", quarter, "roles", leader=one.pk, co_leader=two.pk, note_taker=two.pk)
        self.weeks_before(quarter, 4.5)
        self.post(one, "duty_act", quarter, "agenda")
        shipped = {f"{q['key']}_{code}": text for q in exercise.default_questions() for code, text in q["title"].items()}
        self.post(two, "duty_act", quarter, "questions", **shipped)
        self.weeks_before(quarter, 3.5)
        self.post(one, "duty_invite", quarter)
        self.weeks_before(quarter, 2.5)
        Material.objects.create(meeting=self.meeting(quarter), title="Slides", url="https://example.org/slides.pdf")
        self.weeks_before(quarter, 1.5)
        self.post(two, "duty_act", quarter, "tick", step="technical")
        assert self.done(quarter) == [step.key for step in duties.STEPS[:7]]

    def meeting(self, quarter):
        return Meeting.objects.get(regionalmeeting__slot__quarter=quarter)

    def hold(self, quarter):
        self.until(DAYS[quarter])
        meeting, (one, two) = self.meeting(quarter), self.people(quarter)
        guest = meeting.people.filter(part="participant").first().user
        do(meeting, one, "session.open")
        do(meeting, guest, "board.note", {"column": "challenges", "text": f"Challenge of {quarter}"})
        do(meeting, one, "board.note", {"column": "actions", "text": f"Action of {quarter}"})
        notes = {note.text: note.pk for note in meeting.streams.get(name="main").board.notes.all()}
        do(meeting, one, "board.link", {"action": notes[f"Action of {quarter}"], "challenge": notes[f"Challenge of {quarter}"]})
        do(meeting, one, "board.phase", {"phase": "vote"})
        do(meeting, guest, "board.vote", {"id": notes[f"Action of {quarter}"]})
        do(
            meeting,
            two,
            "outcome.add",
            {"what": "action", "text": f"To do after {quarter}", "owner": one.pk, "due": "2027-12-01"},
        )
        do(meeting, one, "session.end")

    def hand_over(self, quarter):
        one, _two = self.people(quarter)
        self.post(one, "board_draft", self.meeting(quarter).pk)
        self.post(one, "duty_act", quarter, "hand_over", hand_over=f"After {quarter}")
        assert self.done(quarter) == [step.key for step in duties.STEPS]

    def opens_with(self, quarter, before):
        text = text_of(signed(self.people(quarter)[0]).get(url("duties", quarter)))
        for words in (f"Challenge of {before}", f"Action of {before}", f"To do after {before}", f"After {before}"):
            assert words in text
        assert self.meeting(quarter).segments.first().kind == "discussion"


def reminded(quarter, stage):
    return Message.objects.filter(what="checklist_step", context__quarter=quarter, context__stage=stage)


def test_a_year_with_five_groups_of_which_one_declines_and_one_drops_out(monkeypatch):
    year = Year(monkeypatch)

    for name, country in zip("ABCDE", COUNTRIES, strict=True):
        people = [a_mentor(country), a_mentor(country)]
        year.post(year.lead, "lead_groups", name=f"Grupo {name}", members=[one.pk for one in people])
    year.post(year.lead, "year_propose", 2027)
    first, declines, drops, last = names_of(2027)
    spare = ({*"ABCDE"} - {*names_of(2027)}).pop()
    year.post(
        year.lead, "year_dates", 2027, **the_days(q1=DAYS["2027-Q1"], q2=DAYS["2027-Q2"], q3=DAYS["2027-Q3"], q4=DAYS["2027-Q4"])
    )

    # The first quarter goes as it should: nobody has to be reminded of what is overdue.
    year.post(year.people("2027-Q1")[0], "slot_accept", "2027-Q1")
    year.prepare("2027-Q1")
    year.hold("2027-Q1")
    year.hand_over("2027-Q1")
    assert not reminded("2027-Q1", "overdue").exists() and not reminded("2027-Q1", "lead").exists()

    # The second declines; the group that had no quarter takes over.
    year.post(year.people("2027-Q2")[0], "slot_decline", "2027-Q2", reason="A congress in May")
    assert names_of(2027) == [first, spare, drops, last]
    year.post(year.people("2027-Q2")[1], "slot_accept", "2027-Q2")
    year.prepare("2027-Q2")
    year.opens_with("2027-Q2", "2027-Q1")
    year.hold("2027-Q2")
    year.hand_over("2027-Q2")

    # The third leaves in July, when its checklist is open already. The one that declined has not led: it is its turn.
    year.post(year.people("2027-Q3")[0], "slot_accept", "2027-Q3")
    year.until("2027-07-02")
    gone = year.people("2027-Q3")
    year.post(gone[0], "duty_act", "2027-Q3", "tick", step="technical")
    year.post(gone[0], "lead_group_leave", year.group("2027-Q3").pk, reason="The service closes")
    assert names_of(2027) == [first, spare, declines, last]
    assert not DutyTick.objects.filter(slot__quarter="2027-Q3").exists()
    hosts = {one.user for one in year.meeting("2027-Q3").people.filter(part="host")}
    assert hosts == {year.lead, *year.people("2027-Q3")}
    assert signed(gone[0]).get(url("duties", "2027-Q3")).status_code == 403
    year.post(year.people("2027-Q3")[0], "slot_accept", "2027-Q3")
    year.prepare("2027-Q3", slow=True)
    year.opens_with("2027-Q3", "2027-Q2")
    year.hold("2027-Q3")
    year.hand_over("2027-Q3")

    # The last one is slow with everything: its people hear of it, then a lead does.
    year.post(year.people("2027-Q4")[0], "slot_accept", "2027-Q4")
    year.prepare("2027-Q4", slow=True)
    assert {one.user for one in reminded("2027-Q4", "overdue")} == set(year.people("2027-Q4"))
    assert {one.user for one in reminded("2027-Q4", "lead")} == {year.lead}
    earliest = {
        stage: reminded("2027-Q4", stage).order_by("created_at").first().created_at for stage in ("ahead", "overdue", "lead")
    }
    assert earliest["ahead"] < earliest["overdue"] <= earliest["lead"]
    year.opens_with("2027-Q4", "2027-Q3")
    year.hold("2027-Q4")
    year.hand_over("2027-Q4")

    assert Page.objects.child_of(year.library).count() == 4 and not Page.objects.child_of(year.library).live().exists()
    assert Outcome.objects.filter(what="action", meeting__state="ended", carried_from=None).count() == 4
    assert set(SlotChange.objects.values_list("what", flat=True)) == {"accepted", "declined", "dropped_out", "proposed"}

    # Next year: all who stand have led once, so the one that led longest ago begins.
    year.post(year.lead, "year_propose", 2028)
    assert names_of(2028) == [first, spare, declines, last]
    text = text_of(signed(year.lead).get(url("year", 2028)))
    assert "Last led in Q1 2027, longest of all" in text

    # Only with a reason may a group lead again before the others have.
    one = LeadGroup.objects.get(name=f"Grupo {first}")
    refused = signed(year.lead).post(url("slot_assign", "2028-Q2"), {"group": one.pk})
    assert "would lead twice" in text_of(refused, 422)
    year.post(year.lead, "slot_assign", "2028-Q2", group=one.pk, reason="They host the congress")
