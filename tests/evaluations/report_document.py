"""A whole report of 24 people in four countries, made up: every design, hidden cells, levels without anything. Documents for tests."""

import copy
import random

PEOPLE, COUNTRIES = 24, ["AR", "BR", "CO", "MX"]
FIVE = ("Muy en desacuerdo", "En desacuerdo", "Neutral", "De acuerdo", "Muy de acuerdo")
MADE_AT = "2026-11-20T15:40:00+00:00"


def say(es, pt=None, en=None):
    return {"es": es, "pt-br": pt or f"{es} (pt)", "en": en or f"{es} (en)"}


def indicator(key, level, name, **facts):
    base = {
        "key": key, "level": level, "name": say(name), "question": say("¿…?"), "evidence": "self-report",
        "source": say("Cuestionario posterior"), "unit": "people", "design": "distribution", "promise": "confidential", "exempt": False,
        "asked": PEOPLE, "n": 22, "response_rate": 22 / 24, "low_response": False, "as_of": "2026-11-18", "waves": [], "hidden": None,
        "rows": [], "texts": [],
    }  # fmt: skip
    return {**base, **facts}


def hidden(reason, n=None):
    return {"reason": reason, "n": n}


# --- level 1 -------------------------------------------------------------------------------------------------------
def completion(people=PEOPLE, activities=14):
    dice = random.Random(4)
    marks = []
    for person in range(people):
        done = activities if person < people - 6 else activities - 1 - (person - (people - 6)) * 2
        line = ["done"] * done + ["open"] * (activities - done)
        if person in (3, 11):
            line[dice.randrange(done)] = "deferred"
        if person == people - 1:
            line[2] = "absent"
        marks.append(line)
    rows = [
        {"key": "all", "label": say("Todo lo requerido"), "hidden": None, "value": people - 6, "of": people, "marks": marks},
        {"key": "why", "label": say("Por qué: epidemiología y la brecha"), "hidden": None, "value": people - 2, "of": people},
    ]
    columns = [{"label": say(f"Actividad {n}: tema del módulo")} for n in range(1, activities + 1)]
    return indicator(
        "completion", "1", "Actividades completadas", evidence="objective", design="count", exempt=True, promise="", n=people,
        source=say("Registro de la plataforma"), rows=rows, columns=columns, response_rate=1.0,
    )  # fmt: skip


# --- level 2 -------------------------------------------------------------------------------------------------------
def opinion(key, label, segments, agree, mean=4.1, n=22, bound="", points=FIVE):
    return {
        "key": key, "label": say(label), "hidden": None, "n": n, "not_applicable": 0, "mean": mean, "bound": bound,
        "scale": [{"value": value, "text": say(text)} for value, text in enumerate(points, 1)],
        "segments": [{"from": low, "to": high, "count": count} for low, high, count in segments],
        "agree": None if agree is None else {"count": agree, "of": n},
    }  # fmt: skip


def satisfaction():
    rows = [
        opinion("useful", "El material sirve en mi hospital", [(1, 3, 6), (4, 4, 9), (5, 5, 7)], 16, 3.9),
        opinion("clear", "Los objetivos fueron claros", [(1, 5, 22)], None, 4.6, bound="≥80"),
        opinion("live", "El tiempo en vivo valió la pena", [(1, 3, 5), (4, 4, 6), (5, 5, 11)], 17, 4.2),
        opinion(
            "pace", "El ritmo fue adecuado para quien trabaja en un hospital público", [(1, 2, 7), (3, 3, 5), (4, 5, 10)], 10, 3.1
        ),
        {
            "key": "food",
            "label": say("Las sesiones presenciales estuvieron bien organizadas"),
            "hidden": hidden("small_group", 4),
        },
        {"key": "venue", "label": say("El lugar fue accesible"), "hidden": hidden("complementary")},
    ]
    texts = [f"Texto libre {n}: más tiempo para los casos y para hablar con otros equipos." for n in range(1, 13)]
    return indicator("satisfaction", "2", "Satisfacción tras la formación", rows=rows, texts=texts)


# --- levels 3 and 4 ------------------------------------------------------------------------------------------------
def side(mean, median, sd=0.15):
    return {"mean": mean, "median": median, "sd": sd}


