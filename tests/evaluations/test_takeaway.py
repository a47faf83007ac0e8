"""Files of the report: the same numbers as the screen, nothing that computes, nobody who can be made out."""

import csv
import io

import pandas
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from pypdf import PdfReader

from evaluations.models import Answer, LikertQuestion, LongTextQuestion, ReportSnapshot
from evaluations.moore import snapshots
from evaluations.takeaway import files, people, report_pdf
from evaluations.takeaway.observations import observations
from evaluations.takeaway.source import shown
from tests.evaluations import answered_waves as asked
from tests.evaluations import report_document
from tests.evaluations.taking_away import build, cells, frames, signed_in, unzipped
from tests.evaluations.test_takeaway_cells import HOSTILE, computes, is_number

pytestmark = pytest.mark.django_db
READ_ME, OBSERVATIONS, PEOPLE, ANSWERS, PAIRS, ITEMS, CODEBOOK, TEXTS = range(8)


@pytest.fixture
def here(db):
    return build()


def taken(here, form="xlsx", user=None, **more):
    client = signed_in(user or here.lead)
    return client.post(reverse("evaluations:export", args=[here.cohort.pk]), {"format": form, "language": "es", **more})


# --- the same numbers ------------------------------------------------------------------------------------------------


def test_the_figures_of_the_file_are_those_of_the_screen(here):
    answer = taken(here)
    assert answer.status_code == 200 and answer["Content-Type"] == files.XLSX
    assert 'filename="puente-fls-cohorte-sao-paulo-bogota-' in answer["Content-Disposition"]
    shown = ReportSnapshot.objects.filter(cohort=here.cohort, view="all").first().document
    sheet = frames(answer.content)[OBSERVATIONS]
    wanted = [line for line in observations(shown, "es") if line["value"] is not None]
    found = sheet[(sheet["view"] == "all") & sheet["value"].notna()]
    assert [round(float(line["value"]), 9) for line in wanted] == [round(float(value), 9) for value in found["value"]]
    assert [line["statistic"] for line in wanted] == list(found["statistic"])


def test_pandas_gets_the_screens_change_from_pairs_and_from_answers(here):
    sheets = frames(taken(here).content)
    line = asked.indicator(snapshots.current(here.cohort).document, "knowledge-3a")
    shown = asked.row(line, "kpi")
    pairs = sheets[PAIRS][sheets[PAIRS]["construct"] == "kpi"]
    assert len(pairs) == shown["n"] == 12
    assert (
        round(pairs["before"].mean(), 4) == shown["before"]["mean"] and round(pairs["after"].mean(), 4) == shown["after"]["mean"]
    )
    assert round(pairs["after"].std(ddof=1), 4) == shown["after"]["sd"] and pairs["after"].median() == shown["after"]["median"]
    moved = (
        (pairs["after"] > pairs["before"]).sum(),
        (pairs["after"] == pairs["before"]).sum(),
        (pairs["after"] < pairs["before"]).sum(),
    )
    assert moved == (shown["improved"], shown["same"], shown["worse"])
    mine = sheets[ANSWERS][sheets[ANSWERS]["construct"] == "kpi"].pivot(index="person", columns="moment", values="number")
    assert (round(mine["pre"].mean(), 4), round(mine["post"].mean(), 4)) == (shown["before"]["mean"], shown["after"]["mean"])
    linked = pairs.set_index("person")
    assert all(mine.loc[person, "pre"] == linked.loc[person, "before"] for person in linked.index)


def test_answers_that_count_since_the_last_snapshot_are_taken_in(here):
    snapshots.refresh(here.cohort)
    late = asked.people(here.cohort, number=5)
    asked.answer(here.before, late, late=True, q1=["b"] * 5)
    sheet = frames(taken(here).content)[ANSWERS]
    assert len(sheet[(sheet["moment"] == "pre") & (sheet["item"] == "q1")]) == 17
    assert snapshots.current(here.cohort).basis[str(here.before.pk)] == 17


def test_the_csv_holds_the_same_lines(here):
    sheets = frames(taken(here).content)
    parts = unzipped(taken(here, "csv").content)
    assert [name[2:] for name in parts] == [
        "read-me.csv", "observations.csv", "people.csv", "answers.csv", "pairs.csv", "items.csv", "codebook.csv", "texts.csv",
    ]  # fmt: skip
    assert all(part.startswith(b"\xef\xbb\xbf") for part in parts.values())
    read = pandas.read_csv(io.BytesIO(parts["2-observations.csv"]), encoding="utf-8-sig")
    assert list(read["value"].dropna().round(9)) == list(sheets[OBSERVATIONS]["value"].dropna().round(9))
    assert "Cohorte São Paulo – Bogotá" in parts["1-read-me.csv"].decode("utf-8-sig")
    answers = pandas.read_csv(io.BytesIO(parts["4-answers.csv"]), encoding="utf-8-sig")
    assert len(answers) == len(sheets[ANSWERS]) and answers["number"].dtype.kind == "f"


