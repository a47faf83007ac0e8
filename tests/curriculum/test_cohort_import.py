"""Lists of people: every shape they come in, every way they go wrong, and running them twice."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from curriculum import cohort_import
from curriculum.cohorts import Refused
from curriculum.enrollment_states import Role, Status
from curriculum.models import Enrollment, EnrollmentChange
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "Correo\tNombre\tPaís\tIdioma\tEspecialidad\tRol\nana@example.org\tAna Pérez\tMéxico\tespañol\tGeriatría\t\n"


@pytest.fixture
def cohort():
    return CohortFactory()


@pytest.fixture
def lead(cohort, client):
    lead = EnrollmentFactory(cohort=cohort, role=Role.LEAD).user
    client.force_login(lead)
    return lead


def page(cohort):
    return reverse("curriculum:people_import", args=[cohort.pk])


def problems(text):
    return [(row.number, column) for row in cohort_import.read_rows(text) for column, _text in row.problems]


# --- shapes ----------------------------------------------------------------------------------------------------------
HEADERS = {
    "es": ["Correo electrónico", "Nombre", "Título", "País", "Ciudad", "Zona horaria", "Idioma", "Profesión", "Hospital", "Rol"],
    "pt": ["E-mail", "Nome completo", "Título", "País", "Cidade", "Fuso horário", "Língua", "Profissão", "Hospital", "Papel"],
    "en": ["EMAIL ", "Full name", "title", "Country", "City", "Time zone", "Language", "Profession", "Hospital", "Role"],
}
COMMON = ["ana@example.org", "Ana Pérez", "Dra."]
PLACE = ["São Paulo", "America/Sao_Paulo"]
VALUES = {
    "es": [*COMMON, "Brasil", *PLACE, "portugués", "Enfermería", "HC", "Formadora"],
    "pt": [*COMMON, "BR", *PLACE, "português", "Enfermagem", "HC", "formadora"],
    "en": [*COMMON, "Brazil", *PLACE, "pt", "Nursing", "HC", "Trainer"],
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("language", HEADERS)
def test_headings_and_values_are_read_in_three_languages(language, delimiter):
    [row] = cohort_import.read_rows(delimiter.join(HEADERS[language]) + "\r\n" + delimiter.join(VALUES[language]) + "\r\n")
    assert row.problems == []
    assert row.number == 2
    assert row.values == {
        "email": "ana@example.org", "full_name": "Ana Pérez", "title": "Dra.", "country": "BR", "city": "São Paulo",
        "time_zone": "America/Sao_Paulo", "language": "pt-br", "profession": "nursing", "hospital": "HC", "role": "trainer",
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        LIST.encode("latin-1"),
        ("\ufeff" + LIST),
        LIST.replace("\n", "\r"),
        LIST.replace("\t", ";"),
        "sep=;\r\n" + LIST.replace("\t", ";"),
        '"sep=,"\n' + LIST.replace("\t", ","),
        "\n\n" + LIST + "\n\t\t\t\t\t\n",
    ],
)
def test_whatever_a_spreadsheet_makes_of_it(data):
    [row] = cohort_import.read_rows(data)
    assert row.problems == []
    assert row.values["full_name"] == "Ana Pérez"
    assert row.values["profession"] == "geriatrics"


def test_a_bare_list_of_addresses_needs_no_header():
    rows = cohort_import.read_rows("ana@example.org\nBETO@example.org\n")
    assert [row.values for row in rows] == [{"email": "ana@example.org"}, {"email": "beto@example.org"}]


def test_quoted_text_may_hold_commas_and_lines():
    rows = cohort_import.read_rows('email,hospital\na@example.org,"Hospital, norte\ny sur"\nb@example.org,X\nmal,X')
    assert rows[0].values["hospital"] == "Hospital, norte y sur"
    assert [row.number for row in rows] == [2, 4, 5]


@pytest.mark.parametrize(
    "data",
    [
        "",
        " \n\t\n",
        "Correo,Nombre\n",
        "Nombre,País\nAna,México",
        "email,correo\na@example.org,b@example.org",
        b"PK\x03\x04rest of a workbook",
        b"x" * (2**20 + 1),
        "x" * (2**20 + 1),
        "email\n" + "\n".join(f"p{n}@example.org" for n in range(501)),
        'email\n"' + "x" * 200_000 + '"',
        b"\xff\xfex",
    ],
)
def test_what_is_no_such_list_is_refused(data):
    with pytest.raises(Refused):
        cohort_import.read_rows(data)


def test_missing_columns_are_named_with_what_was_found():
    with pytest.raises(Refused) as refusal:
        cohort_import.read_rows("Nombre;Teléfono\nAna;55")
    assert "Teléfono" in refusal.value.text
    assert "hospital" in refusal.value.text


def test_five_hundred_rows_fit():
    assert len(cohort_import.read_rows("email\n" + "\n".join(f"p{n}@example.org" for n in range(500)))) == 500


# --- problems --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("ana", "email"),
        (",Ana", "email"),
        ("ana@example.org,,,,,,,,,jefe", "role"),
        ("ana@example.org,,,Atlántida", "country"),
        ("ana@example.org,,,,,Mars/Base", "time_zone"),
        ("ana@example.org,,,,,,klingon", "language"),
        ("ana@example.org,,,,,,,astronauta", "profession"),
        (f"ana@example.org,{'A' * 151}", "full_name"),
        (f"ana@example.org,,{'D' * 21}", "title"),
        ("ana@example.org,A\x00na", "full_name"),
        ("ana@example.org,A\ud800na", "full_name"),
        ("a\x00na@example.org", "email"),
        ("ana@example.org,,,,,,,,,,de más", "email"),
    ],
)
def test_each_problem_names_its_column_and_row(row, column):
    header = "email,nombre,titulo,pais,ciudad,zona horaria,idioma,profesion,hospital,rol"
    assert problems(f"{header}\nbien@example.org\n{row}") == [(3, column)]


def test_repeated_addresses_point_to_the_first():
    rows = cohort_import.read_rows("email\nana@example.org\nbeto@example.org\nANA@example.org")
    assert [row.number for row in rows if row.problems] == [4]
    assert "2" in rows[2].problems[0][1]


def test_formula_cells_are_text(cohort, lead):
    rows = cohort_import.read_rows('email,nombre,hospital\nana@example.org,"=HYPERLINK(""http://x"")",@SUM(A1)')
    cohort_import.import_rows(cohort, rows, lead, dry_run=False)
    user = Enrollment.objects.get(user__email="ana@example.org").user
    assert (user.full_name, user.hospital) == ('=HYPERLINK("http://x")', "@SUM(A1)")


def test_columns_that_are_not_used_are_listed():
    assert cohort_import.unknown_columns("email;Teléfono;nombre;Notas\na@example.org;1;Ana;x") == ["Teléfono", "Notas"]


# --- what happens ----------------------------------------------------------------------------------------------------
def outcomes(cohort, text, lead, dry_run=True):
    return [row.outcome for row in cohort_import.import_rows(cohort, cohort_import.read_rows(text), lead, dry_run)]


def test_a_dry_run_tells_and_touches_nothing(cohort, lead):
    EnrollmentFactory(cohort=cohort, user=UserFactory(email="dentro@example.org"))
    EnrollmentFactory(cohort=cohort, user=UserFactory(email="vacio@example.org", hospital=""))
    UserFactory(email="conocida@example.org")
    before = Enrollment.objects.count()
    text = "email,hospital\nnueva@example.org,A\nconocida@example.org,A\ndentro@example.org,\nvacio@example.org,B\nmal,C"
    assert outcomes(cohort, text, lead) == ["new", "new", "already", "update", "problem"]
    assert Enrollment.objects.count() == before


def test_running_twice_changes_nothing(cohort, lead):
    text = LIST + "beto@example.org\tBeto\tBrasil\tpt\tEnfermagem\tformador\n"
    assert outcomes(cohort, text, lead, dry_run=False) == ["new", "new"]
    changes = EnrollmentChange.objects.count()
    statuses = set(Enrollment.objects.values_list("user__email", "role", "status"))
    assert ("ana@example.org", Role.TRAINEE, Status.CANDIDATE) in statuses
    assert ("beto@example.org", Role.TRAINER, Status.SELECTED) in statuses
    assert outcomes(cohort, text, lead, dry_run=False) == ["already", "already"]
    assert EnrollmentChange.objects.count() == changes


def test_importing_does_not_promote_anybody(cohort, lead):
    trainee = EnrollmentFactory(cohort=cohort)
    assert outcomes(cohort, f"email,rol\n{trainee.user.email},lead", lead, dry_run=False) == ["problem"]
    trainee.refresh_from_db()
    assert trainee.role == Role.TRAINEE


def test_closed_accounts_are_a_problem_of_their_row(cohort, lead):
    gone = UserFactory(is_active=False)
    assert outcomes(cohort, f"email\n{gone.email}\nnueva@example.org", lead, dry_run=False) == ["problem", "new"]


def test_a_dry_run_of_five_hundred_asks_few_queries(cohort, lead, django_assert_max_num_queries):
    rows = cohort_import.read_rows("email\n" + "\n".join(f"p{n}@example.org" for n in range(500)))
    with django_assert_max_num_queries(4):
        cohort_import.import_rows(cohort, rows, lead, dry_run=True)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_list_from_ten_windows_at_once(in_parallel):
    cohort, lead = CohortFactory(), UserFactory()
    text = "email\n" + "\n".join(f"p{n}@example.org" for n in range(5))

    def run(number):
        return cohort_import.import_rows(cohort, cohort_import.read_rows(text), lead, dry_run=False)

    results = in_parallel(run)
    assert not [result for result in results if isinstance(result, Exception)]
    assert cohort.enrollments.count() == 5
    assert EnrollmentChange.objects.count() == 5


# --- the page --------------------------------------------------------------------------------------------------------
def test_check_then_confirm(client, cohort, lead):
    checked = client.post(page(cohort), {"text": LIST})
    assert checked.status_code == 200
    assert cohort.enrollments.count() == 1
    assert (checked.context["n_new"], checked.context["n_problem"]) == (1, 0)
    done = client.post(page(cohort), {"text": checked.context["ready"], "confirm": "1"})
    assert done.url == reverse("curriculum:cohort", args=[cohort.pk])
    enrollment = cohort.enrollments.get(role=Role.TRAINEE)
    assert enrollment.user.profession == "geriatrics"
    assert enrollment.changes.get().by == lead
    again = client.post(page(cohort), {"text": LIST})
    assert again.context["n_already"] == 1
    assert again.context["ready"] == ""


def test_a_file_is_read_and_its_problems_can_be_corrected_in_place(client, cohort, lead):
    file = SimpleUploadedFile("lista.csv", "correo;nombre\nana@example.org;Ana\nmal;<b>Beto</b>".encode("latin-1"))
    checked = client.post(page(cohort), {"file": file})
    html = checked.content.decode()
    assert checked.context["n_problem"] == 1
    assert "&lt;b&gt;Beto" in html
    assert "<b>Beto</b>" not in html
    assert "mal;" in html, "the list is kept for correction"
    assert "mal" not in checked.context["ready"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"text": "  "},
        {"text": "Nombre,País\nAna,México"},
        {"file": SimpleUploadedFile("vacio.csv", b"")},
        {"file": SimpleUploadedFile("libro.xlsx", b"PK\x03\x04xxxx")},
        {"file": SimpleUploadedFile("grande.csv", b"x" * (2**20 + 10))},
    ],
)
def test_a_wrong_list_is_a_422_with_words_and_the_text_kept(client, cohort, lead, said):
    response = client.post(page(cohort), said)
    assert response.status_code == 422
    assert response.context["form"].errors
    if "País" in said.get("text", ""):
        assert response.context["form"]["text"].value() == said["text"]


def test_rows_that_fail_while_confirming_are_shown(client, cohort, lead):
    gone = UserFactory(is_active=False)
    response = client.post(page(cohort), {"text": f"email\n{gone.email}\nnueva@example.org", "confirm": "1"})
    assert response.status_code == 200
    assert response.context["confirmed"]
    assert response.context["n_problem"] == 1
    assert cohort.enrollments.filter(user__email="nueva@example.org").exists()


def test_a_foreign_or_closed_cohort_takes_nobody(client, cohort, lead):
    foreign = CohortFactory()
    assert client.post(page(foreign), {"text": LIST, "confirm": "1"}).status_code == 404
    cohort.status = "closed"
    cohort.save()
    assert client.post(page(cohort), {"text": LIST, "confirm": "1"}).status_code == 422
    assert not Enrollment.objects.filter(user__email="ana@example.org").exists()
