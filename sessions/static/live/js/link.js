// The connection of this tab with its room. Keeps `store` complete and tells in one word how it stands.
//
//   const link = openLink({ store, socket: "/ws/live/5/?v=1", events: "/ws/live/5/events", device: "browser", caps: [] })
//   link.state                 connecting | open | polling | waiting (between attempts, offline) | stopped
//   link.why                   when stopped: "login" | "forbidden" | "gone" | "ended" | "elsewhere" | "protocol"; else ""
//   link.on(type, act)         "state" → act(state, why), or any frame: welcome snap ev ack nack tally pres hb eph rtc bye → act(frame);
//                              the store has taken the frame already. Returns a function that ends it.
//   link.send(frame)           true when it left through the socket (eph, rtc; acts go through outbox.js)
//   link.here()                "use this tab": comes back after 4409 "elsewhere"
//   link.hear(st)              hosts who visit a group: asks for its stream (sync from 0); it stays in the store until the next welcome
//
// hello carries the cursors of the store, so a cursor never runs ahead of what is shown: they live as long as the state does, and the
// page brings both anew. The tab's id lives in sessionStorage. Backoff 0.2 to 3 s with full jitter; at once on wake-up; after three
// sockets that never welcomed us it long-polls, and tries the socket again each minute.
const CLOSED = { 4400: "protocol", 4401: "login", 4403: "forbidden", 4404: "gone", 4409: "elsewhere", 4410: "ended" };
const STATUS = { 401: "login", 403: "forbidden", 404: "gone", 410: "ended" };
const FIRST_WAIT = 200, LONGEST_WAIT = 3000, RATE_WAIT = 10_000, SILENCE = 10_000, MINUTE = 60_000;
const BEAT_EVENTS = 200, BEAT_BYTES = 128 * 1024;

export const newId = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const tabId = (anew) => {
  try {
    if (anew || !sessionStorage.getItem("live-tab")) sessionStorage.setItem("live-tab", newId());
    return sessionStorage.getItem("live-tab");
  } catch { return newId(); }
};

