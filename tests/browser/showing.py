"""What pages of a room show, read from them as people see it, and the same worked out from the log."""

import time

# What a page of the room shows: all parts, also those behind a tab.
SEEN = r"""() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const shown = (element) => element && !element.closest("[hidden]") ? element.textContent.trim() : null;
  const digits = (text) => Number((text ?? "").replace(/\D/g, ""));
  const question = (li) => ({ id: li.dataset.key, text: shown(li.querySelector(".words[data-text]")), answer: shown(li.querySelector("[data-text=answer]")),
    votes: shown(li.querySelector("[data-text=votes]")) === null ? null : digits(shown(li.querySelector("[data-text=votes]"))) });
  const board = (part) => all(".column", part).map((column) => [column.dataset.key, all(".sticky", column).map((note) => ({
    id: note.dataset.key, text: note.querySelector("[data-text=text]").textContent, country: shown(note.querySelector("[data-text=country]")) ?? "",
    also: all("[data-list=merged] li [data-text]", note).map((one) => one.textContent), answers: all("[data-list=answers] li [data-text]", note).map((one) => one.textContent).join("; "),
    votes: digits(shown(note.querySelector("[data-text=counted]"))) }))]);
  const chat = (part) => all("[data-list=chat] > li", part).map((li) => [li.dataset.key, shown(li.querySelector("[data-text=text]"))]);
  const group = document.querySelector("#group:not([hidden])");
  return {
    session: document.querySelector(".room-top [data-session]:not([hidden])").dataset.session,
    chat: chat(document.querySelector("#chat")),
    questions: all("#questions [data-list=questions] > li, #questions [data-list=settled] > li").map(question),
    polls: all("#polls .poll").map((card) => ({ id: card.dataset.key, open: shown(card.querySelector("[data-show=open]")) !== null,
      n: digits(shown(card.querySelector("[data-text=votes]"))),
      rows: all("[data-list=rows] li", card).map((row) => all("[data-text]", row).map((one) => one.textContent)) })),
    hands: all("#people [data-list=hands] > li").map((li) => [li.dataset.key, shown(li.querySelector("[data-show=called]")) !== null]),
    agenda: shown(document.querySelector("[data-now] h2")) === null ? null : document.querySelector("[data-list=agenda] .cur")?.dataset.key ?? null,
    timers: all("#now [data-list=timers] > li").map((li) => li.dataset.key),
    slide: shown(document.querySelector("[data-slide]")) === null ? null : document.querySelector("[data-picture]").getAttribute("src"),
    board: document.querySelector("#board:not([hidden])") ? board(document.querySelector("#board")) : null,
    group: group && { stream: group.dataset.st, chat: chat(group), board: board(group) },
  };
}"""
CONTROL_SEEN = r"""() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const number = (one) => one.id.replace(/.*-/, "");
  return {
    chat: all("#main-chat > li:not(#main-chat-none)").map((li) => [number(li), li.querySelector("p > i") ? null : [...li.querySelector("p").childNodes].slice(3).map((one) => one.textContent).join("").trim()]),
    questions: all("#questions ol > li").map((li) => [number(li), Number(li.querySelector("[data-tally]")?.textContent ?? -1)]),
    agenda: document.querySelector("#ros [aria-current=step]")?.id.replace(/.*-/, "") ?? null,
    hands: all("#hands li").map((li) => [number(li), Boolean(li.querySelector(".tag"))]),
    timers: all("#timers [id^=timer-]").map(number),
    notes: all("#board .cr-note").map(number),
  };
}"""


def expected(found, language="es", group=None):
    """The same as SEEN says, worked out from `backstage.state` of the main stream (and of `group`, {"stream", "found"})."""
    state, tallies = found["state"], found["tallies"]
    slides = state.get("slides", {})
    return {
        "session": state["session"]["state"],
        "chat": _chat(state),
        "questions": _questions(state, tallies),
        "polls": _polls(state, tallies, language),
        "hands": [[key, bool(one.get("called"))] for key, one in _by(state, "hands", "s")],
        "agenda": _current(state),
        "timers": [key for key, _one in _by(state, "timers", "ends_at")],
        "slide": f"{slides['deck']}/{slides['page']}/" if slides.get("deck") else None,
        "board": _board(state, tallies) if state.get("board", {}).get("columns") else None,
        "group": group and {"stream": group["stream"], "chat": _chat(group["found"]["state"]), "board": _board(group["found"]["state"], tallies)},
    }  # fmt: skip


def expected_in_control(found):
    state, tallies = found["state"], found["tallies"]
    asked = sorted(state.get("questions", {}).items(), key=lambda one: int(one[0]))
    open_ = {
        key: tallies.get(f"question:{key}", 0) if one["state"] == "open" else -1
        for key, one in asked
        if one["state"] in ("open", "answered")
    }
    return {
        "chat": _chat(state), "questions": open_, "hands": [[key, bool(one.get("called"))] for key, one in _by(state, "hands", "s")],
        "agenda": _current(state),
        "timers": sorted(state.get("timers", {})) if state["session"]["state"] != "ended" else [],
        "notes": sorted(key for key, one in state.get("notes", {}).items() if str(one.get("into")) not in state["notes"]),
    }  # fmt: skip