def change(key, label, before, after, moved, *, n=20, low=0, high=1, people=None, effect=True):
    improved, same, worse = moved
    return {
        "key": key, "construct": key, "label": say(label), "hidden": None, "low": low, "high": high, "n": n,
        "before": before, "after": after, "improved": improved, "same": same, "worse": worse, "people": people,
        "effect": {"variant": "d_av", "d_av": 1.21, "d_z": 1.05, "hedges": False, "ci": [0.66, 1.74], "percentile": 88.7} if effect else None,
        "wilcoxon": {"w": 12.5, "p": 0.0004 if n >= 20 else None}, "mcnemar": None,
    }  # fmt: skip


def knowledge(level="3A"):
    dice = random.Random(7)
    pairs = sorted([round(0.25 * dice.randrange(0, 3), 2), round(0.25 * dice.randrange(1, 5), 2)] for _ in range(20))
    rows = [
        change(
            "epidemiology", "Epidemiología y brecha de tratamiento", side(0.5, 0.5), side(0.81, 0.75), (15, 4, 1), people=pairs
        ),
        change(
            "service-models", "Modelos de servicio y marco de buenas prácticas", side(0.38, 0.375), side(0.9, 0.875), (18, 2, 0)
        ),
        change("kpi", "Indicadores clave", side(0.6, 0.625), side(0.6, 0.625), (6, 8, 6), effect=False),
        {
            "key": "economics",
            "construct": "economics",
            "label": say("Economía de las fracturas"),
            "hidden": hidden("small_group", 3),
        },
    ]
    rows[0]["items"] = [
        {
            **change(
                "q-brecha",
                "Cuántas personas con fractura reciben tratamiento",
                side(0.4, 0),
                side(0.85, 1),
                (10, 9, 1),
                effect=False,
            ),
            "wilcoxon": None,
            "mcnemar": {"b": 10, "c": 1, "odds_ratio": 10.0, "d": 1.27, "p": 0.012},
        }
    ]
    return indicator(
        f"knowledge-{level.lower()}", level, "Conocimiento: qué", evidence="objective", unit="share", design="true_pre_post", n=20,
        promise="identified", source=say("Prueba de conocimientos antes y después"), rows=rows, response_rate=20 / 24,
    )  # fmt: skip


def rubric():
    rows = [
        {
            "key": key, "label": say(label), "hidden": None, "low": 0, "high": 4, "n": 18, "mean": mean, "median": round(mean), "raters": 3,
            "rated_twice": 12, "before": side(before, 2) if before else None, "after": side(mean, 3) if before else None,
        }
        for key, label, before, mean in (
            ("visit", "Conducir una visita de mentoría", 2.1, 3.4), ("case", "Presentar el caso económico", None, 3.1),
            ("feedback", "Dar retroalimentación", 2.6, 3.3),
        )
    ]  # fmt: skip
    return indicator(
        "teach-back", "4", "Exposición ante pares", evidence="observed", unit="points", design="rated", rows=rows, n=18, response_rate=0.75,
        source=say("Rúbrica, dos evaluadores"), promise="identified",
    )  # fmt: skip


AREAS = (("mentoring", "Acompañar a un equipo"), ("improving-fls", "Mejorar un FLS"), ("teaching-adults", "Enseñar a adultos"))


def looking_back():
    rows = [change(key, label, side(2.2, 2), side(4.1, 4), (19, 2, 1), n=22, low=1, high=5, effect=False) for key, label in AREAS]
    return indicator("self-rated-now", "4", "Lo que sé hacer, mirando atrás", unit="points", design="retro_pre_post", rows=rows)


def asked_at_the_time():
    rows = [change(key, label, side(2.9, 3), side(4.1, 4), (12, 6, 1), n=19, low=1, high=5) for key, label in AREAS[:2]]
    return indicator(
        "self-rated-before", "4", "Lo que sé hacer, preguntado antes y después", unit="points", design="true_pre_post", rows=rows, n=19,
        source=say("Evaluación inicial y cuestionario posterior"),
    )  # fmt: skip


# --- level 5 and published figures ---------------------------------------------------------------------------------
def performance():
    rows = [opinion("visits", "En el último mes visité o llamé a un FLS", [(1, 2, 5), (3, 5, 8)], 7, 3.2, n=13)]
    return indicator(
        "practice",
        "5",
        "Lo que hago, según yo",
        rows=rows,
        n=13,
        response_rate=13 / 24,
        low_response=True,
        source=say("Seguimiento a 3 meses"),
    )


