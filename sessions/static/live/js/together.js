import { $, $$, fill, list, pick, show, sorted, word, write } from "./bind.js";
import { streamOf } from "./acts.js";

// The board, one's breakout group. See sessions/CLIENT.md

export const board = (room) => {
  const voted = new Set(room.page.own.notes.map(String));
  const renders = $$("[data-part=board]", room.root).map((part) => follow(part, room, voted));
  room.hooks["board.vote"] = ({ id, up }) => {
    const mark = (is) => { is ? voted.add(String(id)) : voted.delete(String(id)); renders.forEach((render) => render()); };
    mark(up);
    return ({ ok }) => ok || mark(!up);
  };
};

const act = (name, b) => JSON.stringify({ k: `board.${name}`, b });
const options = (select, rows) => {
  const value = select.value;
  const signature = JSON.stringify(rows);
  if (select.drawn === signature) return;
  select.drawn = signature;
  select.replaceChildren(...rows.map(([key, text]) => new Option(text, key)));
  if (rows.some(([key]) => key === value)) select.value = value;
};

const follow = (part, { store }, voted) => {
  const votes = (note) => store.tally("note", note.id)?.n ?? 0;
  const drawNote = (board, columns) => (element, note) => {
    const isFree = !board.locked && board.phase !== "closed";
    const mayChange = (note.u === store.me.u || store.me.role === "host") && isFree;
    $$("[data-options=columns]", element).forEach((select) => options(select, columns));
    fill(element, {
      ...note, name: note.n, may_change: mayChange, voted: note.voted, votable: board.phase === "vote" && !board.locked,
      counted: note.votes ? word("votes", { n: note.votes }) : "", vote_words: word(note.voted ? "unvote" : "vote"),
      act: act("vote", { id: note.id, up: !note.voted }), remove: act("remove", { id: note.id }), linked: note.answers.length,
    });
    for (const name of ["merged", "answers"]) {
      list($(`[data-list=${name}]`, element), note[name].map((one) => [one.undo, one]), (item, { text, undo }) => fill(item, { text, undo, isFree }));
    }
  };
  const render = () => {
    const st = streamOf(part);
    const state = store.get("board", st);
    if (!state) return;
    show(part, state.columns?.length);
    if (!state.columns?.length) return;
    const all = store.get("notes", st);
    const notes = sorted(all, (one) => one.order * 1e6 + one.s).map(([key, one]) => ({ ...one, key, voted: voted.has(key), votes: votes(one), answers: [], merged: [], undo: act("cluster", { ids: [one.id], into: null }) }));
    const byKey = Object.fromEntries(notes.map((note) => [note.key, note]));
    for (const [id, { action, challenge }] of Object.entries(store.get("links", st))) if (byKey[action] && byKey[challenge]) byKey[action].answers.push({ text: byKey[challenge].text, undo: act("unlink", { id }) });
    const single = notes.filter((note) => !byKey[note.into] || !byKey[note.into].merged.push(note));
    const isOn = ["live", "paused"].includes(store.get("session")?.state);
    const columns = state.columns.map(({ key, title }) => [key, pick(title)]);
    list($("[data-list=columns]", part), state.columns.map((column) => [column.key, { ...column }]), (element, column) => {
      const own = single.filter((note) => note.column === column.key);
      list($("[data-list=notes]", element), own.map((note) => [note.key, note]), drawNote(state, columns));
      fill(element, { title: pick(column.title), key: column.key, none: !own.length, writable: isOn && !state.locked && ["collect", "discuss"].includes(state.phase) });
    });
    $$("[data-phase]", part).forEach((words) => show(words, words.dataset.phase === state.phase));
    show($("[data-locked]", part), state.locked);
    write($("[data-votes-left]", part), word("left", { n: Math.max(0, state.votes_each - notes.filter((note) => note.voted).length) }));
    const ofRole = (role) => single.filter((note) => state.columns.some((column) => column.key === note.column && column.role === role));
    const rows = { notes: single, action: ofRole("action"), challenge: ofRole("challenge") };
    $$("[data-arrange] [data-options]", part).forEach((select) => options(select, rows[select.dataset.options].map((note) => [note.key, note.text])));
    show($("[data-linkable]", part), rows.action.length && rows.challenge.length);
    show($("[data-arrange]", part), isOn && !state.locked && state.phase !== "closed" && single.length > 1);
  };
  for (const name of ["board", "notes", "links"]) store.subscribe(name, render, () => streamOf(part));
  store.subscribe("session", render);
  store.subscribe("tallies", (_all, frame) => frame?.k === "note" && render());
  return render;
};

export const group = ({ store, link, root, say, open, timers }) => {
  const part = $("#group", root);
  const tabs = $$("[data-group-tab]");
  let at = part.dataset.st, breakout = store.get("breakout")?.state;

  const render = () => {
    const [id, one] = Object.entries(store.get("groups") ?? {}).find(([, { people = [] }]) => people.some(({ u }) => u === store.me.u)) ?? [];
    const known = `group:${id}`;
    show(part, one);
    tabs.forEach((tab) => show(tab, one));
    if (!one) return;
    if (known !== at) {
      at = part.dataset.st = known;
      $$("[data-list]", $("[data-group-body]", part)).forEach((list) => list.replaceChildren()); // another group's words
    }
    const state = store.get("breakout") ?? {};
    if (!store.streams[known] && state.state) link.hear(known);
    const isThere = Boolean(store.streams[known]);
    fill(part, { title: one.name || word("group", { number: one.number }), task: one.task, names: (one.people ?? []).map(({ n }) => n).join(", ") });
    $$("[data-breakout]", part).forEach((note) => show(note, note.dataset.breakout === (state.state ?? "")));
    show($("[data-loading]", part), !isThere && state.state);
    show($("[data-group-body]", part), isThere && state.state);
    $("[data-left]", part).dataset.until = (state.state !== "closed" && state.ends_at) || "";
    if (state.state === breakout) return;
    breakout = state.state;
    if (breakout === "open") { say(word("say-group")); setTimeout(() => open("group"), Math.random() * 1000 * (state.jitter ?? 0)); }
    if (breakout === "recalled") say(word("say-recalled"));
    if (breakout === "closed") open("now");
  };
  for (const name of ["groups", "breakout"]) store.subscribe(name, render);
  store.subscribe("streams", render);
  timers($("[data-group-body]", part), () => part.dataset.st);
  render();
};
