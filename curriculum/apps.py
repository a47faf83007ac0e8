from django.apps import AppConfig


class CurriculumConfig(AppConfig):
    name = "curriculum"

    def ready(self):
        from curriculum import generation  # noqa: PLC0415 -- models load first

        generation.watch_pages()
