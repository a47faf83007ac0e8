import json
import random
import string
import time

import pytest
from django.urls import reverse

from curriculum import certification, verification
from curriculum.views.verification import shown_name
from tests.curriculum.certifying import a_certificate, add_trainee, at, certified, make_programme
from tests.factories import CohortFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(db):
    return a_certificate(add_trainee(CohortFactory(), "Dra. Ana Pérez Gutiérrez"))


@pytest.fixture
def unlimited(monkeypatch):
    monkeypatch.setattr("curriculum.views.verification.PER_MINUTE", 10**9)


def main(response):
    return response.content.decode().split("<main")[1].split("</main")[0]


# --- outcomes --------------------------------------------------------------------------------------------------------


def test_valid(client, certificate, monkeypatch):
    at(monkeypatch, 2029, 1, 26)
    response = client.get(f"/v/{certificate.code}", {"lang": "es"})
    body = main(response)
    assert response.status_code == 200
    assert 'class="tag ok"' in body
    for fact in (
        "Dra. Ana Pérez Gutiérrez",
        certificate.curriculum_title,
        "26 de enero de 2027",
        "26 de enero de 2029",
        "2027.1",
    ):
        assert fact in body
    assert certificate.grouped_code in body
    assert certificate.enrollment.user.email not in body


