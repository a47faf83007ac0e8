// What somebody is writing survives a reload: texts of forms that post are kept on this device until they were sent, for a week at most.
// Signing out empties it (app.js), and so does the next person's first page. Questionnaires and rooms have outboxes of their own.
// One entry of localStorage holds them: {"person:path of the form:name of the field": {text, base, at, sent, page}}.
const STORE = "puente-drafts", WEEK = 6048e5, LONGEST = 10_000;
const mine = `${document.body.dataset.person}:`;
const line = document.querySelector("template[data-kept-text]");
const path = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
const keyOf = (field) => `${mine}${path(field.form)}:${field.name}`;
const isKept = (field) => !field.readOnly && !field.hidden && field.type !== "hidden" && !field.form.matches("[data-outbox]");
const all = [...document.querySelectorAll("main form[method=post] :is(textarea, input)")].filter((field) => field.name);
const fields = document.body.matches(".in-room, .cr, .pj") ? [] : all.filter((field) => field.matches("textarea, [data-draft]") && isKept(field));
let drafts = {};
const look = () => { try { drafts = JSON.parse(localStorage.getItem(STORE)) ?? {}; } catch { drafts = {}; } };
const keep = () => {
  try {
    if (Object.keys(drafts).length) localStorage.setItem(STORE, JSON.stringify(drafts));
    else localStorage.removeItem(STORE);
  } catch { /* full, or none here */ }
};

// --- at the start: what was sent, what is old and what is somebody else's goes ---
const from = document.referrer && new URL(document.referrer).pathname;
const arrival = performance.getEntriesByType("navigation")[0];
const didNotArrive = arrival?.type === "back_forward" || arrival?.responseStatus >= 400;
// A page of errors or a preview: the text is in a form again, and nothing has been done with it.
const isInHand = (key, { text }) => all.some((field) => keyOf(field) === key && field.defaultValue.trim() === text.trim());
look();
for (const [key, entry] of Object.entries(drafts)) {
  const sent = entry.sent && entry.page === from && !didNotArrive;
  if (!key.startsWith(mine) || Date.now() - entry.at > WEEK || (sent && !isInHand(key, entry))) delete drafts[key];
}
keep();

// --- back into the form, where it still says what it said when the writing began ---
const bases = new Map();
const restore = (field) => {
  const key = keyOf(field), entry = drafts[key];
  bases.set(field, entry?.text === field.value ? entry.base : field.value);
  if (!entry || entry.text === field.value || entry.base !== field.value) return;
  field.value = entry.text;
  field.closest("details")?.setAttribute("open", "");
  const shown = line.content.cloneNode(true).firstElementChild;
  shown.querySelector("button").addEventListener("click", () => {
    field.value = entry.base;
    look();
    delete drafts[key];
    keep();
    shown.remove();
    field.focus();
  });
  field.after(shown);
};
fields.forEach(restore);

// --- while it is written, and when it is sent ---
document.addEventListener("input", ({ target }) => {
  if (!fields.includes(target)) return;
  const key = keyOf(target), base = bases.get(target);
  look(); // another tab may have written
  if (target.value === base || target.value.length > LONGEST) delete drafts[key];
  else drafts[key] = { text: target.value, base, at: Date.now() };
  keep();
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  look();
  for (const field of event.target.elements) {
    const entry = drafts[keyOf(field)];
    if (entry && entry.text.trim() === field.value.trim()) Object.assign(entry, { sent: true, page: location.pathname });
  }
  keep();
});
