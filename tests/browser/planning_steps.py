"""What the journeys of planning share: people, filling in, and that nothing is wider than the screen."""

PEOPLE = {
    "Lena": ("lead", "MX", "en", "America/Mexico_City"), "Ana": ("trainee", "MX", "es", "America/Mexico_City"),
    "Bia": ("trainee", "BR", "pt-br", "America/Sao_Paulo"), "Caio": ("trainee", "CO", "es", "America/Bogota"),
    "Dora": ("trainee", "AR", "es", "America/Argentina/Buenos_Aires"),
}  # fmt: skip


def fill(page, **values):
    for name, value in values.items():
        page.fill(f"main [name={name}]", str(value))


def fits(page):
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], (page.url, wide)


def reach(page, button, most=90):
    """Tab leads to it from the top of the page."""
    page.evaluate("document.activeElement.blur(); document.getSelection().removeAllRanges(); scrollTo(0, 0)")
    handle = button.element_handle()
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement === one", handle):
            return
    raise AssertionError("the keyboard does not reach it")
