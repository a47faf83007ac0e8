// The room of a participant: what the server drew goes on by itself. Parts draw themselves from the store.
import { $, $$, clock, fill, list, number, show, sorted, word, write } from "./bind.js";
import { createStore } from "./store.js";
import { openLink } from "./link.js";
import { createOutbox } from "./outbox.js";
import { enhance } from "./acts.js";
import { chat, people, questions } from "./talk.js";
import { polls, stage } from "./stage.js";
import { board, group } from "./together.js";

const root = $("[data-room]");
const page = JSON.parse($("#room-state").textContent);
const store = createStore(page);
const device = new URLSearchParams(location.search).has("companion") ? "companion" : "browser";
const link = openLink({ store, socket: page.doors.socket, events: page.doors.events, device, caps: $("[data-media]") ? ["rtc"] : [] });
const outbox = createOutbox({ link, meeting: page.meeting, acts: page.doors.acts, csrf: $("[name=csrfmiddlewaretoken]").value });

// --- one polite voice, used sparsely; the same words twice are spoken twice ---
const voice = $("[data-say]");
const say = (text) => {
  voice.textContent = "";
  setTimeout(() => { voice.textContent = text; }, 100);
};

// --- the parts as tabs: one at a time on a phone, beside the stage on a wide screen ---
const side = new Set($$(".room-side [data-view]").map((part) => part.dataset.view));
let view = "now", beside = "chat";
const fresh = {};
const open = (name) => {
  view = name;
  if (side.has(name)) beside = name;
  for (const part of $$("[data-view]", root)) {
    part.classList.toggle("off", part.dataset.view !== view);
    part.classList.toggle("off-side", side.has(part.dataset.view) && part.dataset.view !== beside);
  }
  for (const tab of $$("[data-tab]")) {
    const current = tab.dataset.tab === (tab.closest(".side-tabs") ? beside : view);
    current ? tab.setAttribute("aria-current", "true") : tab.removeAttribute("aria-current");
  }
  told(name, 0);
  root.dispatchEvent(new Event("live:view")); // lists that were hidden can scroll now
};
const wide = matchMedia("(min-width: 60rem)");
const isSeen = (name) => document.visibilityState === "visible" && name === (wide.matches && side.has(name) ? beside : view);
const told = (name, count) => {
  fresh[name] = count;
  $$(`[data-new="${name}"]`).forEach((badge) => { write(badge, count ? word("new", { n: count }) : ""); show(badge, count); });
};
const isNew = (name, count) => !isSeen(name) && told(name, (fresh[name] ?? 0) + count);
$$("[data-tabs]").forEach((tabs) => tabs.addEventListener("click", (event) => {
  const name = event.target.closest("[data-tab]")?.dataset.tab;
  if (!name) return;
  event.preventDefault();
  history.replaceState(null, "", `#${name}`);
  open(name);
  if (!wide.matches) scrollTo(0, 0);
}));
const start = location.hash && $(location.hash.replace(/[^#\w-]/g, ""), root)?.closest("[data-view]");
open(start ? start.dataset.view : "now");
document.addEventListener("visibilitychange", () => isSeen(view) && told(view, 0));

// --- how the connection stands ---
let wasLost = false;
const connection = (state, why) => {
  show($("[data-link-mark]"), true);
  $$("[data-link]").forEach((words) => show(words, words.dataset.link.split(" ").includes(state)));
  show($("[data-stopped]"), state === "stopped");
  $$("[data-why]").forEach((note) => show(note, note.dataset.why.split(" ").includes(why)));
  if (state === "waiting" && !wasLost) wasLost = setTimeout(() => say(word("say-lost")), 3000);
  if (state === "open" && wasLost) {
    clearTimeout(wasLost);
    wasLost = say(word("say-back"));
  }
};
link.on("state", connection);
connection(link.state, link.why);
$("[data-here]")?.addEventListener("click", () => link.here());

// --- the session, the agenda, timers ---
let state = store.get("session")?.state;
store.subscribe("session", (session) => {
  $$("[data-session]").forEach((part) => show(part, part.dataset.session.split(" ").includes(session.state)));
  $$("[data-open]").forEach((part) => show(part, part.dataset.open.split(" ").includes(session.state)));
  if (session.state !== state) say(word(`say-${session.state}`));
  if (session.state === "ended") show($("[data-now]"), false);
  state = session.state;
});
store.subscribe("agenda", ({ items = [], current, started_at: started, planned_start: planned }) => {
  const at = items.findIndex(({ id }) => id === current);
  const item = items[at];
  show($("[data-now]"), item && store.get("session")?.state !== "ended");
  if (item) {
    const late = Math.max(0, Math.floor((started - planned) / 60000));
    fill($("[data-now]"), {
      title: word("now", { title: item.title, place: at + 1, count: items.length }), who: item.who,
      until: word("until", { time: clock(started + item.minutes * 60000) }), late: late && word("late", { n: late }),
    });
  }
  if (!items.length) return;
  show($("[data-agenda]"), true);
  list($("[data-list=agenda]"), items.map((one, place) => [one.id, { ...one, place }]), (element, one) => fill(element, {
    title: one.title, minutes: `${number(one.minutes)} min`, who: one.who, cls: one.place === at ? "cur" : one.place < at ? "done" : "",
    done: at >= 0 && one.place < at, current: one.place === at,
  }));
});
const left = (until) => {
  const seconds = Math.ceil((until - store.now()) / 1000);
  if (seconds <= 0) return word("over");
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};
const timers = (part, st) => store.subscribe("timers", (all) => {
  list($("[data-list=timers]", part), sorted(all, (one) => one.ends_at), (element, one) => {
    fill(element, { label: one.label });
    $(".clock", element).dataset.until = one.ends_at;
  });
  tick();
}, st);
const tick = () => $$("[data-until]").forEach((text) => write(text, text.dataset.until ? left(Number(text.dataset.until)) : ""));
timers($("#now"));
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);

// --- reactions: how many in the last ten seconds ---
const reactions = {};
store.subscribe("tallies", (all, frame) => {
  if (frame?.k !== "reaction") return;
  const count = $(`[data-reaction="${CSS.escape(frame.id)}"] [data-count]`);
  write(count, frame.n ? number(frame.n) : "");
  clearTimeout(reactions[frame.id]);
  reactions[frame.id] = setTimeout(() => write(count, ""), 10000);
});

// --- parts and acts ---
const hooks = {};
const room = { root, page, store, link, outbox, say, isNew, isSeen, open, timers, hooks };
[chat, questions, people, polls, stage, board, group].forEach((part) => part(room));
enhance(root, { outbox, say, before: (kind, body, element) => hooks[kind]?.(body, element) });
const media = $("[data-media]");
$("[data-media-open]")?.addEventListener("click", async () => {
  if (media.dataset.started) return;
  media.dataset.started = "yes";
  try { (await import(media.dataset.module)).start(media, room); } catch { delete media.dataset.started; }
});
store.subscribe("media", ({ backup }) => $$("[data-backup]").forEach((note) => {
  show(note, backup);
  $("a", note).href = backup ?? "";
}));
