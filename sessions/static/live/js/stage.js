import { $, $$, fill, list, number, percent, pick, show, word, write } from "./bind.js";

// Polls, slides. See sessions/CLIENT.md

export const polls = ({ store, link, page, root, say, outbox, hooks }) => {
  const key = `live-votes-${page.meeting}`;
  let { votes } = page.own;
  try { votes = { ...votes, ...JSON.parse(sessionStorage.getItem(key)) }; } catch { /* no storage: remembered as long as the page */ }
  const remember = (id, vote) => {
    vote ? votes[id] = vote : delete votes[id];
    try { sessionStorage.setItem(key, JSON.stringify(votes)); } catch { /* as above */ }
  };
  const voteOf = ({ id, round }) => (votes[id]?.round === round ? votes[id] : null);

  const option = (poll, kind, { key: name, value, text }) => {
    const isPlace = poll.question.kind === "ordering";
    const label = document.getElementById(isPlace ? "t-place" : "t-mark").content.firstElementChild.cloneNode(true);
    label.dataset.key = name ?? value;
    const control = $("select, input", label);
    if (isPlace) {
      control.name = `place_${name}`;
      poll.question.items.forEach((_, place) => control.add(new Option(place + 1, place + 1)));
    } else Object.assign(control, { type: kind, value: name ?? value });
    write($("[data-text]", label), pick(text));
    return label;
  };
  // The controls of a card are made once per round and never again: nobody's choice is taken from under the finger.
  const controls = (card, poll) => {
    const { kind, choices, items, scale } = poll.question;
    const box = $("[data-choices]", card);
    if (box.children.length && Number(card.dataset.round) === poll.round) return;
    card.dataset.round = poll.round;
    const type = kind === "multiple-choice" ? "checkbox" : "radio";
    if (kind === "short-text") {
      box.replaceChildren(document.getElementById("t-field").content.cloneNode(true));
      $("input", box).maxLength = poll.question.longest;
    } else box.replaceChildren(...(choices ?? items ?? scale ?? []).map((one) => option(poll, type, one)));
  };
  const restore = (card, vote) => {
    if (!vote || card.restored === vote.round) return;
    card.restored = vote.round;
    for (const input of $$("[data-choices] input, [data-choices] select", card)) {
      if (/radio|checkbox/.test(input.type)) input.checked = [vote.value].flat().map(String).includes(input.value);
      else input.value = input.name === "value" ? vote.value : vote.value[input.name.slice(6)] ?? "";
    }
  };
  const status = (card, poll) => {
    const vote = voteOf(poll);
    if (card.refused) return write($("[data-status]", card), card.refused);
    const how = !vote ? "" : vote.sent ? (vote.now ? "vote-sent" : "vote-kept") : ["open", "polling"].includes(link.state) ? "vote-sending" : "vote-waiting";
    write($("[data-status]", card), how && word(how));
  };
  const draw = (card, poll) => {
    const { question, state, results } = poll;
    const isOn = ["live", "paused"].includes(store.get("session")?.state);
    const votable = state === "open" && isOn;
    fill(card, {
      text: pick(question.text), hint: pick(question.hint), id: poll.id, round: poll.round, votable, late: !votable && card.refused, asked: !votable, still: state === "open" && !isOn,
      shape: { "multiple-choice": "many", confidence: "number" }[question.kind] ?? "", open: state === "open", shut: state !== "open",
      wait: state === "closed", few: state === "shown" && !results, rows: results?.rows?.length, words: results?.words?.length,
      wave: pick(poll.wave), anonymous: poll.promise === "anonymous", identified: poll.promise === "identified", votes: word("votes", { n: poll.count }),
    });
    controls(card, poll);
    restore(card, voteOf(poll));
    status(card, poll);
    const bars = (results?.rows ?? []).map((row) => [row.key, row]);
    list($("[data-list=rows]", card), bars, (element, row) => {
      const share = Math.round((row.share ?? 0) * 100);
      fill(element, { text: pick(row.text), count: `${number(row.count)} (${percent(share)})`, width: `${share}%` });
    });
    list($("[data-list=words]", card), (results?.words ?? []).map((one) => [one.text, one]), (element, one) => fill(element, { text: one.text, count: number(one.count) }));
  };
  const render = () => {
    const all = Object.entries(store.get("polls") ?? {}).filter(([, poll]) => poll.state !== "prepared");
    const rows = all.map(([id, poll]) => [id, { ...poll, count: poll.state === "open" ? store.tally("poll", poll.id)?.n ?? 0 : poll.n ?? 0 }]);
    rows.sort(([, one], [, other]) => (other.state === "open") - (one.state === "open") || other.s - one.s);
    const open = rows.filter(([, poll]) => poll.state === "open");
    const current = open.length ? open : rows.slice(0, 1);
    const earlier = rows.filter((row) => !current.includes(row));
    list($("[data-list=polls]", root), current, draw);
    list($("[data-list=earlier]", root), earlier, draw);
    show($("[data-earlier]", root), earlier.length);
  };
  store.subscribe("polls", (all, events) => {
    render();
    if (events?.some(({ k }) => k === "poll.open")) say(word("say-poll"));
    if (events?.some(({ k }) => k === "poll.reveal")) say(word("say-results"));
  });
  store.subscribe("session", render);
  store.subscribe("tallies", (_all, frame) => frame?.k === "poll" && render());
  link.on("state", render);

  hooks["poll.vote"] = ({ id, value, round }, form) => {
    const card = form.closest(".poll");
    const poll = store.get("polls")?.[id];
    if (!poll) return false;
    card.refused = "";
    const vote = { round, value, sent: false, now: true };
    remember(id, vote);
    render();
    return ({ ok, text }) => {
      if (ok) vote.sent = true;
      else card.refused = text;
      if (votes[id]?.value === value) remember(id, ok ? vote : null);
      render();
    };
  };
  // Votes of an earlier load of this tab that the server has not had yet are in the outbox; the others it has.
  for (const vote of Object.values(votes)) Object.assign(vote, { now: false });
  outbox.subscribe((items) => {
    for (const [id, vote] of Object.entries(votes)) if (!vote.now) vote.sent = !items.some(({ k, b }) => k === "poll.vote" && String(b.id) === id);
  });
  render();
};

