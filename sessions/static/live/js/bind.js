// Drawing without words of our own; texts from people only ever become textContent. API: sessions/CLIENT.md
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const lang = document.documentElement.lang;
const zone = $("[data-zone]")?.dataset.zone || undefined;
const hours = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
const plural = new Intl.PluralRules(lang);
const figures = new Intl.NumberFormat(lang);

export const clock = (time) => hours.format(time).replace(":", lang.startsWith("pt") ? "h" : ":");
export const number = (value) => figures.format(value ?? 0);
export const percent = (figure) => `${number(figure)}${lang.startsWith("es") ? "\u00a0" : ""}%`; // as the filter of that name
export const pick = (words) => words?.[lang] || words?.es || Object.values(words ?? {})[0] || "";
export const word = (name, slots = {}) => {
  const one = "n" in slots && plural.select(slots.n) === "one" && $(`template[data-word="${name}.one"]`);
  const text = (one || $(`template[data-word="${name}"]`))?.content.textContent.trim() ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, slot) => (slot === "n" ? number(slots.n) : slots[slot] ?? whole));
};

export const write = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
export const show = (element, on) => { if (element && element.hidden === Boolean(on)) element.hidden = !on; };
const set = (element, name, value) => {
  const text = name === "aria-pressed" ? String(Boolean(value)) : value === true ? "" : value;
  if (text === null || text === undefined || text === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(text)) element.setAttribute(name, text);
};
export const fill = (root, values) => {
  const key = root.closest("[data-key]");
  for (const part of [root, ...$$("[data-text], [data-show], [data-set], [data-value]", root)]) {
    if (part.closest("[data-key]") !== key) continue;
    const { text, show: shown, set: attributes, value } = part.dataset;
    if (text in values) write(part, String(values[text] ?? ""));
    if (shown in values) show(part, values[shown]);
    attributes?.split(" ").map((pair) => pair.split(":")).forEach(([name, field]) => field in values && set(part, name, values[field]));
    if (value in values && part !== document.activeElement && !part.closest("details")?.open) part.value = values[value] ?? "";
  }
};

const keepFocus = (box, act) => {
  const active = document.activeElement;
  const inside = box.contains(active) && active !== box;
  act();
  if (!inside || document.activeElement === active) return;
  if (active.isConnected) active.focus({ preventScroll: true });
  else (box.tabIndex < 0 && (box.tabIndex = -1), box.focus({ preventScroll: true }));
};
export const list = (box, rows, draw) => box && keepFocus(box, () => {
  const keys = new Set(rows.map(([key]) => String(key)));
  const old = new Map();
  for (const element of [...box.children]) {
    if (keys.has(element.dataset.key)) old.set(element.dataset.key, element);
    else element.remove();
  }
  let next = null;
  for (const [key, value] of rows.toReversed?.() ?? [...rows].reverse()) {
    let element = old.get(String(key));
    const isNew = !element;
    if (isNew) {
      element = document.getElementById(box.dataset.template).content.firstElementChild.cloneNode(true);
      element.dataset.key = key;
    }
    if (isNew || element.nextElementSibling !== next) box.insertBefore(element, next);
    if (element.drawn !== value) draw(element, value, isNew);
    element.drawn = value;
    next = element;
  }
});

// Several of the same: `by` names the order.
export const sorted = (collection, by) => Object.entries(collection ?? {}).sort(([, one], [, other]) => by(one) - by(other));
