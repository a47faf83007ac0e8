from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"

    def ready(self):
        from curriculum import generation  # noqa: PLC0415 -- models load first
        from evaluations.models import Instrument, Question  # noqa: PLC0415

        generation.watch(Instrument, Question)
