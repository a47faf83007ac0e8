// What this person does, until the server has it: kept in sessionStorage, sent one by one, again until acknowledged. API: sessions/CLIENT.md
import { newId } from "./link.js";

const PATIENCE = 10_000, RETRY = 800;
const pause = (time) => new Promise((done) => setTimeout(done, time));

export const createOutbox = ({ link, meeting, acts, csrf }) => {
  const key = `live-acts-${meeting}`;
  const promises = new Map(); // cid → settle
  const readers = new Set();
  const refused = new Set();
  let items = [], running = false, answered;

  try { items = JSON.parse(sessionStorage.getItem(key)) ?? []; } catch { /* no storage here: acts live as long as the page */ }
  items.forEach((item) => { item.state = "waiting"; });
  const changed = () => {
    try { sessionStorage.setItem(key, JSON.stringify(items)); } catch { /* as above */ }
    readers.forEach((render) => render(items));
  };
  const settle = (item, result) => {
    items = items.filter(({ cid }) => cid !== item.cid);
    changed();
    const done = promises.get(item.cid);
    promises.delete(item.cid);
    if (done) done({ ...result, item });
    else if (!result.ok) refused.forEach((act) => act({ ...result, item }));
  };

  const op = ({ cid, st, k, b, base }) => ({ t: "op", cid, st, k, b, base });
  const bySocket = (item) => new Promise((done) => {
    const end = (frame) => { clearTimeout(timer); answered = null; done(frame); };
    const timer = setTimeout(() => end(null), PATIENCE);
    answered = (frame) => (!frame || frame.cid === item.cid) && end(frame);
    if (!link.send(op(item))) end(null);
  });
  const byPost = async (item) => {
    const answer = await fetch(acts, {
      method: "POST", body: JSON.stringify(op(item)), headers: { "Content-Type": "application/json", "X-CSRFToken": csrf }, redirect: "error",
    }).catch(() => null);
    const frame = await answer?.json().catch(() => null);
    return frame?.t && answer.status !== 401 ? frame : null; // a page of words, or signed out: it waits
  };
  const run = async () => {
    if (running) return;
    running = true;
    while (items.length && ["open", "polling"].includes(link.state)) {
      const item = items[0];
      item.state = "sending";
      changed();
      const frame = await (link.state === "open" ? bySocket(item) : byPost(item));
      if (frame?.t === "ack") settle(item, { ok: true, s: frame.s, text: frame.text });
      else if (frame && !["rate", "retry"].includes(frame.why)) settle(item, { ok: false, ...frame });
      else await pause(frame?.retry_ms ?? RETRY);
    }
    items.forEach((item) => { item.state = "waiting"; });
    if (items.length) changed();
    running = false;
    // The line may have come back between the last look and here.
    if (items.length && ["open", "polling"].includes(link.state)) run();
  };

  const hear = (frame) => answered?.(frame);
  link.on("ack", hear);
  link.on("nack", hear);
  link.on("state", () => { answered?.(null); run(); });
  if (["open", "polling"].includes(link.state)) run();

  return {
    get items() { return items; },
    add: (k, b = {}, { st = "main", base, label = "" } = {}) => {
      const item = { cid: newId(), st, k, b, base, label, at: Date.now(), state: "waiting" };
      items = [...items, item];
      const promise = new Promise((done) => promises.set(item.cid, done));
      changed();
      run();
      return promise;
    },
    subscribe: (render) => { readers.add(render); render(items); return () => readers.delete(render); },
    onrefused: (act) => refused.add(act),
  };
};
