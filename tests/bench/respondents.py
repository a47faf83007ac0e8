"""People who fill in a wave over HTTP at a person's pace, and what they were told.

They open it, load the first question, save each answer through the JSON door, check and send. With `pages` they do all that a browser
does: each question costs three requests, its page, the answer, and "Continue", which sends the same answer under the same id as a
form. Some people are impatient: they start twice and send twice, and one answer in fifteen is sent twice at once.
"""

import asyncio
import gzip
import json
import random
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

TRIES, TIMEOUT, TOKEN = 3, 20, "a" * 32
IMPATIENT, RESENT = 10, 15  # one person, one answer in so many


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes
    size: int  # head and body as they came over the line

    @property
    def text(self):
        return (gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body).decode()


@dataclass
class Ledger:
    """What the people know: `acknowledged` is {client id: (response, question, value as it must be stored)}, `sent` {person: response}."""

    seconds: dict = field(default_factory=lambda: defaultdict(list))  # by kind of request
    acknowledged: dict = field(default_factory=dict)
    sent: dict = field(default_factory=dict)
    trouble: Counter = field(default_factory=Counter)  # (kind, status or error)
    repeated: Counter = field(default_factory=Counter)  # what was sent twice on purpose
    pages: dict = field(default_factory=dict)  # {question number: the heaviest `Reply`}
    finished: float = 0.0
    lasted: float = 0.0


class Broken(Exception):
    """The person cannot go on."""


