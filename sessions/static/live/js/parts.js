// Keeps the parts of a page true that the server draws ([data-parts]): after each change in the room it asks for them again and puts
// what changed in place. Clocks and countdowns run here. Used by the control room, the projector and the hall screen.
//
//   const { store, link, page, refresh } = follow({ wants })    wants(event frame) says whether an event changes what this page shows
//   await refresh()                                             now, or right after the one that is under way
// Elements: data-clock="America/Bogota", data-ends="<ms>" (counts down), data-since="<ms>" (counts up), data-tally="poll:5" (its n),
// data-bottom (a list that stays at its newest line if it was there).
import { openLink } from "./link.js";
import { fill } from "./morph.js";
import { createStore } from "./store.js";

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const GAP = 500, SLOW = 1500, AGAIN = 30_000, NEAR = 40;
const portuguese = document.documentElement.lang.startsWith("pt");

const minutes = (milliseconds) => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const clock = (zone, now) => {
  const text = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(now);
  return portuguese ? text.replace(":", "h") : text;
};

export const follow = ({ wants = () => true } = {}) => {
  const page = JSON.parse(document.getElementById("follow").textContent);
  const parts = document.querySelector("[data-parts]");
  const streams = Object.fromEntries(Object.entries(page.streams).map(([st, at]) => [st, { ...at, state: at.state ?? {} }]));
  const store = createStore({ fold: page.fold, now: page.now, me: {}, streams });
  const link = openLink({ store, socket: page.socket, events: page.events, device: page.device, caps: document.querySelector("[data-media]") ? ["rtc"] : [] });

  const tick = () => {
    const now = store.now();
    $$("[data-clock]").forEach((one) => write(one, clock(one.dataset.clock, now)));
    $$("[data-ends]").forEach((one) => write(one, minutes(Number(one.dataset.ends) - now)));
    $$("[data-since]").forEach((one) => write(one, minutes(now - Number(one.dataset.since))));
  };
  const put = (html) => {
    const wanted = document.createElement("template");
    wanted.innerHTML = html; // the server's own page; nothing in a template runs or loads
    const followed = $$("[data-bottom]").filter((list) => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR);
    const focused = document.activeElement;
    const home = parts.contains(focused) && focused.closest("section[id]");
    fill(parts, wanted.content);
    followed.forEach((list) => { list.scrollTop = list.scrollHeight; });
    if (home && !document.contains(focused)) document.getElementById(home.id)?.focus({ preventScroll: true });
    tick();
  };

  let asking, timer;
  const ask = async () => {
    timer = clearTimeout(timer);
    const address = new URL(location.href);
    address.searchParams.set("part", "1");
    const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) put(await answer.text());
    soon(answer?.ok ? AGAIN : 4 * SLOW);
  };
  const refresh = () => (asking = Promise.resolve(asking).then(ask));
  const soon = (wait) => {
    const due = Date.now() + wait;
    if (timer && soon.due <= due) return;
    clearTimeout(timer);
    soon.due = due;
    timer = setTimeout(refresh, wait);
  };

  link.on("ev", ({ ev }) => { if (ev.some(wants)) soon(Date.now() - (soon.last ?? 0) > GAP ? 0 : GAP); soon.last = Date.now(); });
  link.on("tally", ({ k, id, n }) => {
    $$(`[data-tally="${k}:${id}"]`).forEach((one) => write(one, String(n)));
    soon(SLOW);
  });
  link.on("pres", () => soon(SLOW));
  link.on("snap", () => soon(0));
  link.on("welcome", () => Object.keys(page.streams).filter((st) => st.startsWith("group:")).forEach(link.hear));
  document.addEventListener("visibilitychange", () => { tick(); if (!document.hidden) soon(0); });
  $$("[data-bottom]").forEach((list) => { list.scrollTop = list.scrollHeight; });
  setInterval(tick, 1000);
  tick();
  soon(AGAIN);
  return { store, link, page, refresh };
};