export const openLink = ({ store, socket: path, events, device = "browser", caps = [] }) => {
  const acts = new Map();
  const polls = new Map(); // stream → AbortController
  let socket, welcomed, timer, beats, quiet, pinned, failures = 0, beat = 15_000, tab = tabId();
  let seen = { events: 0, bytes: 0, at: 0 };

  const emit = (type, ...values) => acts.get(type)?.forEach((act) => act(...values));
  const become = (state, why = "") => {
    if (link.state === state && link.why === why) return;
    Object.assign(link, { state, why });
    emit("state", state, why);
  };
  const take = (frame) => {
    if (store.take(frame) === "gap") link.send({ t: "sync", st: frame.st, s: store.cursors()[frame.st]?.s ?? 0 });
    emit(frame.t, frame);
  };

  // --- heartbeat: tells what has arrived, and finds out whether anything is missing at the end or the line is dead ---
  const pulse = () => {
    seen = { events: 0, bytes: 0, at: Date.now() };
    const cur = Object.fromEntries(Object.entries(store.cursors()).map(([st, { s }]) => [st, s]));
    if (!link.send({ t: "hb", cur })) return;
    const own = socket;
    quiet ??= setTimeout(() => lost(own), SILENCE);
  };
  const heard = (text) => {
    quiet = clearTimeout(quiet);
    seen.bytes += text.length;
    const frame = JSON.parse(text);
    seen.events += frame.ev?.length ?? 0;
    if (frame.t === "welcome") welcome(frame);
    take(frame);
    if (frame.t === "hb") catchUp(frame.head);
    if (frame.t === "bye") leave(frame.in);
    // Timers of a hidden tab sleep, what arrives wakes it: so the lease of a hidden tab lives on.
    if (seen.events >= BEAT_EVENTS || seen.bytes >= BEAT_BYTES || Date.now() - seen.at > beat) pulse();
  };
  const catchUp = (heads) => {
    const late = store.behind(heads);
    if (late.length) setTimeout(() => store.behind(heads).filter((st) => late.includes(st)).forEach(link.hear), 500);
  };
  const welcome = (frame) => {
    welcomed = true;
    failures = 0;
    beat = (frame.hb ?? 15) * 1000;
    beats = clearInterval(beats) ?? setInterval(pulse, beat);
    seen.at = Date.now();
    stopPolls();
    become("open");
  };

  // --- opening and losing the socket ---
  const open = () => {
    timer = clearTimeout(timer);
    if (socket || link.state === "stopped") return;
    if (link.state !== "polling") become("connecting");
    welcomed = false;
    const own = (socket = new WebSocket(new URL(path, location.href.replace(/^http/, "ws"))));
    quiet = setTimeout(() => lost(own), SILENCE);
    own.onopen = () => own.send(JSON.stringify({ t: "hello", v: 1, tab, cur: store.cursors(), caps, device }));
    own.onmessage = ({ data }) => own === socket && heard(data);
    own.onclose = ({ code }) => lost(own, code);
  };
  const lost = (own, code) => {
    if (own !== socket) return;
    socket = null;
    own.close();
    beats = clearInterval(beats);
    quiet = clearTimeout(quiet);
    if (CLOSED[code]) return stop(CLOSED[code]);
    if (!welcomed) failures += 1;
    if (failures >= 3 && navigator.onLine) return poll();
    if (link.state !== "polling") become("waiting");
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures);
    again(code === 4429 ? RATE_WAIT : code === 4408 ? 0 : FIRST_WAIT + Math.random() * (most - FIRST_WAIT));
  };
  const again = (wait) => { clearTimeout(timer); timer = setTimeout(open, wait); };
  const leave = (wait) => { // a deploy: come back when asked to, not before, even if the page is looked at
    const own = socket;
    socket = null;
    pinned = Date.now() + wait;
    own?.close();
    beats = clearInterval(beats);
    become("waiting");
    again(wait);
  };
  const stop = (why) => {
    clearTimeout(timer);
    stopPolls();
    become("stopped", why);
  };
  const wake = () => {
    if (document.visibilityState !== "visible" || Date.now() < (pinned ?? 0)) return;
    if (link.state === "open") pulse();
    else if (link.state !== "stopped") open();
  };

  // --- no sockets here: one long poll per stream ---
  const poll = () => {
    become("polling");
    again(MINUTE);
    for (const st of Object.keys(store.streams)) if (!polls.has(st)) follow(st);
  };
  const stopPolls = () => {
    polls.forEach((abort) => abort.abort());
    polls.clear();
  };
  const follow = async (st) => {
    const abort = new AbortController();
    polls.set(st, abort);
    while (!abort.signal.aborted && link.state === "polling") {
      const { e = "", s = 0 } = store.cursors()[st] ?? {};
      const answer = await fetch(`${events}?${new URLSearchParams({ st, since: s, e, tab })}`, { signal: abort.signal }).catch(() => null);
      if (abort.signal.aborted) return;
      if (answer?.ok) [await answer.json().catch(() => [])].flat().forEach(take);
      else if (answer && STATUS[answer.status] && st === "main") return stop(STATUS[answer.status]);
      else if (answer && STATUS[answer.status]) break;
      else await new Promise((done) => setTimeout(done, LONGEST_WAIT * (0.5 + Math.random())));
    }
    polls.delete(st);
  };

  const link = {
    state: "", why: "",
    on: (type, act) => {
      if (!acts.has(type)) acts.set(type, new Set());
      acts.get(type).add(act);
      return () => acts.get(type).delete(act);
    },
    send: (frame) => {
      if (socket?.readyState !== WebSocket.OPEN || !welcomed) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
    hear: (st) => link.send({ t: "sync", st, s: store.cursors()[st]?.s ?? 0 }),
    here: () => {
      tab = tabId(true);
      become("waiting");
      open();
    },
  };
  document.addEventListener("visibilitychange", wake);
  for (const name of ["pageshow", "online"]) addEventListener(name, wake);
  addEventListener("offline", () => socket && lost(socket));
  open();
  return link;
};