export const stage = ({ store, page, root }) => {
  const part = $("#stage", root);
  const picture = $("[data-picture]", part);
  let own = Number(new URLSearchParams(location.search).get("page")) || 0; // 0: follow

  const address = ({ deck }, number) => page.doors.slide.replace("{deck}", deck).replace("{page}", number);
  const render = () => {
    const slides = store.get("slides") ?? {};
    const isOn = Boolean(slides.deck && page.doors.slide);
    if (!isOn) own = 0;
    show($("[data-slide]", part), isOn);
    show($("[data-no-stage]", part), !isOn && !store.get("board")?.columns?.length);
    if (!isOn) return;
    const number = Math.min(Math.max(own || slides.page, 1), slides.count);
    const source = address(slides, number);
    if (picture.getAttribute("src") !== source) {
      picture.removeAttribute("width"); // another page may have another shape
      picture.removeAttribute("height");
      picture.src = source;
      text(source);
    }
    write($("[data-text=where]", part), word("slide", { title: slides.title, page: number, count: slides.count }));
    for (const button of $$("[data-pace]", part)) {
      const step = Number(button.dataset.pace);
      show(button, step ? number + step >= 1 && number + step <= slides.count : own && own !== slides.page);
    }
  };
  // The words of a slide for those who cannot see it; they stand below its address.
  const text = async (source) => {
    const answer = await fetch(`${source}text/`).catch(() => null);
    const said = answer?.ok ? await answer.text() : "";
    if (picture.getAttribute("src") !== source) return;
    picture.alt = said || $("[data-text=where]", part).textContent;
    write($("[data-words]", part), said);
    show($("[data-slide-text]", part), said);
  };
  picture.addEventListener("error", () => show($("[data-slide-error]", part), true));
  picture.addEventListener("load", () => show($("[data-slide-error]", part), false));
  part.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pace]");
    if (!button) return;
    event.preventDefault();
    const slides = store.get("slides");
    const step = Number(button.dataset.pace);
    own = step ? (own || slides.page) + step : 0;
    render();
    if (button.hidden) $("[data-pace]:not([hidden])", part)?.focus();
  });
  store.subscribe("slides", render);
  store.subscribe("board", render);
};