async def ask(port, method, path, cookie="", body=None, kind="application/x-www-form-urlencoded"):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", "Accept-Encoding: gzip"]
        head += [f"Cookie: {cookie}", f"X-CSRFToken: {TOKEN}"]
        data = (body or "").encode()
        if method == "POST":
            head += [f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
        writer.write("\r\n".join([*head, "", ""]).encode() + data)
        raw = await reader.read(-1)
    finally:
        writer.close()
    top, _blank, content = raw.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    if len(content) != int(headers.get("content-length", -1)):
        raise ConnectionError("cut off")
    return Reply(int(first.split()[1]), headers, content, len(raw))


@dataclass
class Person:
    port: int
    seat: dict
    wave: int
    questions: list
    number: int
    ledger: Ledger
    pages: bool

    async def fill_in(self, arrives, pauses):
        """`arrives` in so many seconds, then thinks for the next of `pauses` before each answer."""
        await asyncio.sleep(arrives)
        response = await self.start()
        for number, (question, pause) in enumerate(zip(self.questions, pauses, strict=True), start=1):
            if self.pages or number == 1:
                await self.load(response, number)
            await asyncio.sleep(pause)
            await self.answer(response, number, question)
        await self.send(response)

    async def start(self):
        path = f"/es/waves/{self.wave}/"
        await self.get("start page", path)
        replies = await self.twice_if(self.impatient, "start", lambda: self.post("start", path, ""))
        response = int(replies[0].headers["location"].rstrip("/").rsplit("/", 1)[1])
        await self.get("resume", f"/es/responses/{response}/", 302)
        return response

    async def load(self, response, number):
        page = await self.get("question page", f"/es/responses/{response}/{number}/")
        heaviest = self.ledger.pages.setdefault(number, page)
        self.ledger.pages[number] = max(page, heaviest, key=lambda reply: reply.size)

    async def answer(self, response, number, question):
        value, fields, stored = one_answer(question)
        client_id, now = str(uuid.uuid4()), datetime.now(UTC).isoformat()
        item = {"client_id": client_id, "response": response, "question": question["pk"], "value": value, "client_time": now}
        save = lambda: self.request("answer", "POST", "/es/answers/", 200, json.dumps(item), "application/json")  # noqa: E731
        for reply in await self.twice_if(random.random() < 1 / RESENT, "answer", save):
            told = json.loads(reply.text)
            if told["saved"] is True and told["client_id"] == client_id:
                self.ledger.acknowledged[client_id] = (response, question["pk"], stored)
        form = urlencode({**fields, "client_id": client_id, "client_time": now}, doseq=True)
        if self.pages:
            await self.post("continue", f"/es/responses/{response}/{number}/", form)

    async def send(self, response):
        await self.get("check page", f"/es/responses/{response}/check/")
        await asyncio.sleep(0.5)
        await self.twice_if(self.impatient, "submit", lambda: self.post("submit", f"/es/responses/{response}/submit/", ""))
        await self.get("sent page", f"/es/responses/{response}/result/")
        self.ledger.sent[self.seat["enrollment"]] = response
        self.ledger.finished = time.perf_counter()

    @property
    def impatient(self):
        return self.number % IMPATIENT == 0

    async def twice_if(self, twice, what, act):
        self.ledger.repeated[what] += twice
        return await asyncio.gather(*(act() for _ in range(1 + twice)))

    async def get(self, what, path, status=200):
        return await self.request(what, "GET", path, status)

    async def post(self, what, path, body):
        return await self.request(what, "POST", path, 302, body)

    async def request(self, what, method, path, wanted, *body):
        """Tries again like the outbox when the line breaks or the server fails. Raises `Broken`."""
        for _ in range(TRIES):
            start = time.perf_counter()
            try:
                async with asyncio.timeout(TIMEOUT):
                    reply = await ask(self.port, method, path, self.seat["cookie"], *body)
                got = reply.status
            except (OSError, ValueError, IndexError) as error:
                got = type(error).__name__
            self.ledger.seconds[what].append(time.perf_counter() - start)
            if got == wanted:
                return reply
            self.ledger.trouble[what, got] += 1
            await asyncio.sleep(0.5)
        raise Broken(f"{what}: {got}")


def one_answer(question):
    """(value as the script sends it, fields of the form, value as it must be stored)."""
    kind, keys = question["kind"], question["keys"]
    if kind == "retrospective":
        value = {"before": random.choice(keys), "now": random.choice(keys)}
        return value, {f"answer_{part}": point for part, point in value.items()}, {part: int(v) for part, v in value.items()}
    if kind == "multiple-choice":
        value = sorted(random.sample(keys, 2), key=keys.index)
        return value, {"answer": value}, value
    if kind == "long-text":
        value = f"Comentario {random.randrange(10**9)}: la reunión con la dirección será en otoño, según lo acordado. ¿Y después?"
        return value, {"answer": value}, value
    value = random.choice(keys)
    return value, {"answer": value}, value if kind == "single-choice" else int(value)


async def all_fill_in(port, seats, wave, questions, arrivals, thinking, at_most, pages):
    """Everybody fills in the wave: arrivals spread over `arrivals` seconds, `thinking` seconds each; whoever is not done after
    `at_most` seconds gives up. Gives the ledger; its `finished` is the seconds from the first arrival to the last sent questionnaire.
    """
    ledger, begin, acts = Ledger(), time.perf_counter(), []
    for number, seat in enumerate(seats):
        weights = [random.uniform(0.5, 1.5) for _ in questions]
        pauses = [thinking * weight / sum(weights) for weight in weights]
        person = Person(port, seat, wave, questions, number, ledger, pages)
        acts.append(asyncio.ensure_future(person.fill_in(random.uniform(0, arrivals), pauses)))
    done, late = await asyncio.wait(acts, timeout=at_most)
    for act in late:
        act.cancel()
        ledger.trouble["gave up", f"not done after {at_most} s"] += 1
    for error in filter(None, (act.exception() for act in done)):
        ledger.trouble["gave up", f"{type(error).__name__}: {error}"] += 1
    ledger.finished, ledger.lasted = max(0.0, ledger.finished - begin), time.perf_counter() - begin
    return ledger


def fault_of(client_id, value):
    """What the planted server (tests/bench/forgetful.py) does to an answer: one in 50 each, told from its id."""
    rest = uuid.UUID(client_id).int % 50
    if rest == 1 and not (isinstance(value, str) and value.isdigit()):
        return ""
    return {0: "lost", 1: "wrong", 2: "double"}.get(rest, "")
