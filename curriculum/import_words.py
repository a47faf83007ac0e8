"""How people write the headings and values of a list of people, in the three languages, without accents or capitals."""

from django.utils.translation import gettext_lazy

from curriculum.enrollment_states import Role

COLUMNS = {
    "email": ("email", "e-mail", "mail", "correo", "correo electronico", "e-mail address", "endereco de e-mail"),
    "full_name": ("name", "full name", "nombre", "nombre completo", "nombre y apellidos", "nome", "nome completo", "full_name"),
    "title": ("title", "titulo", "tratamiento", "tratamento"),
    "country": ("country", "pais"),
    "city": ("city", "ciudad", "cidade"),
    "time_zone": ("time zone", "time_zone", "timezone", "zona horaria", "huso horario", "fuso horario", "fuso"),
    "language": ("language", "idioma", "lengua", "lingua"),
    "profession": ("profession", "specialty", "profesion", "especialidad", "profissao", "especialidade"),
    "hospital": ("hospital", "institution", "institucion", "instituicao", "hospital or institution"),
    "role": ("role", "rol", "papel", "funcion", "funcao"),
}
NAMES = {
    "email": gettext_lazy("e-mail"), "full_name": gettext_lazy("name"), "title": gettext_lazy("title"),
    "country": gettext_lazy("country"), "city": gettext_lazy("city"), "time_zone": gettext_lazy("time zone"),
    "language": gettext_lazy("language"), "profession": gettext_lazy("profession"),
    "hospital": gettext_lazy("hospital"), "role": gettext_lazy("role"),
}  # fmt: skip
LANGUAGE_WORDS = {
    "es": ("es", "espanol", "spanish", "espanhol", "castellano"),
    "pt-br": ("pt", "pt-br", "ptbr", "portugues", "portuguese", "portugues do brasil", "brazilian portuguese"),
    "en": ("en", "ingles", "english"),
}
ROLE_WORDS = {
    Role.TRAINEE: ("trainee", "participante", "alumno", "alumna", "aluno", "aluna", "mentor en formacion", "mentor em formacao"),
    Role.TRAINER: ("trainer", "formador", "formadora", "docente", "instructor", "instrutor", "capacitador"),
    Role.LEAD: ("lead", "programme lead", "responsable", "responsavel", "lider", "coordinador", "coordenador"),
}
PROFESSION_WORDS = {
    "orthopaedics": ("ortopedia", "orthopedics", "traumatologia", "traumatology", "ortopedia y traumatologia",
                     "ortopedia e traumatologia"),
    "rehabilitation": ("rehabilitacion", "reabilitacao", "fisiatria", "medicina fisica y rehabilitacion"),
    "rheumatology": ("reumatologia",),
    "endocrinology": ("endocrinologia",),
    "geriatrics": ("geriatria", "orthogeriatrics", "ortogeriatria"),
    "gynaecology": ("ginecologia", "gynecology"),
    "internal_medicine": ("medicina interna", "clinica medica", "internal medicine"),
    "nursing": ("enfermeria", "enfermagem", "nurse"),
    "physiotherapy": ("fisioterapia", "physical therapy"),
    "coordination": ("coordinacion", "coordenacao", "coordinator", "fls coordination"),
    "other": ("otra", "otro", "outra", "outro", "other"),
}  # fmt: skip
