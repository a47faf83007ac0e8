"""Invented people of the demonstration. No name, hospital or address belongs to anybody."""

from dataclasses import dataclass

DOMAIN = "demo.example.org"


@dataclass(frozen=True)
class Person:
    """`slug` is the part of the address before the @; `place` is a country, a city and a time zone of `PLACES`."""

    slug: str
    title: str
    name: str
    place: str
    profession: str
    hospital: str
    has_service: str = "no"

    @property
    def email(self):
        return f"{self.slug}@{DOMAIN}"

    @property
    def profile(self):
        country, city, zone, language = PLACES[self.place]
        return {
            "title": self.title, "full_name": self.name, "country": country, "city": city, "time_zone": zone,
            "language": language, "profession": self.profession, "hospital": self.hospital,
        }  # fmt: skip


PLACES = {
    "guadalajara": ("MX", "Guadalajara", "America/Mexico_City", "es"),
    "mexico": ("MX", "Ciudad de México", "America/Mexico_City", "es"),
    "sao-paulo": ("BR", "São Paulo", "America/Sao_Paulo", "pt-br"),
    "recife": ("BR", "Recife", "America/Recife", "pt-br"),
    "bogota": ("CO", "Bogotá", "America/Bogota", "es"),
    "medellin": ("CO", "Medellín", "America/Bogota", "es"),
    "rosario": ("AR", "Rosario", "America/Argentina/Buenos_Aires", "es"),
    "cordoba": ("AR", "Córdoba", "America/Argentina/Cordoba", "es"),
}

LEAD = Person("lead", "Dra.", "Valeria Montiel Arce", "mexico", "geriatrics", "Hospital San Telmo (ficticio)", "yes")
TRAINERS = [
    Person("trainer", "Dr.", "Ignacio Bermúdez Lara", "bogota", "rheumatology", "Hospital El Roble (ficticio)", "yes"),
    Person("trainer-two", "Dra.", "Renata Azevedo Pires", "sao-paulo", "orthopaedics", "Hospital Ipê-Roxo (fictício)", "yes"),
]

# Each trainee is in one of the states that the screens have to show; content/demo.py says how they got there.
TRAINEES = {
    "studying": Person("trainee", "Dra.", "Lucía Herrera Campos", "guadalajara", "orthopaedics", "Hospital del Valle (ficticio)"),
    "second-module": Person(
        "second-module", "Dr.", "Gustavo Moura Salles", "recife", "gynaecology", "Hospital das Marés (fictício)"
    ),
    "failed-quiz": Person("failed-quiz", "Dra.", "Ximena Olvera Ríos", "mexico", "endocrinology", "Clínica Los Arcos (ficticia)"),
    "first-module": Person(
        "first-module", "Dra.", "Mariana Ibáñez Solís", "mexico", "geriatrics", "Hospital La Noria (ficticio)", "starting"
    ),
    "ready": Person(
        "ready", "Dr.", "Esteban Quiroga Luna", "rosario", "gynaecology", "Hospital del Litoral Sur (ficticio)", "yes"
    ),
    "certified": Person(
        "certified", "Dra.", "Helena Duarte Paiva", "sao-paulo", "internal_medicine", "Hospital Serra Azul (fictício)", "yes"
    ),
    "revoked": Person("revoked", "Dr.", "Andrés Pardo Villamil", "medellin", "orthopaedics", "Clínica Las Ceibas (ficticia)"),
    "expired": Person(
        "expired", "Dra.", "Sofía Lezcano Rey", "cordoba", "rheumatology", "Hospital Las Sierras (ficticio)", "yes"
    ),
    "paused": Person(
        "paused", "Dr.", "Joaquín Ferreyra Sosa", "rosario", "rehabilitation", "Sanatorio Del Parque Viejo (ficticio)"
    ),
    "withdrawn": Person(
        "withdrawn", "Dra.", "Teresa Aguilar Montes", "guadalajara", "rehabilitation", "Hospital La Cantera (ficticio)"
    ),
    "needs-half-done": Person(
        "needs", "Dr.", "Bruno Teixeira Prado", "recife", "endocrinology", "Hospital Pedra Clara (fictício)"
    ),
    "profile-unfinished": Person(
        "new", "Dra.", "Camila Restrepo Duarte", "bogota", "rheumatology", "Hospital Los Alcaparros (ficticio)"
    ),
    "invited": Person("invited", "Dr.", "Rafael Nogueira Lima", "sao-paulo", "rehabilitation", "Hospital Ipê-Roxo (fictício)"),
    "candidate": Person("candidate", "Dr.", "Paulo Siqueira Matos", "recife", "geriatrics", "Hospital das Marés (fictício)"),
    "not-selected": Person(
        "not-selected", "Dra.", "Daniela Cárdenas Rojas", "medellin", "internal_medicine", "Clínica El Samán (ficticia)"
    ),
}

