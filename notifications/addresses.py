"""Addresses whose domain has letters beyond ASCII: "ana@é.example" is also "ana@xn--9ca.example", and mail knows only the second."""

from django.utils.encoding import punycode

LONGEST = 253  # RFC 1035, 3.1


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
    if len(domain) > LONGEST:  # working out a label takes the square of its length
        return email
    try:
        return f"{name}{at}{change(domain)}"
    except UnicodeError:
        return email
