// Makes a part of the page like another, in place: what stays keeps its focus, the words being written in it and whether it is open.
//
//   morph(have, want)    an element and what is in it
//   fill(have, want)     what is in it alone; `want` may be a fragment
//
// Children are matched by id, those without one by place and kind. `data-own` parts are left alone: a script keeps them. A <details>
// opens and closes by itself only when its `data-open` changes.
const idOf = (node) => node.getAttribute?.("id") ?? ""; // not node.id: a form with a field of that name would answer with the field
const same = (have, want) => have.nodeType === want.nodeType && have.nodeName === want.nodeName && !idOf(have) && !idOf(want);

const attributes = (have, want) => {
  if (have.nodeName === "DETAILS" && have.dataset.open !== want.dataset.open) have.open = want.open;
  for (const { name, value } of want.attributes) if (name !== "open" && have.getAttribute(name) !== value) have.setAttribute(name, value);
  for (const { name } of [...have.attributes]) if (name !== "open" && !want.hasAttribute(name)) have.removeAttribute(name);
};

export const fill = (have, want) => {
  const known = new Map([...have.children].map((child) => [idOf(child), child]));
  const wanted = new Set([...want.children].map(idOf));
  let at = have.firstChild;
  const drop = () => {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  };
  for (const next of [...want.childNodes]) {
    while (at && idOf(at) && !wanted.has(idOf(at))) drop();
    const old = idOf(next) ? known.get(idOf(next)) : at && same(at, next) ? at : null;
    if (!old || old.nodeName !== next.nodeName) {
      have.insertBefore(document.importNode(next, true), at);
      continue;
    }
    if (old === at) at = at.nextSibling;
    else have.insertBefore(old, at);
    morph(old, next);
  }
  while (at) drop();
};

export const morph = (have, want) => {
  if (have.nodeType !== Node.ELEMENT_NODE) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  if ("own" in have.dataset || have.isEqualNode(want)) return;
  const chosen = have.nodeName === "SELECT" && have.value;
  attributes(have, want);
  if (have.nodeName !== "TEXTAREA") fill(have, want);
  if (chosen && [...have.options].some(({ value }) => value === chosen)) have.value = chosen;
};
