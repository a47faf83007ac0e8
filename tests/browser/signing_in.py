"""Signing in the way a person does: the address, the password, the button."""

DEMO_PASSWORD = "puente-demo-2027"


def sign_in(page, base, email, password=DEMO_PASSWORD, language="es"):
    page.goto(f"{base}/{language}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.click("form:has(input[name=password]) button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