def test_valid_through_its_last_day_where_the_programme_is(client, certificate, monkeypatch):
    import datetime

    for moment, outcome in (((2029, 1, 27, 5, 59), "valid"), ((2029, 1, 27, 6, 0), "expired")):  # midnight in Mexico City
        now = datetime.datetime(*moment, tzinfo=datetime.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        assert verification.verify(certificate.code).outcome == outcome


def test_expired(client, certificate, monkeypatch):
    at(monkeypatch, 2029, 1, 27)
    response = client.get(f"/v/{certificate.code}")
    assert response.status_code == 200
    assert 'class="tag warn"' in main(response)


def test_revoked_shows_the_class_and_never_the_reason(client, monkeypatch):
    programme = make_programme()
    certificate = certified(programme)
    certification.revoke(certificate, programme.lead, "conduct", "MOTIVO SECRETO")
    body = main(client.get(f"/v/{certificate.code}"))
    assert 'class="tag err"' in body
    assert str(certificate.get_revoke_class_display()) in body or "conduct" in body
    assert "SECRETO" not in body
    answer = client.get(f"/v/{certificate.code}.json").json()
    assert answer["outcome"] == "revoked"
    assert answer["revoked_for"] == "conduct"
    assert "SECRETO" not in json.dumps(answer)


def test_not_found(client, db, settings):
    response = client.get("/v/222222222222")
    assert response.status_code == 404
    assert settings.CONTACT_EMAIL in main(response)
    assert client.get("/v/222222222222.json").status_code == 404


def test_a_renewed_certificate_keeps_its_date_and_leads_to_the_new_one(client, monkeypatch):
    programme = make_programme()
    at(monkeypatch, 2027, 1, 26)
    old = certified(programme)
    at(monkeypatch, 2029, 1, 20)
    new = certification.renew(old, programme.lead)
    for day, outcome in ((26, "valid"), (27, "expired")):
        at(monkeypatch, 2029, 1, day)
        assert verification.verify(old.code).outcome == outcome
        assert f"/v/{new.code}" in main(client.get(f"/v/{old.code}"))
        assert client.get(f"/v/{old.code}.json").json()["renewed_by"] == new.grouped_code
    assert verification.verify(new.code).outcome == "valid"


# --- how codes are written -------------------------------------------------------------------------------------------


def test_codes_are_taken_as_people_write_them(client, certificate, unlimited):
    code = certificate.code
    spellings = [
        code, code.lower(), certificate.grouped_code, certificate.grouped_code.lower(), " ".join(code), f"  {code} ",
        certificate.grouped_code.replace("-", "–"), certificate.grouped_code.replace("-", "\u00a0"),
    ]  # fmt: skip
    for spelling in spellings:
        assert verification.verify(spelling).certificate == certificate, spelling
        response = client.get("/v/", {"code": spelling}, follow=True)
        assert certificate.grouped_code in main(response), spelling
    for address in (f"/V/{code}", f"/v/{certificate.grouped_code.lower()}", f"/V/{certificate.grouped_code}/"):
        assert client.get(address).status_code == 200


def test_the_form_keeps_what_was_typed_when_nothing_is_found(client, db):
    response = client.get("/v/", {"code": "no-es-un-código"})
    assert response.status_code == 404
    assert 'value="no-es-un-código"' in main(response)
    empty = client.get("/v/", {"code": "  "})
    assert empty.status_code == 400
    assert "msg-err" in main(empty)
    assert client.get("/v/").status_code == 200


def mutants(code, count=500):
    """Codes one slip, one look-alike or one trick away from a real one."""
    chance = random.Random(7)
    tricks = [
        code[:-1],
        code + "2",
        code[1:],
        code + code,
        code[::-1],
        "",
        "%",
        "' OR 1=1 --",
        code + "\u0301",
        "\u200b" + code,
        "😀" * 12,
    ]
    tricks += [
        code.replace(code[0], chr(ord(code[0]) + 0xFEE0), 1),
        code[:6] + "\n.json" + code[6:],
        "../" + code,
        code + ".json.json",
    ]
    letters = verification.ALPHABET + "01OILU" + string.punctuation + "ÁÉÑßſıİΑΒ\u0410\u0412"
    while len(tricks) < count:
        place = chance.randrange(len(code))
        tricks.append(code[:place] + chance.choice(letters) + code[place + 1 :])
    return [mutant for mutant in tricks if verification.clean_code(mutant) != code]


def test_five_hundred_forged_codes_are_not_found(certificate):
    forged = mutants(certificate.code, 520)
    assert len(forged) >= 450
    assert {verification.verify(code).outcome for code in forged} == {"not_found"}
    assert verification.verify(certificate.code).outcome == "valid"


def test_forged_codes_through_the_door(client, certificate, unlimited):
    for code in mutants(certificate.code, 80):
        response = client.get("/v/", {"code": code}, follow=True)
        assert response.status_code in (400, 404), code
        assert "Ana" not in response.content.decode(), code


def test_unknown_and_impossible_codes_cost_the_same(client, certificate, django_assert_num_queries, unlimited):
    impossible, unknown = "0" * 12, "2" * 12
    for code in (impossible, unknown, certificate.code):
        with django_assert_num_queries(1):
            verification.verify(code)
    pages = [main(client.get(f"/v/{code}")).replace(code, "") for code in (impossible, unknown)]
    assert pages[0] == pages[1]


def test_unknown_takes_as_long_as_impossible(certificate):
    def median(code):
        times = []
        for _ in range(60):
            start = time.perf_counter()
            verification.verify(code)
            times.append(time.perf_counter() - start)
        return sorted(times)[30]

    assert abs(median("0" * 12) - median("2" * 12)) < 0.01


# --- nothing else, nowhere else --------------------------------------------------------------------------------------


def test_initials_where_the_holder_keeps_the_name(client, certificate):
    certification.show_name(certificate, False)
    for response in (client.get(f"/v/{certificate.code}"), client.get(f"/v/{certificate.code}.json")):
        body = response.content.decode()
        assert "A. P. G." in body
        assert "Pérez" not in body


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Dra. Ana Pérez Gutiérrez", "A. P. G."),
        ("João da Silva", "J. S."),
        ("Ángel de la Ñ", "Á. Ñ."),
        ("ana", "A."),
        ("Enf. J. Luz", "J. L."),
    ],
)
def test_initials(name, initials):
    from curriculum.models import Certificate

    assert shown_name(Certificate(name=name, name_public=False)) == initials


