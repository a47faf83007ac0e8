"""Instrument files in which every kind of question stands once: a quiz, a survey and a rubric."""

W = "{es: Uno, pt-br: Um, en: One}"
KEYED = """\
    choices:
      - {key: a, text: %(w)s, correct: true, reason: %(w)s}
      - {key: b, text: %(w)s, reason: %(w)s}
"""
QUIZ = """\
key: every-quiz
kind: quiz
title: %(w)s
sections:
  - {key: cases, title: %(w)s, intro: %(w)s}
  - {key: rest, title: %(w)s}
questions:
  - key: case
    kind: vignette
    section: cases
    text: %(w)s
    story: %(w)s
{keyed}  - key: follow
    kind: partial-choice
    section: cases
    show_if: {question: case, any_of: [a]}
    text: %(w)s
{keyed}  - key: order
    kind: ordering
    section: rest
    text: %(w)s
    items:
      - {key: one, text: %(w)s, reason: %(w)s}
      - {key: two, text: %(w)s}
      - {key: three, text: %(w)s}
  - key: match
    kind: matching
    section: rest
    text: %(w)s
    pairs:
      - {key: one, left: %(w)s, right: {es: A, pt-br: A, en: A}, reason: %(w)s}
      - {key: two, left: %(w)s, right: {es: B, pt-br: B, en: B}}
      - {key: three, left: %(w)s, right: {es: C, pt-br: C, en: C}}
    distractors:
      - {key: extra, text: {es: D, pt-br: D, en: D}}
""".replace("{keyed}", KEYED)
SURVEY = """\
key: every-survey
kind: survey
title: %(w)s
intro: %(w)s
scales:
  able: [{value: 1, text: %(w)s}, {value: 2, text: %(w)s}]
questions:
  - {key: sure, kind: confidence, aspect: confidence, allow_not_applicable: true, text: %(w)s}
  - {key: point, kind: likert, scale: able, text: %(w)s, show_if: {question: sure, any_of: [1, na]}}
  - {key: then, kind: retrospective, scale: able, construct: kpi, aspect: competence, text: %(w)s}
  - {key: plan, kind: commitment, most: 2, aspect: intention, text: %(w)s, choices: [{key: a, text: %(w)s}], show_if: {question: point, any_of: [2]}}
  - {key: own, kind: commitment, text: %(w)s}
"""
RUBRIC = """\
key: every-rubric
kind: rubric
title: %(w)s
intro: %(w)s
scales:
  sound: [{value: 1, text: %(w)s}, {value: 4, text: %(w)s}]
questions:
  - {key: sound, kind: rubric, scale: sound, allow_not_observed: true, text: %(w)s}
"""


def write_every_kind(tiny):
    for name, text in {"every-quiz": QUIZ, "every-survey": SURVEY, "every-rubric": RUBRIC}.items():
        tiny.write(f"instruments/{name}.yaml", text % {"w": W})
