// State = fold of events, the same as sessions/fold.py. What did not change stays the same object. API: sessions/CLIENT.md
const addressed = (body) => (body.ids ?? [body.id]).map(String);

const operations = {
  put: (collection, { b, s, at, u, n }, most) => {
    collection[b.id ?? s] = { ...b, s, at, u, n };
    const keys = Object.keys(collection);
    if (keys.length > most) delete collection[keys.reduce((old, key) => (collection[key].s < collection[old].s ? key : old))];
  },
  merge: (collection, { b }) => {
    const { id, ids, ...changes } = b;
    for (const key of addressed(b)) if (key in collection) collection[key] = { ...collection[key], ...changes };
  },
  drop: (collection, { b }) => addressed(b).forEach((key) => delete collection[key]),
  assign: (collection, { b }) => Object.assign(collection, b),
  reset: (collection, { b }) => {
    Object.keys(collection).forEach((key) => delete collection[key]);
    Object.assign(collection, b.all);
  },
};

export const fold = (state, events, { table, kept = {} }) => {
  const next = { ...state };
  const own = new Set(); // collections that are copies already
  for (const event of events) {
    const [operation, name] = table[event.k] ?? [];
    if (!operation) continue;
    if (!own.has(name)) next[name] = { ...next[name] };
    own.add(name);
    operations[operation](next[name], event, kept[name] ?? Infinity);
  }
  return next;
};
