"""A cohort whose report has something at most levels, and files read back as a stranger would."""

import io
import zipfile
from types import SimpleNamespace

import openpyxl
import pandas
from django.test import Client

from curriculum import outline
from curriculum.enrollment_states import Role
from tests.evaluations import answered_waves as asked
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

PRE = [0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1]
POST = [1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1]
NAMES = ("João São Tomé", "María de Bogotá", "José Peña", '=HYPERLINK("http://x")')


def build(number=12):
    """Twelve trainees (eight of Mexico, four of Colombia): knowledge before and after by name, opinions confidential, feedback anonymous."""
    made = make_curriculum(modules=1, lessons=2)
    cohort = CohortFactory(curriculum_key=made.key, name="Cohorte São Paulo – Bogotá", countries=["MX", "CO"])
    outline.freeze(cohort)
    group = asked.people(cohort, ["MX"] * 8 + ["CO"] * 4, number=number)
    for enrollment, name in zip(group, NAMES, strict=False):
        type(enrollment.user).objects.filter(pk=enrollment.user.pk).update(full_name=name)
    test = asked.instrument("quiz", q1=asked.choice(construct="kpi", moore="3A"), q2=asked.choice(construct="bpf", moore="3A"))
    survey = asked.instrument(
        useful=asked.likert(aspect="satisfaction", moore="2"),
        rare=asked.likert(aspect="satisfaction", moore="2"),
        words=asked.text(),
    )
    feedback = asked.instrument(pace=asked.likert(aspect="satisfaction", moore="2"))
    here = SimpleNamespace(made=made, cohort=cohort, group=group, test=test, survey=survey, feedback=feedback)
    here.before = asked.wave(cohort, test, "pre", "identified")
    here.after = asked.wave(cohort, test, "post", "identified")
    here.opinions = asked.wave(cohort, survey, "post", "confidential")
    here.unlinked = asked.wave(cohort, feedback, "session", "anonymous", number=1)
    right = {0: "a", 1: "b"}
    asked.answer(here.before, group, q1=[right[mark] for mark in PRE[:number]], q2=["b"] * 3 + [None] * (number - 3))
    asked.answer(here.after, group, q1=[right[mark] for mark in POST[:number]], q2=["b"] * number)
    opinions = [4, 5, 4, 4, 3, 5, 2, 4, 5, 4, 4, 5][:number]
    texts = [f"texto de {place}" for place in range(number)]
    asked.answer(here.opinions, group, useful=opinions, rare=[3] * 3 + [None] * (number - 3), words=texts)
    asked.answer_anonymously(here.unlinked, pace=[3, 4, 5, 4, 3, 4, 5, 5, 4, 4][:number])
    for role in (Role.TRAINER, Role.LEAD, Role.EVALUATOR):
        setattr(here, role.value, EnrollmentFactory(cohort=cohort, role=role).user)
    here.trainee, here.outsider = group[0].user, UserFactory()
    return here


def empty():
    here = SimpleNamespace(cohort=CohortFactory())
    here.lead = EnrollmentFactory(cohort=here.cohort, role=Role.LEAD).user
    return here


def signed_in(user, language="es"):
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def frames(content):
    """The workbook as pandas reads it: `[DataFrame, …]` in the order of the tabs."""
    return list(pandas.read_excel(io.BytesIO(content), sheet_name=None).values())


def cells(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def unzipped(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