def _by(state, name, field):
    return sorted(state.get(name, {}).items(), key=lambda one: one[1][field])


def _current(state):
    """The item of the agenda, while there is one: nothing is current in a meeting that is over."""
    current = state.get("agenda", {}).get("current")
    return str(current) if current and state["session"]["state"] != "ended" else None


def _chat(state):
    return [[key, None if one.get("redacted") else one["text"]] for key, one in _by(state, "chat", "s")][-50:]


def _questions(state, tallies):
    rows = []
    for key, one in _by(state, "questions", "s"):
        votes = tallies.get(f"question:{key}", 0) if one["state"] == "open" else None
        text = None if one.get("redacted") else one["text"]
        rows.append((one["state"], {"id": key, "text": text, "answer": one.get("answer") or None, "votes": votes}))
    asked = sorted((row for state, row in rows if state == "open"), key=lambda row: -row["votes"])
    return asked + [row for state, row in rows if state in ("answered", "dismissed")]


def _polls(state, tallies, language):
    cards, sign = [], "\u00a0%" if language == "es" else "%"
    for key, one in state.get("polls", {}).items():
        is_open = one["state"] == "open"
        rows = [
            [
                row["text"].get(language) or next(iter(row["text"].values())),
                f"{row['count']} ({int(row['share'] * 100 + 0.5)}{sign})",
            ]
            for row in (one.get("results") or {}).get("rows", [])
        ]
        cards.append(
            (
                not is_open,
                -one["s"],
                {"id": key, "open": is_open, "n": tallies.get(f"poll:{key}", 0) if is_open else one.get("n", 0), "rows": rows},
            )
        )
    return [card for *_order, card in sorted(cards, key=lambda one: one[:2])]


def _board(state, tallies):
    notes, links = state.get("notes", {}), state.get("links", {}).values()
    ordered = sorted(notes.items(), key=lambda one: (one[1]["order"], one[1]["s"]))
    single = [(key, one) for key, one in ordered if str(one.get("into")) not in notes]
    shown = [
        (one["column"], {
            "id": key, "text": one["text"], "country": one.get("country", ""), "votes": tallies.get(f"note:{key}", 0),
            "also": [other["text"] for _key, other in ordered if str(other.get("into")) == key],
            "answers": "; ".join(notes[str(link["challenge"])]["text"] for link in links if str(link["action"]) == key),
        }) for key, one in single
    ]  # fmt: skip
    return [[column["key"], [one for at, one in shown if at == column["key"]]] for column in state["board"]["columns"]]


def seen(page):
    told = page.evaluate(SEEN)
    if told["slide"]:
        told["slide"] = told["slide"].split("/slides/")[1]
    return told


def seen_in_control(page):
    told = page.evaluate(CONTROL_SEEN)
    return {**told, "questions": dict(told["questions"]), "timers": sorted(told["timers"]), "notes": sorted(told["notes"])}


def agrees(look, want, seconds=20):
    """What `look()` shows is what `want()` gives, within so many seconds."""
    end = time.monotonic() + seconds
    while (shown := look()) != (wanted := want()):
        if time.monotonic() > end:
            parts = [name for name in wanted if shown.get(name) != wanted[name]]
            raise AssertionError("\n".join(f"{name}\n  shown  {shown.get(name)}\n  wanted {wanted[name]}" for name in parts))
        time.sleep(0.3)


def everybody_agrees(desk, meeting, pages, control, language="es"):
    """Each page shows what the log holds. `pages` is {page: stream of its group or None}; one without scripts is loaded anew."""
    for page, stream in pages.items():
        if not page.locator("[data-link-mark]:visible").count():
            page.reload()

        def wanted(stream=stream):
            group = stream and {"stream": stream, "found": desk.state(meeting, stream)}
            return expected(desk.state(meeting), language, group)

        agrees(lambda page=page: seen(page), wanted)
    agrees(lambda: seen_in_control(control), lambda: expected_in_control(desk.state(meeting)))


COUNTED = {"poll.vote", "qa.upvote", "board.vote", "react.send"}  # these are compared as counts; the log does not hold them


def nothing_is_lost_or_double(desk, cast):
    """Each acknowledged act is in the log once, under numbers without a gap."""
    logged = [cid for cid, kind in cast.acked.items() if kind not in COUNTED]
    assert len(logged) > 10
    assert {cast.acked[cid]: times for cid, times in desk.times_kept(logged).items() if times != 1} == {}
    assert desk.holes(cast.meeting) == []
