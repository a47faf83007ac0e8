// What this tab knows of the room. API: sessions/CLIENT.md
import { fold } from "./fold.js";

export const createStore = (page) => {
  const streams = { ...page.streams };
  const tallies = new Map();
  const people = new Map();
  const readers = new Set();
  const parts = {}; // snapshots that arrive in pieces
  const me = { ...page.me };
  const rules = page.fold ?? { table: {} };
  let offset = 0;

  const tell = (name, value, more, st) => readers.forEach((reader) => {
    if (reader.name === name && (st === undefined || reader.stream() === st)) reader.render(value, more);
  });
  const tellStream = (st, before, events) => {
    const { state = {} } = streams[st];
    for (const name of new Set([...readers].map((reader) => reader.name))) {
      if (!before || before[name] !== state[name]) {
        tell(name, state[name] ?? {}, before && events.filter(({ k }) => rules.table[k]?.[1] === name), st);
      }
    }
  };
  const clock = (now) => { offset = now - Date.now(); };

  const takes = {
    welcome: ({ me: seat, now, streams: heard }) => {
      Object.assign(me, seat);
      clock(now);
      people.clear();
      for (const st of Object.keys(streams)) if (!heard[st]) delete streams[st];
      tell("streams", streams);
    },
    snap: ({ st, e, s, part = 1, of = 1, state }) => {
      const whole = (parts[st] = part === 1 ? {} : parts[st] ?? {});
      for (const [name, collection] of Object.entries(state)) whole[name] = { ...whole[name], ...collection };
      if (part < of) return;
      delete parts[st];
      const isNew = !streams[st];
      streams[st] = { e, s, state: whole };
      if (isNew) tell("streams", streams);
      tellStream(st, null);
    },
    ev: ({ st, e, ev }) => {
      const stream = streams[st];
      if (!stream) return "gap";
      const fresh = ev.filter(({ s }) => s > stream.s);
      if (!fresh.length) return;
      if (fresh.some(({ s }, index) => s !== stream.s + 1 + index)) return "gap";
      const before = stream.state;
      stream.state = fold(before ?? {}, fresh, rules);
      stream.s = fresh.at(-1).s;
      tellStream(st, before, fresh);
    },
    tally: (frame) => {
      const key = `${frame.k}:${frame.id}`;
      if (tallies.get(key)?.rev > frame.rev) return;
      tallies.set(key, frame);
      tell("tallies", tallies, frame);
    },
    pres: ({ add = [], upd = [], del = [] }) => {
      [...add, ...upd].forEach((one) => people.set(one.u, one));
      del.forEach((u) => people.delete(u));
      tell("people", people);
    },
    hb: ({ now }) => now && clock(now),
  };

  const store = {
    me, streams, people, tallies,
    get: (name, st = "main") => streams[st]?.state && (streams[st].state[name] ?? {}),
    tally: (kind, id) => tallies.get(`${kind}:${id}`),
    now: () => Date.now() + offset,
    take: (frame) => takes[frame.t]?.(frame),
    cursors: () => Object.fromEntries(Object.entries(streams).map(([st, { e, s }]) => [st, { e, s }])),
    behind: (heads = {}) => Object.keys(heads).filter((st) => heads[st] > (streams[st]?.s ?? -1)),
    subscribe: (name, render, st = "main") => {
      const whole = { tallies, people, streams }[name];
      const reader = { name, render, stream: typeof st === "function" ? st : () => st };
      readers.add(reader);
      const value = whole ?? store.get(name, reader.stream() ?? "");
      if (value) render(value, null);
      return () => readers.delete(reader);
    },
  };
  if (page.now) clock(page.now);
  (page.tallies ?? []).forEach(store.take);
  return store;
};
