"""Why a wish about sound and picture is not granted. A code only: the words stand in the page, in the person's language."""

REFUSED = (
    "invalid", "rate", "join", "forbidden", "muted", "full", "cameras", "stage", "engine",
)  # fmt: skip


class Trouble(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code
