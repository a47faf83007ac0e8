import datetime
import io
import re
import shutil
import subprocess

import pypdf
import pytest
import segno
from django.urls import reverse

from curriculum import certificate_pdf, certification
from curriculum.models import Enrollment
from tests.curriculum.certifying import a_certificate, add_trainee, certified, make_programme
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
LONG = (
    "María Fernanda de los Ángeles Gutiérrez-Ñúñez de la Concepción y Villavicencio São João "
    "Gonçalves Albuquerque do Nascimento Araújo Conceição"
)


def certificate_for(name, **fields):
    demo = fields.pop("is_demo", False)
    return a_certificate(add_trainee(CohortFactory(), name, is_demo=demo), **fields)


def read(data):
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data):
    return re.sub(r"[\s\u200b]+", " ", read(data).pages[0].extract_text())


@pytest.mark.parametrize(
    ("language", "name", "days"),
    [
        ("es", "Dra. Ángela Ñúñez Güemes", ("26 de enero de 2027", "26 de enero de 2029")),
        ("pt-br", "João Gonçalves Conceição", ("26 de janeiro de 2027", "26 de janeiro de 2029")),
        ("en", "Zoë O'Brien", ("26 January 2027", "26 January 2029")),
    ],
)
def test_words_and_accents_in_each_language(language, name, days):
    certificate = certificate_for(name, language=language)
    text = text_of(certification.draw_pdf(certificate))
    for words in (name, certificate.curriculum_title, "20", "2027.1", certificate.grouped_code, "testserver/v/", *days):
        assert words in text, words


