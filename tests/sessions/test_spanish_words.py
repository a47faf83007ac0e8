"""Words that were English, or the wrong part of speech, on Spanish screens and papers."""

import io

import pytest
from pypdf import PdfReader

from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db


def test_zones_to_choose_from_have_the_names_of_their_cities():
    here = planned()
    page = text_of(signed(here.lead, "es").get(url("edit", here.meeting.pk, language="es")))
    assert '<option value="America/Mexico_City" selected>Ciudad de México</option>' in page
    assert '<option value="America/Bogota">Bogotá</option>' in page and ">Mexico City<" not in page


def test_the_printed_transcript_names_the_city_of_its_hours():
    here = planned(state="live", hours=-1)
    response = signed(here.trainee, "es").get(url("transcript_pdf", here.meeting.pk, language="es"))
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    assert "Ciudad de México" in text and "Mexico City" not in text


def test_an_answer_in_a_heading_is_a_noun():
    here = planned()
    client = signed(here.trainer, "es")
    assert 'scope="col">Respuesta</th>' in text_of(client.get(url("who_comes", here.meeting.pk, language="es")))
    heading = text_of(client.get(url("who_comes_file", here.meeting.pk, language="es"))).splitlines()[0]
    assert "Respuesta" in heading and "Responder" not in heading
