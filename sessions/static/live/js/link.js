// The connection of this tab with its room. API: sessions/CLIENT.md
const CLOSED = { 4400: "protocol", 4401: "login", 4403: "forbidden", 4404: "gone", 4409: "elsewhere", 4410: "ended" };
const STATUS = { 401: "login", 403: "forbidden", 404: "gone", 409: "elsewhere", 410: "ended" };
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
  const visited = new Set(); // streams that this tab asked for by itself
  let socket, welcomed, timer, beats, quiet, pinned, polling, failures = 0, beat = 15_000, tab = tabId();
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
    rest();
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures);
    again(code === 4429 ? RATE_WAIT : code === 4408 ? 0 : FIRST_WAIT + Math.random() * (most - FIRST_WAIT));
  };
  const rest = () => {
    stopPolls();
    become("waiting");
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

  // --- no sockets here: a long poll for all streams ---
  const poll = () => {
    if (link.state !== "polling") become("waiting");
    again(MINUTE);
    if (!polling) follow((polling = new AbortController()).signal);
  };
  const stopPolls = () => { polling = polling?.abort(); };
  const follow = async (signal) => {
    let isDown = false;
    while (!signal.aborted) {
      // An answer may take half a minute; a server that is away fails at once.
      const fine = setTimeout(() => become("polling"), 1000);
      const asked = new URLSearchParams({ tab, device });
      const cursors = store.cursors();
      for (const st of new Set([...Object.keys(cursors), ...visited])) {
        asked.append("st", st);
        asked.append("since", cursors[st]?.s ?? 0);
        asked.append("e", cursors[st]?.e ?? "");
      }
      const answer = await fetch(`${events}?${asked}`, { signal }).catch(() => null);
      const frames = answer?.ok ? await answer.json().catch(() => []) : null;
      clearTimeout(fine);
      if (signal.aborted) return;
      if (frames) {
        become("polling");
        if (frames.some((frame) => frame.t === "pres")) store.people.clear(); // answers bring everybody anew
        frames.forEach(take);
        if (isDown) again(Math.random() * LONGEST_WAIT); // the line was at fault, not the socket
        isDown = false;
        continue;
      }
      isDown = true;
      become("waiting");
      if (STATUS[answer?.status]) return stop(STATUS[answer.status]);
      await new Promise((done) => setTimeout(done, LONGEST_WAIT * (0.5 + Math.random())));
    }
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
    hear: (st) => {
      visited.add(st);
      link.send({ t: "sync", st, s: store.cursors()[st]?.s ?? 0 });
    },
    here: () => {
      tab = tabId(true);
      become("waiting");
      open();
    },
  };
  document.addEventListener("visibilitychange", wake);
  for (const name of ["pageshow", "online"]) addEventListener(name, wake);
  addEventListener("offline", () => (socket ? lost(socket) : link.state === "polling" && rest()));
  open();
  return link;
};
