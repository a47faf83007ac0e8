"""Acts that ask once more: look at the page, then press its button with what it showed."""


def confirmed(client, address, **data):
    return client.post(address, {**data, "seen": seen_on(client.get(address))})


def seen_on(page):
    """The seal of what a page showed; "" where there is none."""
    return (page.context or {}).get("seen", "")
