"""The profile: four steps and a check, each refusal in words, what was typed kept; consents only ever added."""

import pytest

from curriculum.models import Consent
from lms.consents import CONSENT_VERSION
from lms.models import User
from tests import factories

pytestmark = pytest.mark.django_db

GOOD = {
    "name": {"certificate_name": "Ana  Pérez Gutiérrez", "title": "Dra.", "language": "en"},
    "place": {"country": "CO", "city": "Medellín", "time_zone": ""},
    "work": {"profession": "geriatrics", "specialty": "", "hospital": "Hospital General", "has_service": "starting"},
    "consents": {"training_record": "on", "directory": "on"},
}


def step(name):
    return f"/en/profile/{name}/"


@pytest.fixture
def newcomer(client):
    user = factories.UserFactory(
        full_name="", certificate_name="", language="", country="", time_zone="", profile_completed_at=None
    )
    client.force_login(user)
    return user


def test_the_four_steps_and_the_check(client, newcomer):
    assert client.get("/en/profile/")["Location"] == step("name")
    for name, following in (("name", "place"), ("place", "work"), ("work", "consents"), ("consents", "review")):
        assert client.get(step(name)).status_code == 200
        assert client.post(step(name), GOOD[name])["Location"] == step(following)
    text = client.get(step("review")).content.decode()
    for said in ("Ana Pérez Gutiérrez", "Colombia", "Medellín", "Bogotá", "Geriatrics", "Hospital General", "Agreed"):
        assert said in text
    assert client.post(step("review"))["Location"] == "/en/today/"
    newcomer.refresh_from_db()
    assert newcomer.profile_completed_at
    assert newcomer.full_name == newcomer.certificate_name == "Ana Pérez Gutiérrez"
    assert newcomer.time_zone == "America/Bogota"


@pytest.mark.parametrize(
    ("name", "change", "message", "kept"),
    [
        ("name", {"certificate_name": ""}, "Write your name as it must read on the certificate.", "Dra."),
        ("name", {"certificate_name": "1234 ???"}, "in letters", "1234 ???"),
        ("name", {"certificate_name": "x" * 151}, "150 characters", "x" * 151),
        ("name", {"language": "xx"}, "Choose a language of the list.", "Dra."),
        ("place", {"country": ""}, "Choose the country where you work.", "Medellín"),
        ("place", {"country": "ZZ"}, "from the list", "Medellín"),
        ("place", {"time_zone": "Mars/Olympus"}, "Choose a time zone from the list.", "Medellín"),
        ("work", {"profession": "astronaut"}, "Choose a profession", "Hospital General"),
        ("work", {"hospital": "x" * 201}, "200 characters", "x" * 201),
        ("consents", {"training_record": ""}, "Agree to the training record", "checked"),
    ],
)
def test_refusals_name_the_field_and_keep_what_was_typed(client, newcomer, name, change, message, kept):
    response = client.post(step(name), {**GOOD[name], **change})
    text = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in text
    assert message in text
    assert kept in text
    fresh = User.objects.get(pk=newcomer.pk)
    assert (fresh.certificate_name, str(fresh.country), fresh.hospital) == ("", "", "")
    assert not Consent.objects.exists()


def test_a_refused_name_does_not_greet(client, newcomer):
    User.objects.filter(pk=newcomer.pk).update(full_name="Ana", certificate_name="Ana")
    text = client.post(step("name"), {**GOOD["name"], "certificate_name": "???"}).content.decode()
    assert 'class="who"><b> ???' not in text


def test_the_rest_can_wait_but_not_these_three(client, newcomer):
    response = client.post(step("review"))
    text = response.content.decode()
    assert response.status_code == 422
    for said in ("Write your name", "Choose the country", "Agree to the training record"):
        assert said in text
    assert not User.objects.get(pk=newcomer.pk).profile_completed_at


def test_an_unknown_step_is_not_found(client, newcomer):
    assert client.get(step("nothing")).status_code == 404


def test_changing_one_thing_returns_to_the_check(client):
    user = factories.UserFactory(full_name="Ana P.", certificate_name="Ana Pérez")
    client.force_login(user)
    assert client.post(step("place") + "?from=review", GOOD["place"])["Location"] == step("review")
    client.post(step("name"), {**GOOD["name"], "certificate_name": "Ana María Pérez"})
    user.refresh_from_db()
    assert user.full_name == "Ana P."  # what the person is called stays; only the certificate's name changed


