"""The usual plan of a curriculum's waves, from content/waves/<curriculum>.yaml. The shape is described at the top of that file."""

import functools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from content.instruments import once
from content.keys import activity_key, curriculum_key
from content.library import ROOT, Broken
from content.plain_words import in_plain_words
from content.positions import read_yaml
from content.schema import LANGUAGES, Key, Part
from evaluations.wave_plan import PlannedWave

Days = Annotated[int, Field(ge=-730, le=1825)]


class When(Part):
    from_: Annotated[Literal["start", "end"], Field(alias="from")]
    days: Days


class WaveFile(Part):
    key: Key
    instrument: Key
    moment: Literal["pre", "session", "post", "m3", "m6", "m12", "m24"]
    session_number: Annotated[int, Field(ge=1, le=99)] | None = None
    promise: Literal["identified", "confidential", "anonymous"]
    activity: Key | None = None
    opens: When
    closes: When | None
    late_days: Annotated[int, Field(ge=0, le=90)]
    feedback: Literal["at_once", "after_pair", "never"]


WAVES = TypeAdapter(list[WaveFile])


def plan_for(key):
    """The usual waves of the curriculum with this key (a UUID), as `PlannedWave`s in the order of the file; none without a file.

    The provider of `settings.WAVE_PLANS`.
    """
    return plans().get(key, ())


@functools.cache
def plans(root=ROOT):
    """`{curriculum key: (PlannedWave, …)}` of all files. Raises `Broken` with every problem."""
    found, problems = {}, []
    for path in sorted((Path(root) / "waves").glob("*.yaml")):
        document, waves = read_plan(path.read_text(encoding="utf-8"), f"content/waves/{path.name}")
        problems += document.problems
        found[curriculum_key(path.stem)] = tuple(_planned(wave, path.stem) for wave in waves)
    if problems:
        raise Broken(problems)
    return found


def read_plan(text, file):
    """The document with its problems, and what it means: a list of `WaveFile`, empty where there is any problem."""
    document = read_yaml(text, file)
    if document.data is None:
        return document, []
    try:
        waves = WAVES.validate_python(document.data)
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            document.add(tuple(error["loc"]), in_plain_words(error, LANGUAGES))
        return document, []
    once(document, (), "wave")
    for index, wave in enumerate(waves):
        _check(document, index, wave)
    return document, [] if document.problems else waves


def _check(document, index, wave):
    if (wave.moment == "session") != (wave.session_number is not None):
        document.add((index, "session_number"), "belongs to the moment “session”, and only there.")
    if wave.closes and wave.closes.from_ == wave.opens.from_ and wave.closes.days < wave.opens.days:
        document.add((index, "closes"), "comes before the day on which the wave opens.")
    if wave.promise == "anonymous" and (wave.closes is None or wave.late_days or wave.activity):
        document.add((index, "promise"), "anonymous needs a last day, no late days and no activity.")


def _planned(wave, curriculum):
    return PlannedWave(
        key=wave.key,
        instrument=wave.instrument,
        moment=wave.moment,
        number=wave.session_number or 0,
        promise=wave.promise,
        feedback=wave.feedback,
        opens=(wave.opens.from_, wave.opens.days),
        closes=(wave.closes.from_, wave.closes.days) if wave.closes else None,
        late_days=wave.late_days,
        activity_key=activity_key(curriculum, wave.activity) if wave.activity else None,
    )
