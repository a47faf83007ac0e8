from django.apps import AppConfig


class CurriculumConfig(AppConfig):
    name = "curriculum"

    def ready(self):
        from curriculum import checks, generation  # noqa: F401, PLC0415 -- models load first; importing checks registers them

        generation.watch_pages()