# --- nothing that computes -------------------------------------------------------------------------------------------


def test_no_cell_of_a_workbook_is_a_formula_and_texts_stay_as_written(here):
    hostile(here)
    content = taken(here, names="on", reason="Para la reunión del comité.").content
    found = cells(content)
    assert [cell for cell in found if cell.data_type == "f" or cell.hyperlink] == []
    texts = {cell.value for cell in found if isinstance(cell.value, str)}
    assert {"=1+1", "João São Tomé", "María de Bogotá", "José Peña", '=HYPERLINK("http://x")'} <= texts


def test_no_cell_of_a_csv_begins_a_formula(here):
    hostile(here)
    parts = unzipped(taken(here, "csv", names="on", reason="Para la reunión del comité.").content)
    whole = [
        cell for part in parts.values() for line in csv.reader(io.StringIO(part.decode("utf-8-sig"), newline="")) for cell in line
    ]
    bad = [cell for cell in whole if computes(cell) and not is_number(cell)]
    assert bad == [] and "João São Tomé" in whole and "'=1+1" in whole
    # The same bytes read with the separators that a spreadsheet of another language uses.
    for part in parts.values():
        for line in csv.reader(io.StringIO(part.decode("utf-8-sig"), newline=""), delimiter=";"):
            assert [cell for cell in line[1:] if computes(cell) and not is_number(cell)] == []


def hostile(here):
    """Every hostile text as wording, as a scale's point, as a free text and as a section."""
    assert len(HOSTILE) >= 40
    here.survey.title = {"es": HOSTILE[0]}
    here.survey.save()
    LikertQuestion.objects.filter(key="useful").update(text={"es": HOSTILE[1]}, hint={"es": HOSTILE[2]})
    question = LongTextQuestion.objects.get(key="words")
    group = asked.people(here.cohort, number=len(HOSTILE))
    asked.answer(here.opinions, group, useful=[4] * len(HOSTILE), words=HOSTILE)
    assert Answer.objects.filter(question=question).count() > 40
    for place, text in enumerate(HOSTILE):
        LongTextQuestion.objects.create(
            instrument=here.test, key=f"h{place}", order=50 + place, text={"es": text}, required=False
        )
    snapshots.refresh(here.cohort)


# --- nobody who can be made out --------------------------------------------------------------------------------------


def test_only_identified_waves_give_lines_about_people(here):
    sheets = frames(taken(here).content)
    assert set(sheets[ANSWERS]["wave"]) == {here.before.pk, here.after.pk}
    assert not {"country", "profession", "name", "email"} & set(sheets[ANSWERS].columns)
    assert "texto de 3" not in sheets[ANSWERS].to_string() and "texto de 3" in list(sheets[TEXTS]["text"])
    everything = "\n".join(sheet.to_string() for sheet in sheets)
    assert "Peña" not in everything and "@example.org" not in everything


def test_pseudonyms_are_new_in_each_file_and_link_no_country_to_answers(here):
    one, two = (frames(taken(here).content) for _time in range(2))
    assert set(one[PEOPLE]["person"]).isdisjoint(one[ANSWERS]["person"])
    series = [
        list(sheets[ANSWERS][sheets[ANSWERS]["item"] == "q1"].sort_values(["wave", "person"])["value"]) for sheets in (one, two)
    ]
    again = [frames(taken(here).content)[ANSWERS] for _time in range(4)]
    series += [list(sheet[sheet["item"] == "q1"].sort_values(["wave", "person"])["value"]) for sheet in again]
    assert any(other != series[0] for other in series[1:])


def test_a_small_country_is_other_and_takes_the_next_with_it(here):
    sheet = frames(taken(here).content)[PEOPLE]
    assert set(sheet["country"]) == {"other"}  # four of Colombia alone would be a small group
    asked.people(here.cohort, ["CO"])
    sheet = frames(taken(here).content)[PEOPLE]
    assert sorted(sheet["country"].value_counts()) == [5, 8]


@pytest.mark.parametrize(
    "sizes", [{"MX": 9, "CO": 4, "AR": 1}, {"MX": 9, "CO": 5, "AR": 1}, {"MX": 5, "": 3}, {"MX": 4}, {"MX": 5}, {}]
)
def test_whoever_is_left_over_is_a_full_group_or_nobody(sizes):
    shown = people.shown_countries(sizes)
    rest = sum(number for country, number in sizes.items() if country not in shown)
    assert all(sizes[country] >= 5 for country in shown) and (rest == 0 or rest >= 5 or not shown)


def test_answers_that_would_give_a_hidden_pair_are_withheld(here):
    """Three people have a pair on "bpf": the report hides it, and the lines do not give it either."""
    line = asked.indicator(snapshots.current(here.cohort).document, "knowledge-3a")
    assert asked.row(line, "bpf")["hidden"]["reason"] == "small_group"
    sheets = frames(taken(here).content)
    assert set(sheets[ANSWERS]["item"]) == {"q1"} and set(sheets[PAIRS]["construct"]) == {"kpi"}
    hidden = sheets[OBSERVATIONS]
    assert set(hidden[(hidden["view"] == "all") & (hidden["construct"] == "bpf")]["hidden"]) == {"small_group"}