OTHER_LEAD = Person(
    "other-lead", "Dr.", "Martín Echagüe Ponce", "cordoba", "internal_medicine", "Hospital Las Sierras (ficticio)", "yes"
)
OTHER_TRAINEES = [
    Person("other-candidate", "Dra.", "Paula Gorriti Vidal", "rosario", "gynaecology", "Hospital del Litoral Sur (ficticio)"),
    Person("other-invited", "Dr.", "Nicolás Arrieta Bravo", "cordoba", "endocrinology", "Sanatorio La Cañada (ficticio)"),
]
EDITOR = Person("editor", "", "Elena Vidal Cruz", "mexico", "other", "")
OPERATOR = Person("operator", "", "Tomás Rivas Lemos", "mexico", "other", "")

EVALUATOR = Person("evaluator", "Dra.", "Irene Salvatierra Pons", "mexico", "other", "")

# The finished cohort of the year before: (name, place, profession).
FINISHED = [
    ("Adriana Cepeda Luján", "guadalajara", "orthopaedics"), ("Marcos Tavares Brandão", "sao-paulo", "orthopaedics"),
    ("Pilar Ocampo Rivas", "mexico", "geriatrics"), ("Cecília Monteiro Vaz", "recife", "rheumatology"),
    ("Julián Arango Mejía", "medellin", "rheumatology"), ("Lorena Basualdo Funes", "cordoba", "endocrinology"),
    ("Fabián Urrutia Celis", "mexico", "orthopaedics"), ("Otávio Lacerda Nunes", "sao-paulo", "geriatrics"),
    ("Rosario Villaseñor Pardo", "guadalajara", "rheumatology"), ("Bianca Figueira Rolim", "recife", "orthopaedics"),
    ("Hernán Giraldo Posada", "bogota", "orthopaedics"), ("Silvina Roldán Acosta", "rosario", "rheumatology"),
    ("Mireya Tejeda Robles", "mexico", "nursing"), ("Caio Sampaio Teles", "sao-paulo", "rheumatology"),
    ("Óscar Nájera Beltrán", "guadalajara", "geriatrics"), ("Luísa Prado Camargo", "recife", "geriatrics"),
    ("Natalia Hoyos Zuluaga", "medellin", "geriatrics"), ("Ezequiel Paz Moyano", "cordoba", "orthopaedics"),
    ("Gabriela Santoyo Lira", "mexico", "rheumatology"), ("Vinícius Arruda Leme", "sao-paulo", "orthopaedics"),
    ("Ramiro Escobedo Tapia", "guadalajara", "orthopaedics"), ("Heloísa Bastos Meira", "recife", "nursing"),
    ("Claudia Peñaranda Gil", "bogota", "rheumatology"), ("Tatiana Quezada Mora", "mexico", "geriatrics"),
]  # fmt: skip

LOGINS = [
    ("trainee", "in the middle of module 1"),
    ("new", "accepted the invitation, profile not finished"),
    ("needs", "needs assessment half done"),
    ("failed-quiz", "failed a quiz and has to wait"),
    ("first-module", "module 1 done"),
    ("second-module", "in module 2, in Portuguese"),
    ("ready", "everything done, waits for the certificate"),
    ("certified", "certified"),
    ("revoked", "certificate revoked"),
    ("expired", "certificate expired"),
    ("paused", "paused"),
    ("withdrawn", "withdrawn"),
    ("trainer", "trainer of LATAM 2027"),
    ("lead", "programme lead of LATAM 2027 and of LATAM 2026, whose results are in"),
    ("evaluator", "evaluates LATAM 2026: opens single answers with a reason"),
    ("mentor-01", "certified mentor of LATAM 2026"),
    ("other-lead", "lead of another, planned cohort"),
    ("editor", "edits pages and questions in /admin/"),
    ("operator", "may do everything"),
]

WISHES = {
    "es": [
        "Poder sentarme con la dirección de otro hospital y que la reunión termine con una decisión.",
        "Ayudar a un equipo pequeño a empezar con las fracturas de muñeca sin esperar a tener todo.",
        "Enseñar a leer los indicadores sin asustar a nadie.",
    ],
    "pt-br": [
        "Conseguir conversar com a direção de outro hospital e sair com uma decisão.",
        "Ajudar uma equipe pequena a começar pelas fraturas de punho, sem esperar ter tudo pronto.",
        "Ensinar a ler os indicadores sem assustar ninguém.",
    ],
}
