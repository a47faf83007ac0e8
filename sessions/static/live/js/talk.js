import { $, $$, clock, fill, list, number, show, sorted, word, write } from "./bind.js";
import { streamOf } from "./acts.js";

// Chat, questions, people. See sessions/CLIENT.md

const EDIT_TIME = 300_000, NEAR = 80;

export const chat = (room) => $$("[data-part=chat]", room.root).forEach((part) => follow(part, room));

const follow = (part, { store, page, isNew, outbox, root }) => {
  const box = $("[data-list=chat]", part);
  const view = part.closest("[data-view]").dataset.view;
  const shown = new Map(); // stream → number of the first message that is shown
  const toEnd = () => { box.scrollTop = box.scrollHeight; show($("[data-fresh]", part), false); };
  const draw = (element, message) => {
    const own = message.u === store.me.u;
    fill(element, {
      name: message.n, time: clock(message.at), country: page.countries[message.u], text: message.redacted ? "" : message.text,
      edited: message.edited && !message.redacted, redacted: message.redacted, id: element.dataset.key,
      may_redact: (own || store.me.role === "host") && !message.redacted,
      may_edit: own && !message.redacted && store.now() - message.at < EDIT_TIME,
      redact: JSON.stringify({ k: "chat.redact", b: { id: message.s } }),
    });
  };
  store.subscribe("chat", (all, events) => {
    const st = streamOf(part);
    const rows = sorted(all, (one) => one.s);
    if (!shown.has(st)) shown.set(st, Number(box.firstElementChild?.dataset.key ?? rows.at(-50)?.[1].s ?? 0));
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    list(box, rows.filter(([, one]) => one.s >= shown.get(st)), draw);
    show($("[data-empty]", part), !rows.length);
    const others = events?.filter(({ k, u }) => k === "chat.post" && u !== store.me.u).length;
    if (others) isNew(view, others);
    if (atEnd || !events || events.some(({ u }) => u === store.me.u)) toEnd();
    else if (others) show($("[data-fresh]", part), true);
  }, () => streamOf(part));
  box.addEventListener("scroll", () => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR && show($("[data-fresh]", part), false));
  $("[data-to-end]", part).addEventListener("click", () => { toEnd(); box.focus({ preventScroll: true }); });
  root.addEventListener("live:view", toEnd);
  toEnd();
};

// Questions from the floor: open ones by votes, then what was settled.

export const questions = ({ store, page, root, isNew, hooks }) => {
  const part = $("#questions", root);
  const up = new Set(page.own.questions.map(String)); // the server does not tell this again: the tab remembers
  const votes = (id) => store.tally("question", id)?.n ?? 0;
  const draw = (element, one) => {
    const own = one.u === store.me.u;
    fill(element, {
      ...one, name: one.n, country: page.countries[one.u], text: one.redacted ? "" : one.text, votes: number(one.votes), up: one.up, own,
      open: one.state === "open", answered: one.state === "answered", dismissed: one.state === "dismissed" && !one.redacted,
      may_redact: (own || store.me.role === "host") && !one.redacted,
      act: JSON.stringify({ k: "qa.upvote", b: { id: one.id, up: !one.up } }), redact: JSON.stringify({ k: "qa.redact", b: { id: one.id } }),
    });
  };
  const render = () => {
    const all = store.get("questions");
    if (!all) return;
    const rows = sorted(all, (one) => one.s).map(([key, one]) => [key, { ...one, votes: votes(one.id), up: up.has(key) }]);
    const asked = rows.filter(([, one]) => one.state === "open").sort(([, one], [, other]) => other.votes - one.votes);
    const settled = rows.filter(([, one]) => ["answered", "dismissed"].includes(one.state));
    list($("[data-list=questions]", part), asked, draw);
    list($("[data-list=settled]", part), settled, draw);
    show($("[data-empty]", part), !asked.length);
    show($("[data-settled]", part), settled.length);
  };
  store.subscribe("questions", (all, events) => {
    render();
    const others = events?.filter(({ k, u }) => k === "qa.ask" && u !== store.me.u).length;
    if (others) isNew("questions", others);
  });
  store.subscribe("tallies", (all, frame) => frame?.k === "question" && render());
  hooks["qa.upvote"] = ({ id, up: on }) => {
    const mark = (is) => { is ? up.add(String(id)) : up.delete(String(id)); render(); };
    mark(on);
    return ({ ok }) => ok || mark(!on);
  };
};

// Who is here, and whose hand is up in which order.

export const people = ({ store, link, page, root, say, open }) => {
  const part = $("#people", root);
  let called = false;

  store.subscribe("hands", (hands) => {
    const mine = hands[store.me.u];
    list($("[data-list=hands]", part), sorted(hands, (one) => one.s), (element, one) => fill(element, {
      name: one.n, country: page.countries[one.u], called: one.called,
    }));
    show($("[data-empty]", part), !Object.keys(hands).length);
    $$("[data-hand]", root).forEach((button) => {
      button.value = JSON.stringify({ k: mine ? "hand.down" : "hand.up", b: {} });
      button.setAttribute("aria-pressed", Boolean(mine));
    });
    show($("[data-called]", root), mine?.called);
    $$("[data-hand-is]", root).forEach((words) => show(words, (words.dataset.handIs === "up") === Boolean(mine)));
    if (mine?.called && !called) say(word("say-called"));
    called = Boolean(mine?.called);
  });

  let heard = false; // until the list has come, what the server drew stands
  link.on("pres", () => { heard = true; render(store.people); });
  store.subscribe("people", (all) => heard && render(all));
  const render = (all) => {
    for (const one of all.values()) if (one.c) page.countries[one.u] = one.c;
    const rows = [...all.values()].sort((one, other) => one.n.localeCompare(other.n)).map((one) => [one.u, one]);
    list($("[data-list=people]", part), rows, (element, one) => fill(element, { name: one.n, country: one.c, host: one.role === "host" }));
    show($("[data-nobody]", part), !rows.length);
    write($("[data-here-count]", part), `(${number(rows.length)})`);
    const count = $("[data-people-count]", root);
    write(count, word("here", { n: rows.length }));
    show(count, rows.length);
  };
};