def test_the_json_twin_says_what_the_page_says(client, certificate, settings):
    answer = client.get(f"/v/{certificate.code}.json").json()
    page = main(client.get(f"/v/{certificate.code}", {"lang": "es"}))
    assert set(answer) == {
        *("outcome", "checked_at", "code", "name", "achievement", "issuer"),
        *("issued_on", "expires_on", "hours", "version", "demonstration"),
    }
    for fact in ("code", "name", "achievement", "issuer", "version"):
        assert answer[fact] in page
    assert f"{answer['hours']} " in page
    assert (answer["issued_on"], answer["expires_on"]) == ("2027-01-26", "2029-01-26")
    assert answer["outcome"] == "valid"


def test_a_demonstration_says_so(client, db):
    trainee = add_trainee(CohortFactory(), "Persona Inventada", is_demo=True)
    certificate = a_certificate(trainee)
    assert 'class="note warn"' in main(client.get(f"/v/{certificate.code}"))
    assert client.get(f"/v/{certificate.code}.json").json()["demonstration"] is True


def test_never_indexed_never_stored(client, certificate):
    for address in ("/v/", f"/v/{certificate.code}", f"/v/{certificate.code}.json", "/v/222222222222", "/v/?code="):
        response = client.get(address)
        assert "noindex" in response["X-Robots-Tag"], address
        assert "no-store" in response["Cache-Control"], address
        assert "Set-Cookie" not in response, address


def test_only_reading(client, certificate):
    for address in ("/v/", f"/v/{certificate.code}", f"/v/{certificate.code}.json"):
        assert client.post(address).status_code == 405


@pytest.mark.parametrize(
    ("asked", "header", "expected"),
    [
        ("pt-br", "", "pt-br"),
        ("pt", "", "pt-br"),
        ("en", "", "en"),
        ("es-mx", "", "es"),
        ("xx", "en", "en"),
        ("", "pt-BR,pt", "pt-br"),
        ("", "de", "es"),
        ("<script>", "", "es"),
    ],
)
def test_the_language_is_the_readers(client, certificate, asked, header, expected):
    response = client.get(f"/v/{certificate.code}", {"lang": asked} if asked else {}, headers={"accept-language": header})
    assert response["Content-Language"] == expected
    assert f'<html lang="{expected}"' in response.content.decode()
    body = response.content.decode()
    for code in ("es", "pt-br", "en"):
        assert f"/v/{certificate.code}?lang={code}" in body


# --- the limit -------------------------------------------------------------------------------------------------------


def test_thirty_a_minute_from_one_address(client, certificate):
    statuses = [client.get(f"/v/{verification.new_code()}").status_code for _ in range(60)]
    assert statuses[:30] == [404] * 30
    assert statuses[30:] == [429] * 30
    limited = client.get(f"/v/{certificate.code}")
    assert limited.status_code == 429
    assert limited["Retry-After"] == "60"
    assert "Ana" not in limited.content.decode()
    assert client.get(f"/v/{certificate.code}.json").status_code == 429
    assert client.get("/v/", {"code": "impossible"}).status_code == 429
    assert client.get("/v/").status_code == 200
    assert client.get(f"/v/{certificate.code}", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_one_network_is_one_address_in_ipv6(client, certificate):
    for number in range(30):
        client.get("/v/222222222222", REMOTE_ADDR=f"2001:db8::{number:x}")
    assert client.get(f"/v/{certificate.code}", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert client.get(f"/v/{certificate.code}", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_a_forged_forwarding_header_does_not_help(client, certificate):
    for number in range(31):
        response = client.get("/v/222222222222", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert response.status_code == 429


def test_behind_a_proxy_the_limit_is_the_readers(client, certificate, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(31):
        response = client.get("/v/222222222222", HTTP_X_FORWARDED_FOR=f"10.9.9.{number}, 192.0.2.1")
    assert response.status_code == 429
    assert client.get(f"/v/{certificate.code}", HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.2").status_code == 200


def test_reverse_is_small():
    assert reverse("verification:verify", args=["7K3MQ9TDXW42"]) == "/v/7K3MQ9TDXW42"
