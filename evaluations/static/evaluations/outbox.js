// Answers save by themselves: first into this device's outbox, then to the server. See sessions/CLIENT.md
const find = (selector, root = document) => root.querySelector(selector);
const form = find("form[data-outbox]");
const review = find("[data-outbox-send]");
const { url, person } = (form ?? review ?? find("[data-url][data-person]"))?.dataset ?? {};
const status = find("[data-save-status]");

const say = (word, slots = {}) => {
  const words = find(`template[data-word="${word}"]`)?.content.textContent.trim();
  const text = words?.replace(/\{(\w+)\}/g, (whole, name) => slots[name] ?? whole) ?? "";
  if (status && status.textContent !== text) status.textContent = text;
};
const clock = (time) => new Date(time).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

// --- the store ---
let opening;
const open = () => (opening ??= new Promise((resolve, reject) => {
  const request = indexedDB.open("puente-outbox", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: "slot" });
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    request.result.onversionchange = () => { request.result.close(); opening = null; };
    resolve(request.result);
  };
}));
const use = async (mode, act) => {
  const transaction = (await open()).transaction("answers", mode);
  const request = act(transaction.objectStore("answers"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
};
const all = () => use("readonly", (store) => store.getAll()).catch(() => []);
const waiting = async () => (await all()).filter((item) => item.person === person && item.refused === undefined && !item.draft);
// Only the very value that was answered for: the person may have given another one meanwhile.
const settle = (item, refused) => use("readwrite", (store) => {
  const request = store.get(item.slot);
  request.onsuccess = () => {
    if (request.result?.client_id !== item.client_id) return;
    if (refused !== undefined) store.put({ ...item, refused });
    else store.delete(item.slot);
  };
}).catch(() => {});

const slot = form && [person, form.dataset.response, form.dataset.question].join(":");
// One field "answer", or the parts "answer_…" of an answer that has several: then the value is {part: text}.
const inputs = [...(form?.elements ?? [])].filter((input) => /^answer(_|$)/.test(input.name));
const parts = inputs.some((input) => input.name !== "answer");
const isMark = (input) => /^(radio|checkbox)$/.test(input.type);
const isFilled = (input) => (isMark(input) ? input.checked : input.value !== "");
const isEmpty = (value) => !(parts ? Object.values(value).join("") : value.length);
const valueOf = (name) => {
  const own = inputs.filter((input) => input.name === name);
  const chosen = own.filter(isFilled).map((input) => input.value);
  return own[0].type === "checkbox" ? chosen : chosen[0] ?? "";
};
const read = () => (parts ? Object.fromEntries(inputs.map(({ name }) => [name.slice(7), valueOf(name)])) : valueOf("answer"));
const words = () => inputs.filter(isFilled).map((input) => {
  const label = input.labels[0]?.innerText.trim();
  if (isMark(input)) return label;
  const text = input.selectedOptions?.[0].text ?? input.value;
  return parts ? `${label}: ${text}` : text;
}).join("; ");
const fill = (value) => inputs.forEach((input) => {
  const own = parts ? value[input.name.slice(7)] ?? "" : value;
  if (isMark(input)) input.checked = [own].flat().includes(input.value);
  else input.value = own;
  if (isFilled(input)) input.closest("details")?.setAttribute("open", "");
});
// Parts that belong together are sent when all of them are there; until then they wait here as a draft.
const isHalf = () => [...form.querySelectorAll("[data-whole]")].some((whole) => {
  const filled = {};
  inputs.filter((input) => whole.contains(input)).forEach((input) => { filled[input.dataset.either ?? input.name] ||= isFilled(input); });
  return new Set(Object.values(filled)).size > 1;
});
const isLatest = () => latest && JSON.stringify(latest.value) === JSON.stringify(read());
let latest, timer;
const keep = async () => {
  timer = clearTimeout(timer);
  if (isLatest() || !crypto.randomUUID) return;
  const { response, question } = form.dataset;
  latest = {
    slot, person, draft: isHalf(), value: read(), text: words(), client_id: crypto.randomUUID(), client_time: new Date().toISOString(),
    response: Number(response), question: Number(question),
  };
  if (isEmpty(latest.value) && "required" in form.dataset) return; // nothing to save; "Continue" will say so
  const item = latest;
  say("saving");
  try {
    await use("readwrite", (store) => store.put(item));
    say("kept", { time: clock(item.client_time) });
    if (!item.draft) await flush();
  } catch { // no storage here (a private window)
    say(!item.draft && (await send(item)) === "sent" ? "saved" : "");
  }
};

const send = async (whole) => {
  const { slot, person, text, refused, draft, to, ...item } = whole;
  let answer, told;
  try {
    answer = await fetch(to ?? url, {
      method: "POST", keepalive: true, signal: AbortSignal.timeout?.(20000),
      body: JSON.stringify(to ? { ...item, person, sent_time: new Date() } : item),
      headers: { "Content-Type": "application/json", "X-CSRFToken": find("[name=csrfmiddlewaretoken]")?.value ?? "" },
    });
    if (!answer.ok) told = await answer.json().catch(() => ({}));
  } catch { return "later"; }
  if (answer.ok) await settle(whole);
  else if (answer.status >= 500 || answer.status === 429) return "later";
  else if (answer.status === 401 || (answer.status === 403 && !told.error)) return "signin";
  else {
    await settle(whole, told.message ?? "");
    show({ ...whole, refused: told.message });
    return "refused";
  }
  return "sent";
};
let running = Promise.resolve();
const flush = () => (running = running.then(flushNow, flushNow));
const flushNow = async () => {
  let result = "";
  const queue = url ? await waiting() : [];
  queue.sort((a, b) => (a.client_time < b.client_time ? -1 : 1)); // as they were given: one answer may open the next question
  for (const item of queue) {
    const now = await send(item);
    dispatchEvent(new CustomEvent("puente:item", { detail: { item, state: now } }));
    if (now !== "sent" || !result) result = now;
    if (now === "later" || now === "signin") break;
  }
  const left = await tell();
  if (result === "signin") say("signin");
  else if (left) say(left === 1 && latest ? "kept" : "unsent", { count: left, time: clock(latest?.client_time) });
  else if (result === "sent") say("saved");
  return result === "sent" && !left;
};
const tell = async () => {
  const count = (await waiting()).length;
  dispatchEvent(new CustomEvent("puente:unsent", { detail: { count } }));
  return count;
};

// --- what the server would not take ---
const show = (item) => {
  if (item.slot === slot && status) { // it still stands in the form
    status.textContent = item.refused;
    return;
  }
  const pattern = find("template[data-not-accepted]");
  if (!pattern) return;
  find(`[data-slot="${item.slot}"]`)?.remove();
  const box = pattern.content.cloneNode(true).firstElementChild;
  box.dataset.slot = item.slot;
  find("[data-message]", box).textContent = item.refused;
  find("[data-text]", box).textContent = item.text;
  find("[data-copy]", box).addEventListener("click", () => navigator.clipboard?.writeText(item.text));
  find("[data-discard]", box).addEventListener("click", () => { box.remove(); settle(item); });
  find("#main .wrap")?.prepend(box);
};

self.outbox = { use, waiting, settle, flush, tell };
if (inputs.length) {
  form.addEventListener("change", keep);
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 1000); });
  form.addEventListener("submit", (event) => {
    if (timer) keep();
    if (isLatest()) ["client_id", "client_time"].forEach((name) => { form.elements[name].value = latest[name]; });
    if (navigator.onLine || isEmpty(read())) return;
    event.preventDefault();
    say("offline");
  });
}
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-sign-out], [data-signout]")) return;
  indexedDB.deleteDatabase("puente-outbox");
});
const wake = () => document.visibilityState === "visible" && flush();
for (const name of ["online", "pageshow"]) addEventListener(name, wake);
document.addEventListener("visibilitychange", wake);
setInterval(wake, 30000);

// --- at the start ---
for (const item of await all()) {
  if (item.person !== person) {
    if (person && Date.now() - Date.parse(item.client_time) > 864e5) settle(item);
    continue;
  }
  if (item.slot === slot && inputs.length) { fill(item.value); if (!item.draft) latest = item; }
  if (item.refused !== undefined) show(item);
}
if ((await flush()) && review) location.reload(); // the list was drawn before these answers arrived