def test_tagged_and_described():
    reader = read(certification.draw_pdf(certificate_for("Ana Peña", language="pt-br")))
    root = reader.root_object
    assert len(reader.pages) == 1
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 -- a PDF object
    assert root["/Lang"].lower() == "pt-br"
    assert root["/StructTreeRoot"]["/K"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert "Ana Peña" in reader.metadata.title
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part(>|=\")1", xmp)
    width, height = reader.pages[0].mediabox.width, reader.pages[0].mediabox.height
    assert (round(width), round(height)) == (842, 595)


def test_headings_and_a_described_picture_are_in_the_structure():
    tags, alternatives = [], []

    def walk(node):
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            tags.append(node.get("/S"))
            if "/Alt" in node:
                alternatives.append(node["/Alt"])
            if "/K" in node:
                walk(node["/K"])

    walk(read(certification.draw_pdf(certificate_for("Ana Peña"))).root_object["/StructTreeRoot"])
    assert {"/H1", "/H2", "/Figure", "/Link"} <= set(tags)
    assert any("testserver/v/" in words for words in alternatives)


def test_all_fonts_are_inside():
    fonts = read(certification.draw_pdf(certificate_for("Ana Peña"))).pages[0]["/Resources"]["/Font"]
    assert fonts
    for font in fonts.values():
        descendant = font.get_object()["/DescendantFonts"][0].get_object()
        descriptor = descendant["/FontDescriptor"].get_object()
        assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
        assert "Libertinus" in descriptor["/FontName"]


def test_small_and_the_same_every_time():
    certificate = certificate_for(LONG, is_demo=True)
    first, second = certification.draw_pdf(certificate), certification.draw_pdf(certificate)
    assert first == second
    assert len(first) <= 60_000


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing_wrong(tmp_path):
    path = tmp_path / "certificate.pdf"
    path.write_bytes(certification.draw_pdf(certificate_for(LONG)))
    result = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", [LONG[:150], "W" * 150, "Ana " * 37, "Ñ" * 149, "X"])
def test_every_name_stays_on_the_page(name):
    reader = read(certification.draw_pdf(certificate_for(name.strip())))
    assert len(reader.pages) == 1
    places = []
    reader.pages[0].extract_text(visitor_text=lambda text, cm, tm, font, size: places.append((tm[4] * cm[0] + cm[4], text)))
    assert name.strip().replace(" ", "") in re.sub(r"[\s\u200b]+", "", "".join(text for _x, text in places))


MARKUP = [
    '#panic("x")',
    "*negrita* _cursiva_",
    "$x^2$ \\ <label> @ref",
    "= Título // nota",
    '"} , "demo": null, {"',
    '`raw` #import "a"',
    "{{ name }}",
]


@pytest.mark.parametrize("name", MARKUP)
def test_names_are_never_markup(name):
    text = text_of(certification.draw_pdf(certificate_for(name)))
    assert re.sub(r"\s+", " ", name) in text


def test_a_sign_without_a_glyph_is_said():
    with pytest.raises(certificate_pdf.Unprintable) as caught:
        certification.draw_pdf(certificate_for("Ana 😀"))
    assert caught.value.text == "😀"


def test_a_demonstration_cannot_be_mistaken():
    real, demo = certificate_for("Ana Peña"), certificate_for("Ana Peña", is_demo=True)
    assert "Demonstra" not in text_of(certification.draw_pdf(real)).replace("Demostra", "Demonstra")
    assert "Demonstra" in text_of(certification.draw_pdf(demo)).replace("Demostra", "Demonstra")


def test_without_an_end_the_file_says_so():
    certificate = certificate_for("Ana Peña", expires_on=None)
    assert certification.draw_pdf(certificate)
    assert "2029" not in text_of(certification.draw_pdf(certificate))


def test_the_qr_code_is_small_and_leads_to_the_page(client, settings):
    certificate = certificate_for("Ana Peña")
    settings.SITE_BASE_URL = "https://puente.example"
    address = certificate_pdf.qr_address(certificate)
    assert address == f"HTTPS://PUENTE.EXAMPLE/V/{certificate.code}"
    code = segno.make(address, error="m", micro=False)
    assert code.mode == "alphanumeric"
    assert code.version <= 3
    assert client.get(address.removeprefix("HTTPS://PUENTE.EXAMPLE")).status_code == 200
    settings.SITE_BASE_URL = "https://host.example/Puente"
    assert certificate_pdf.qr_address(certificate).startswith("https://host.example/Puente/v/")


def test_the_date_is_the_programmes_day():
    late = datetime.datetime(2027, 1, 27, 3, 0, tzinfo=datetime.UTC)  # still the 26th in Mexico City
    assert "26 de enero de 2027" in text_of(certification.draw_pdf(certificate_for("Ana Peña", issued_at=late)))


# --- the door --------------------------------------------------------------------------------------------------------


def test_the_file_is_for_its_holder_and_those_who_run_the_cohort(client):
    programme = make_programme()
    certificate = certified(programme)
    url = reverse("curriculum:certificate_pdf", args=[certificate.code])
    trainer = EnrollmentFactory(cohort=programme.cohort, role=Enrollment.Role.TRAINER).user
    fellow = EnrollmentFactory(cohort=programme.cohort).user
    other_lead = EnrollmentFactory(role=Enrollment.Role.LEAD).user
    assert client.get(url).status_code == 302
    for user, expected in ((programme.trainee.user, 200), (trainer, 200), (programme.lead, 200)):
        client.force_login(user)
        response = client.get(url)
        assert response.status_code == expected
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == (
            f'attachment; filename="dra-ana-perez-gutierrez-{certificate.grouped_code}.pdf"'
        )
        assert "no-store" in response["Cache-Control"]
        assert response.content.startswith(b"%PDF-")
    for user in (fellow, other_lead, UserFactory()):
        client.force_login(user)
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ['x"; filename="evil.exe', "../../etc/passwd", "Ana\r\nSet-Cookie: a=b", "Ж" * 5, "ñ" * 150])
def test_the_file_name_is_safe(client, name):
    certificate = certificate_for(" ".join(name.split()))
    client.force_login(certificate.enrollment.user)
    response = client.get(reverse("curriculum:certificate_pdf", args=[certificate.code]))
    assert re.fullmatch(r'attachment; filename="[a-z0-9_-]{1,60}-[0-9A-Z-]{14}\.pdf"', response["Content-Disposition"])


def test_a_revoked_certificate_has_no_file(client):
    programme = make_programme()
    certificate = certified(programme)
    certification.revoke(certificate, programme.lead, "other", "x")
    client.force_login(programme.trainee.user)
    assert client.get(reverse("curriculum:certificate_pdf", args=[certificate.code])).status_code == 404