def test_a_small_wave_gives_no_line(here):
    few = asked.wave(here.cohort, asked.instrument("quiz", q9=asked.choice(moore="3A")), "m3", "identified")
    asked.answer(few, here.group[:4], q9=["b"] * 4)
    sheets = frames(taken(here).content)
    assert few.pk not in set(sheets[ANSWERS]["wave"]) and few.pk in set(sheets[ITEMS]["wave"])


def test_the_views_of_small_countries_are_hidden_in_the_file(here):
    sheet = frames(taken(here).content)[OBSERVATIONS]
    small = sheet[(sheet["view"] == "country:CO") & (sheet["level"] == "3A")]
    assert set(small["hidden"]) <= {"small_group", "complementary", "nothing_yet"} and small["value"].isna().all()


def test_the_keys_of_right_answers_are_not_told(here):
    sheets = frames(taken(here).content)
    values = sheets[CODEBOOK][sheets[CODEBOOK]["about"] == "value"]
    told = values[(values["name"] == "q1")].set_index("code")["meaning"].to_dict()
    assert told == {"a": "a (es)", "b": "b (es)"} and {"q1", "q2"} <= set(sheets[ITEMS]["item"])
    assert "correct" not in {*sheets[ITEMS].columns, *sheets[CODEBOOK].columns, *sheets[ANSWERS].columns}


# --- pictures and paper ----------------------------------------------------------------------------------------------


def test_charts_as_svg_and_png(here):
    drawings, pictures = (unzipped(taken(here, form).content) for form in ("svg", "png"))
    assert len(drawings) == len(pictures) >= 3
    assert all(one.startswith(b"<svg") for one in drawings.values()) and all(
        one.startswith(b"\x89PNG") for one in pictures.values()
    )
    client, line = signed_in(here.trainer), asked.indicator(snapshots.current(here.cohort).document, "knowledge-3a")
    one = client.get(reverse("evaluations:chart", args=[here.cohort.pk, line["key"], "svg"]))
    assert one["Content-Type"] == "image/svg+xml" and "attachment" in one["Content-Disposition"]
    assert client.get(reverse("evaluations:chart", args=[here.cohort.pk, "unknown", "png"])).status_code == 404
    assert signed_in(here.trainee).get(reverse("evaluations:chart", args=[here.cohort.pk, line["key"], "svg"])).status_code == 404


@pytest.mark.parametrize(("form", "width"), [("pdf-a4", 595), ("pdf-letter", 612)])
def test_the_report_to_print(here, form, width):
    reader = PdfReader(io.BytesIO(taken(here, form).content))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert round(float(reader.pages[0].mediabox.width)) == width
    assert "/MarkInfo" in reader.trailer["/Root"] and "Cohorte São Paulo – Bogotá" in text
    assert all(f"{code} ·" in text for code in ("1", "2", "3A", "3B", "4", "5", "6", "7")) and "2009;29(1):1-15" in text


def test_the_report_prints_what_people_wrote_as_text():
    document = report_document.document()
    document["cohort"]["name"] = '#panic("x") *fuerte* 😀 中 \x01'
    document["levels"][1]["indicators"][0]["texts"] = ['#read("/etc/passwd")', "@ref $x$ \\u{41}", "\ud83d"]
    reader = PdfReader(io.BytesIO(report_pdf.report_pdf(document, "es")))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert '#panic("x") *fuerte*' in text and '#read("/etc/passwd")' in text


def test_observations_of_every_design_have_the_declared_columns():
    for made in (report_document.document(), report_document.small_view(), report_document.empty()):
        for line in observations(made, "es"):
            assert line["value"] is None or isinstance(line["value"], int | float)
            assert line["hidden"] is None or line["value"] is None


# --- from the command line -------------------------------------------------------------------------------------------


def test_the_command_writes_the_same_file(here, tmp_path):
    for form in ("xlsx", "csv"):
        call_command("export_evaluation", cohort=here.cohort.pk, format=form, output=tmp_path / form, language="pt-br")
    assert len(frames((tmp_path / "xlsx").read_bytes())) == 8 and len(unzipped((tmp_path / "csv").read_bytes())) == 8
    for wrong in ({"cohort": 10**9}, {"output": tmp_path / "no" / "folder"}):
        with pytest.raises(CommandError):
            call_command("export_evaluation", **{"cohort": here.cohort.pk, "format": "xlsx", "output": tmp_path / "x", **wrong})


def test_the_file_does_not_depend_on_the_page_being_read_first(here):
    assert not ReportSnapshot.objects.exists()
    assert shown(here.cohort)["cohort"]["id"] == here.cohort.pk
