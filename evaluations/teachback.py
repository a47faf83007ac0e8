"""Teach-backs: a person shows in a simulation how to do it, and at least two people observe it against a rubric.

Raters work apart: each sees the others' marks once their own are closed. Settling needs the raters that the page asks for and
their agreement on whether the mark is reached; where they differ they talk, and one of them opens the own rating again, with a
reason that stays. A teach-back that does not reach the mark is followed by another one, the reassessment.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum import plaintext, progress, roles
from curriculum.enrollment_states import Refused
from curriculum.outline import outline_of, url_of
from curriculum.requirements import Missing, RequirementState
from evaluations.agreement import agreement_on
from evaluations.models import Instrument, Mark, Rating, TeachBack, TeachBackPage
from evaluations.questions.reading import questions_of
from notifications import outbox
from notifications.readers import language_for

Outcome = TeachBack.Outcome
LONGEST_NOTE, SHORTEST_REASON = 2000, 10


def rubric(key):
    """The version that a new teach-back takes, or `None`."""
    rubrics = Instrument.objects.filter(key=key, kind=Instrument.Kind.RUBRIC, archived_at__isnull=True)
    return rubrics.filter(questions__isnull=False).distinct().first()


def plan(enrollment, page, by, topic="", held_on=None):
    """A new teach-back of the person, or the open one: ten presses make one.

    Raises `PermissionDenied` (not a trainer or lead of the cohort, or the person themselves) and `Refused`.
    """
    if enrollment.user_id == by.pk or not roles.runs(by, enrollment.cohort):
        raise PermissionDenied
    _require_due(enrollment, page)
    instrument = rubric(page.instrument_key)
    if instrument is None:
        raise Refused(_("There is no rubric “%(key)s” yet. An editor adds it.") % {"key": page.instrument_key})
    mine = TeachBack.objects.filter(enrollment=enrollment, activity_key=page.translation_key)
    number = (mine.aggregate(Max("attempt"))["attempt__max"] or 0) + 1
    try:
        with transaction.atomic():
            return TeachBack.objects.create(
                enrollment=enrollment, activity_key=page.translation_key, instrument=instrument, attempt=number,
                topic=_cleaned(topic, 200, "topic"), held_on=held_on, created_by=by,
            )  # fmt: skip
    except IntegrityError:
        return mine.get(outcome=Outcome.OPEN)


def _require_due(enrollment, page):
    if not enrollment.may_study:
        raise Refused(_("The person's place in the cohort is not active."), "enrollment")
    if outline_of(enrollment.cohort).find(page.translation_key) is None:
        raise Refused(_("This teach-back is not part of the cohort's programme."), "activity")
    if enrollment.completions.filter(activity_key=page.translation_key).exists():
        raise Refused(_("This person has reached the mark already."), "enrollment")


def rating_of(teach_back, rater):
    """The rater's own sheet, made at the first look. Raises `PermissionDenied`."""
    if teach_back.enrollment.user_id == rater.pk or not roles.runs(rater, teach_back.enrollment.cohort):
        raise PermissionDenied
    return Rating.objects.get_or_create(teach_back=teach_back, rater=rater)[0]


def save_marks(rating, sent, note=None):
    """Stores the marks that are fit to be stored; gives `{question id: error}` for the others.

    `sent` maps a question's id to what the form holds; criteria without anything in it stay as they are. Raises `Refused` for a
    closed rating.
    """
    errors = {}
    with transaction.atomic():
        rating = _held(rating)
        for question in questions_of(rating.teach_back.instrument_id):
            raw = sent.get(question.pk)
            if raw in (None, ""):
                continue
            try:
                value = question.clean_answer(raw)
            except ValidationError as error:
                errors[question.pk] = " ".join(error.messages)
                continue
            fields = {"value": value, "measure": question.measure(value), "saved_at": timezone.now()}
            Mark.objects.update_or_create(rating=rating, question=question, defaults=fields)
        if note is not None:
            rating.note = _cleaned(note, LONGEST_NOTE, "note")
            rating.save(update_fields=["note"])
        Instrument.objects.filter(pk=rating.teach_back.instrument_id, locked_at=None).update(locked_at=timezone.now())
    return errors


def close(rating):
    """Ends the rating and computes its points. The same twice is once. Raises `Refused` while a criterion has no mark."""
    with transaction.atomic():
        rating = _locked(rating)
        if rating.submitted_at:
            return rating
        _require_open(rating.teach_back)
        marks = {mark.question_id: mark for mark in rating.marks.all()}
        questions = questions_of(rating.teach_back.instrument_id)
        missing = [question for question in questions if question.required and question.pk not in marks]
        if missing:
            words = ngettext("%(n)d criterion has no mark yet.", "%(n)d criteria have no mark yet.", len(missing))
            raise Refused(words % {"n": len(missing)}, "marks")
        observed = [question for question in questions if question.pk in marks and marks[question.pk].measure is not None]
        if not observed:
            raise Refused(_("Mark at least one criterion as observed."), "marks")
        rating.score = sum(marks[question.pk].measure for question in observed)
        rating.max_score = sum(question.measure_range[1] for question in observed)
        rating.submitted_at = timezone.now()
        rating.save(update_fields=["score", "max_score", "submitted_at"])
        return rating


def reopen(rating, reason):
    """The rater opens the own rating again after talking. The reason and the former points stay on the row."""
    reason = _cleaned(reason, 500, "reason")
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("Say in a few words why you look at it again."), "reason")
    with transaction.atomic():
        rating = _locked(rating)
        _require_open(rating.teach_back)
        if rating.submitted_at is None:
            return rating
        former = {"at": timezone.now().isoformat(), "reason": reason, "score": rating.score, "max_score": rating.max_score}
        rating.reopened = [*rating.reopened, former]
        rating.submitted_at = None
        rating.save(update_fields=["reopened", "submitted_at"])
        return rating