def commitments():
    row = {
        "key": "all", "label": say("Compromisos"), "hidden": None, "made": 61, "people": 22, "day": 90,
        "statuses": {"done": 24, "partly": 14, "not_yet": 9, "dropped": 5, "unanswered": 9},
        "barriers": {"time": 11, "leadership": 7, "dxa-access": 5},
    }  # fmt: skip
    return indicator("commitments", "5", "Compromisos de cambio", unit="commitments", design="commitments", rows=[row])


def figure(key, label, value, country="", unit="FLS"):
    source = {"text": "Osteoporos Int 2023, resumen", "url": "https://link.springer.com/doi/10.1007/s00198-023-06742-6"}
    return {
        "key": key, "label": say(label), "hidden": None, "value": value, "unit": unit, "country": country, "as_of": "2019–2021",
        "definition": say("FLS iniciadas por los mentores"), "source": source,
    }  # fmt: skip


def published(level="5"):
    if level == "6":
        rows = [
            figure("patients-a", "Pacientes identificados (resumen)", 17205, unit="patients"),
            figure("patients-b", "Pacientes identificados (resultados)", 17025, unit="patients"),
        ]
    else:
        rows = [
            figure("mx", "México", 22, "MX"),
            figure("br", "Brasil", 30, "BR"),
            figure("co", "Colombia", 3, "CO"),
            figure("ar", "Argentina", 9, "AR"),
        ]
    return indicator(
        f"published-{level}", level, "Cifras publicadas", evidence="estimate" if level == "6" else "objective", unit="FLS", design="published",
        exempt=True, promise="", asked=None, n=None, response_rate=None, rows=rows, source=say("Publicación del programa"), as_of=None,
    )  # fmt: skip


def steps():
    rows = [
        {
            "key": code,
            "label": say(name),
            "hidden": None,
            "points": [[str(year), value * (year - 2018) // 3] for year in (2019, 2020, 2021)],
        }
        for code, name, value in (("BR", "Brasil", 30), ("MX", "México", 22))
    ]
    return indicator("started", "5", "FLS iniciadas", evidence="objective", unit="FLS", design="steps", rows=rows, exempt=True)


# --- the whole -----------------------------------------------------------------------------------------------------
def document(cohort=None, view=("all", ""), people=PEOPLE):
    """The report as a snapshot holds it. Levels 7 and 3B have nothing; one indicator of level 2 waits, one has failed."""
    waiting = indicator(
        "session-3",
        "2",
        "Sesión 3",
        n=None,
        hidden=hidden("open_wave", 9),
        source=say("Encuesta de la sesión"),
        promise="anonymous",
    )
    failed = indicator("session-2", "2", "Sesión 2", n=None, hidden=hidden("error"))
    few = indicator("session-1", "2", "Sesión 1", n=4, hidden=hidden("small_group", 4), response_rate=4 / 24, low_response=True)
    levels = {
        "1": [completion(people)],
        "2": [satisfaction(), few, failed, waiting],
        "3A": [knowledge()],
        "3B": [],
        "4": [rubric(), looking_back(), asked_at_the_time()],
        "5": [performance(), commitments(), published("5")],
        "6": [published("6")],
        "7": [indicator("policies", "7", "Políticas", hidden=hidden("nothing_yet"), n=None)],
    }
    return {
        "schema": 1,
        "cohort": {"id": cohort.pk if cohort else 1, "name": cohort.name if cohort else "Cohorte LATAM", "people": people, "countries": COUNTRIES},
        "view": {"kind": view[0], "value": view[1]},
        "made_at": MADE_AT, "minimum": 5,
        "levels": [{"code": code, "indicators": indicators} for code, indicators in levels.items()],
    }  # fmt: skip


def small_view(cohort=None, view=("country", "CO")):
    """One country with four people: participation stands, everything else is hidden."""
    made = copy.deepcopy(document(cohort, view, people=4 + 6))
    for level in made["levels"]:
        for one in level["indicators"]:
            if not one["exempt"]:
                one.update(hidden=hidden("small_group", 4), rows=[], texts=[], n=4)
    return made


def empty(cohort=None):
    made = document(cohort)
    for level in made["levels"]:
        level["indicators"] = []
    return made
