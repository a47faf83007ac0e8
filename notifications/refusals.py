"""How an act about messages says no. The floor above has its own (curriculum.enrollment_states.Refused)."""


class Refused(Exception):
    """An act that may not happen; `text` says why and what helps, `field` names the form field it is about, if any."""

    def __init__(self, text, field=None):
        super().__init__(text)
        self.text, self.field = text, field