def test_countries_near_come_first_in_the_order_of_the_language(client, newcomer):
    text = client.get("/es/profile/place/").content.decode()
    assert text.index('value="AR"') < text.index('value="MX"') < text.index('value="VE"') < text.index('value="DE"')


def test_other_peoples_hospitals_are_not_offered(client, newcomer):
    factories.UserFactory(hospital="Hospital de Otra Persona")
    assert "Otra Persona" not in client.get(step("work")).content.decode()


# --- consents ---
def test_answers_are_rows_with_version_and_language(client, newcomer):
    client.post(step("consents"), GOOD["consents"])
    rows = {row.purpose: row for row in Consent.objects.all()}
    assert {purpose: row.given for purpose, row in rows.items()} == {
        "training_record": True,
        "evaluation": False,
        "directory": True,
    }
    assert {row.version for row in rows.values()} == {CONSENT_VERSION}
    assert {row.language for row in rows.values()} == {"en"}


def test_the_same_answer_again_adds_nothing(client, newcomer):
    client.post(step("consents"), GOOD["consents"])
    client.post(step("consents"), GOOD["consents"])
    assert Consent.objects.count() == 3


def test_withdrawing_adds_a_row_and_changes_none(client, newcomer):
    client.post(step("consents"), GOOD["consents"])
    assert client.post("/en/account/", {"withdraw": "directory"}).status_code == 302
    assert list(Consent.objects.filter(purpose="directory").values_list("given", flat=True)) == [True, False]
    client.post("/en/account/", {"give": "directory"})
    assert list(Consent.objects.filter(purpose="directory").values_list("given", flat=True)) == [True, False, True]


def test_agreeing_to_newer_words_is_a_new_row(client, newcomer):
    Consent.objects.create(user=newcomer, purpose="training_record", version="2020-01", language="es", given=True)
    client.post(step("consents"), GOOD["consents"])
    assert Consent.objects.filter(purpose="training_record").count() == 2


def test_withdrawing_the_training_record_is_explained_first(client):
    user = factories.UserFactory()
    Consent.objects.create(user=user, purpose="training_record", version=CONSENT_VERSION, language="es", given=True)
    client.force_login(user)
    before = client.get("/en/account/").content.decode()
    assert 'name="withdraw" value="training_record"' not in before
    asked = client.get("/en/account/?withdraw=training_record").content.decode()
    assert "cannot go on with the programme" in asked
    client.post("/en/account/", {"withdraw": "training_record"})
    user.refresh_from_db()
    assert user.profile_completed_at is None


# --- account ---
def test_the_language_is_changed_for_pages_and_mail(client):
    user = factories.UserFactory(language="es")
    client.force_login(user)
    response = client.post("/es/account/", {"language": "pt-br"})
    user.refresh_from_db()
    assert user.language == "pt-br"
    assert response["Location"] == "/pt-br/account/"
    assert response.cookies["django_language"].value == "pt-br"


def test_the_colours_are_changed(client):
    user = factories.UserFactory()
    client.force_login(user)
    client.post("/en/account/colours/", {"color_scheme": "dark"})
    user.refresh_from_db()
    assert user.color_scheme == "dark"


@pytest.mark.parametrize("data", [{}, {"language": "xx"}, {"withdraw": "everything"}, {"give": "x"}, {"role": "operator"}])
def test_odd_posts_to_the_account_change_nothing(client, data):
    client.force_login(factories.UserFactory())
    assert client.post("/en/account/", data).status_code == 422
    assert not Consent.objects.exists()


def test_odd_colours_change_nothing(client):
    client.force_login(factories.UserFactory())
    assert client.post("/en/account/colours/", {"color_scheme": "pink"}).status_code == 422
    assert client.get("/en/account/colours/").status_code == 405


@pytest.mark.parametrize("path", ["/en/profile/", "/en/profile/name/", "/en/profile/review/", "/en/account/"])
def test_strangers_sign_in_first(client, path):
    assert client.get(path)["Location"].startswith("/en/accounts/login/")
