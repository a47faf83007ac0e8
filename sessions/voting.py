"""Ballots: one per voter and round. Who calls holds the row of the poll (`hold`), so that votes and the closing come one after another.

Anonymous: the voter is an HMAC under the poll's secret, and nothing else of the person stands with the vote. Until the meeting ends
the operator of the server could tell; `seal_polls` deletes the secrets and writes the ballots anew in random order, so that neither
tokens nor the order of rows lead back. Dead rows go when the database vacuums; backups expire on their own.
"""

import hashlib
import hmac
import random
import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F

from curriculum.models import Enrollment
from sessions.belonging import enrolled_in
from sessions.models import Ballot, MeetingPerson, Poll
from sessions.polling_kinds import as_sent, question_of, questions_by_id

CHANCE = random.SystemRandom()
CIDS_KEPT = 20
RUNNERS = (Enrollment.Role.TRAINER, Enrollment.Role.LEAD)


def hold(meeting_id, pk):
    """The poll as it is now, held until the transaction ends, or `None`."""
    return Poll.objects.select_for_update().filter(meeting_id=meeting_id, pk=pk).first()


def voter_of(poll, user_id, round_=None):
    """Who votes, as it stands on the ballot. Rounds have tokens of their own: nobody's change of mind can be followed."""
    if poll.promise == Poll.Promise.IDENTIFIED:
        return str(user_id)
    words = f"{poll.pk}:{round_ or poll.round}:{user_id}"
    return hmac.new(bytes.fromhex(poll.secret), words.encode(), hashlib.sha256).hexdigest()


def ballots_of(poll, user_id):
    """The person's ballots of all rounds, the newest first. One query, none once the poll is sealed."""
    if not poll.secret:
        return []
    voters = {voter_of(poll, user_id, number) for number in range(1, poll.round + 1)}
    return list(Ballot.objects.filter(poll=poll, voter__in=voters).order_by("-round"))


def cast(poll, user_id, value, cid, now, ballots):
    """Puts the vote, or changes it; says whether counts may have changed. `ballots` as `ballots_of` gives them. Two queries."""
    ballot = next((one for one in ballots if one.round == poll.round), None)
    if ballot is None:
        _put(poll, user_id, value, cid, now)
        return _raise_rev(poll)
    changed = ballot.value != value
    ballot.value, ballot.cids = value, [*ballot.cids, cid][-CIDS_KEPT:]
    ballot.at = now if ballot.user_id else None
    ballot.save(update_fields=["value", "cids", "at"])
    return changed and _raise_rev(poll)


def _put(poll, user_id, value, cid, now):
    named = {"user_id": user_id, "at": now} if poll.promise == Poll.Promise.IDENTIFIED else {}
    Ballot.objects.create(poll=poll, round=poll.round, voter=voter_of(poll, user_id), value=value, cids=[cid], **named)


def _raise_rev(poll):
    Poll.objects.filter(pk=poll.pk).update(rev=F("rev") + 1)
    poll.rev += 1
    return True


def was_cast(ballots, cid):
    """Whether this very act is on a ballot already, of whatever round: its acknowledgement got lost, or it comes late a second time."""
    return any(cid in ballot.cids for ballot in ballots)


def values_of(poll):
    """The votes of the present round, in an order that says nothing."""
    values = list(Ballot.objects.filter(poll=poll, round=poll.round).values_list("value", flat=True))
    CHANCE.shuffle(values)
    return values


def own_votes(meeting, user_id):
    """`{poll id: value as the device sends it}`: what the person has chosen in the rounds that run or ran last. Three queries."""
    polls = {poll.pk: poll for poll in meeting.polls.exclude(state=Poll.State.PREPARED) if poll.secret}
    voters = {(poll.pk, poll.round, voter_of(poll, user_id)) for poll in polls.values()}
    rows = Ballot.objects.filter(poll__in=polls, voter__in={voter for _poll, _round, voter in voters})
    questions = questions_by_id({poll.question_id for poll in polls.values()})
    return {
        row.poll_id: as_sent(questions[polls[row.poll_id].question_id], row.value)
        for row in rows
        if (row.poll_id, row.round, row.voter) in voters
    }


def given_by_hosts(poll):
    """How many votes of the present round are of those who run the meeting: they know their own and could take them off the counts."""
    enrolled = Enrollment.objects.filter(cohort_id=poll.meeting.cohort_id, role__in=RUNNERS, status__in=Enrollment.MEMBER_STATES)
    named = MeetingPerson.objects.filter(meeting_id=poll.meeting_id, part=MeetingPerson.Part.HOST)
    operators = get_user_model().objects.filter(is_superuser=True)
    hosts = {
        *enrolled.values_list("user_id", flat=True),
        *named.values_list("user_id", flat=True),
        *operators.values_list("pk", flat=True),
    }
    return Ballot.objects.filter(poll=poll, round=poll.round, voter__in={voter_of(poll, pk) for pk in hosts}).count()


# --- who has voted -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turnout:
    """`voted` is [(user, answer in words)], `missing` [user], both by name. Of an anonymous poll both are empty, for ever."""

    voted: list
    missing: list


def turnout(poll):
    """Who voted in the present round of an identified poll, and who of those who take part has not. For hosts. Eight queries."""
    if poll.promise != Poll.Promise.IDENTIFIED:
        return Turnout([], [])
    question = question_of(poll)
    ballots = Ballot.objects.filter(poll=poll, round=poll.round).select_related("user")
    voted = {ballot.user: question.answer_text(ballot.value) for ballot in ballots}
    missing = [user for user in _expected(poll.meeting) if user not in voted]
    return Turnout(sorted(voted.items(), key=lambda pair: _by_name(pair[0])), sorted(missing, key=_by_name))


def _expected(meeting):
    """Those who take part: members of the cohort and people by name, without those who run the meeting or were removed."""
    enrolled = list(enrolled_in(meeting).values_list("user_id", "role"))
    parts = dict(MeetingPerson.objects.filter(meeting_id=meeting.pk).values_list("user_id", "part"))
    apart = {user_id for user_id, part in parts.items() if part in (MeetingPerson.Part.HOST, MeetingPerson.Part.REMOVED)}
    apart |= {user_id for user_id, role in enrolled if role in RUNNERS}
    return get_user_model().objects.filter(pk__in={*parts, *(user_id for user_id, _role in enrolled)} - apart)


def _by_name(user):
    return (user.full_name or user.certificate_name).casefold()


# --- afterwards --------------------------------------------------------------------------------------------------------


def seal_polls(meeting):
    """Cuts what ties anonymous votes to people, for good. Twice is the same as once. Called when the meeting ends."""
    with transaction.atomic():
        polls = list(Poll.objects.select_for_update().filter(meeting_id=meeting.pk).exclude(secret="").order_by("pk"))
        anonymous = [poll for poll in polls if poll.promise == Poll.Promise.ANONYMOUS]
        _write_anew(Ballot.objects.filter(poll__in=anonymous))
        Poll.objects.filter(pk__in=[poll.pk for poll in polls]).update(secret="")


def _write_anew(ballots):
    rows = list(ballots.values_list("poll_id", "round", "value"))
    CHANCE.shuffle(rows)
    ballots.delete()
    Ballot.objects.bulk_create(
        [Ballot(poll_id=poll, round=number, value=value, voter=secrets.token_hex(32)) for poll, number, value in rows]
    )