def settle(teach_back, by, feedback=""):
    """The decision: reached, or to be repeated. Reaching completes the activity; the person gets a mail. Twice is once.

    Raises `PermissionDenied` and `Refused` (too few closed ratings, raters who differ on the result, closed activity).
    """
    if teach_back.enrollment.user_id == by.pk or not roles.runs(by, teach_back.enrollment.cohort):
        raise PermissionDenied
    feedback = _cleaned(feedback, LONGEST_NOTE, "feedback")
    with transaction.atomic():
        teach_back = TeachBack.objects.select_for_update(of=("self",)).select_related("enrollment__cohort").get(pk=teach_back.pk)
        if teach_back.outcome != Outcome.OPEN:
            return teach_back
        agreement = agreement_on(teach_back)
        if agreement.missing:
            words = ngettext("%(n)d rating is still missing.", "%(n)d ratings are still missing.", agreement.missing)
            raise Refused(words % {"n": agreement.missing})
        if agreement.reached is None:
            raise Refused(
                _("The raters differ on whether the mark is reached. Talk, then one of you opens the own rating again.")
            )
        teach_back.outcome = Outcome.PASSED if agreement.reached else Outcome.AGAIN
        teach_back.feedback, teach_back.settled_by, teach_back.settled_at = feedback, by, timezone.now()
        teach_back.save(update_fields=["outcome", "feedback", "settled_by", "settled_at"])
        if agreement.reached:
            _complete(teach_back, agreement)
        _tell(teach_back)
        return teach_back


def _complete(teach_back, agreement):
    evidence = {"teach_back": teach_back.pk, "percent": round(agreement.percent, 1), "raters": len(agreement.ratings)}
    try:
        progress.complete(teach_back.enrollment, teach_back.activity_key, evidence)
    except progress.NotStudying:
        raise Refused(_("The person's place in the cohort is not active.")) from None
    except progress.NotInOutline:
        raise Refused(_("This teach-back is not part of the cohort's programme.")) from None
    except progress.Locked as locked:
        raise Refused(locked.lock.text) from None


# --- contracts of the floor below ------------------------------------------------------------------------------------


def started_activities(enrollment):
    """Activities with a teach-back that is not settled. A provider of `settings.ACTIVITY_STATES`."""
    return set(TeachBack.objects.filter(enrollment=enrollment, outcome=Outcome.OPEN).values_list("activity_key", flat=True))


def requirement(enrollment, parameters):
    """Every teach-back of the cohort's outline was reached before two raters. A check of `settings.REQUIREMENT_CHECKS`."""
    activities = [activity for activity in outline_of(enrollment.cohort).activities if activity.kind == TeachBackPage.kind]
    if not activities:
        return RequirementState("teach-back", False, _("The programme has no teach-back yet."))
    passed = set(TeachBack.objects.filter(enrollment=enrollment, outcome=Outcome.PASSED).values_list("activity_key", flat=True))
    left = [activity for activity in activities if activity.key not in passed]
    if not left:
        return RequirementState("teach-back", True, _("The simulation was observed and reached the mark."))
    key = enrollment.cohort.curriculum_key
    missing = tuple(Missing(activity.title(), url_of(activity.key, key)) for activity in left)
    text = _("Missing: the observed simulation (%(names)s).") % {"names": ", ".join(one.text for one in missing)}
    return RequirementState("teach-back", False, text, missing[0].url, missing)


def insight(request, cohort):
    """A provider of `settings.COHORT_INSIGHTS`: how far the teach-backs are, for cohorts whose programme has any."""
    if not any(activity.kind == TeachBackPage.kind for activity in outline_of(cohort).activities):
        return None
    outcomes = dict(TeachBack.objects.filter(enrollment__cohort=cohort).values_list("outcome").annotate(Count("pk")).order_by())
    context = {"cohort": cohort, "open": outcomes.get("open", 0), "passed": outcomes.get("passed", 0)}
    return {"order": 40, "template": "evaluations/teachback/insight.html", "context": context}


# --- inside ----------------------------------------------------------------------------------------------------------


def _held(rating):
    """The row as it is now, still open, held until the transaction ends."""
    rating = _locked(rating)
    _require_open(rating.teach_back)
    if rating.submitted_at:
        raise Refused(_("You closed this rating. Open it again with a reason to change a mark."))
    return rating


def _locked(rating):
    """The row and its teach-back, which `settle` holds too: nothing is opened or closed across the decision."""
    return Rating.objects.select_for_update(of=("self", "teach_back")).select_related("teach_back").get(pk=rating.pk)


def _require_open(teach_back):
    if TeachBack.objects.filter(pk=teach_back.pk).values_list("outcome", flat=True)[0] != Outcome.OPEN:
        raise Refused(_("This teach-back is settled. Its marks stay as they are."))


def _cleaned(text, limit, field):
    try:
        return plaintext.clean(text, limit)
    except ValidationError as error:
        raise Refused(error.messages[0], field) from None


def _tell(teach_back):
    enrollment = teach_back.enrollment
    activity = outline_of(enrollment.cohort).find(teach_back.activity_key)
    with translation.override(language_for(enrollment.user)):
        address = url_of(teach_back.activity_key, enrollment.cohort.curriculum_key) or reverse("curriculum:programme")
        title = activity.title() if activity else _("Teach-back")
    context = {
        "title": title,
        "reached": teach_back.outcome == Outcome.PASSED,
        "comment": teach_back.feedback,
        "url": settings.SITE_BASE_URL + address,
    }
    outbox.enqueue("teach_back_settled", enrollment.user, f"teach-back:{teach_back.pk}", context)
