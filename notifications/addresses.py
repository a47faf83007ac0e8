"""Addresses whose domain has letters beyond ASCII: "ana@é.example" is also "ana@xn--9ca.example", and mail knows only the second."""

from django.utils.encoding import punycode


def in_ascii(email):
    """As the To of a mail has it (RFC 5891); unchanged where there is no such form."""
    return _with_domain(email, punycode)


def forms_of(email):
    """Both forms, in small letters, in which somebody may be written to or have registered: a set of one for most people."""
    return {one.lower() for one in (email, in_ascii(email), _with_domain(email, _in_letters))}


def _in_letters(domain):
    return domain.encode("ascii").decode("idna")


def _with_domain(email, change):
    name, at, domain = email.rpartition("@")
    try:
        return f"{name}{at}{change(domain)}"
    except UnicodeError:
        return email
