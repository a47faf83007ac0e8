// The trainer's control room: forms become acts without leaving the page, keys, who did what, how the connection stands. The page works
// without this file; it draws nothing itself (parts.js) and has no words (they are in live/control/bar.html).
import { createOutbox } from "./outbox.js";
import { follow } from "./parts.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const HEAD = ["k", "st", "cid", "base", "back", "csrfmiddlewaretoken"];
const NAMED = 5000, PATIENT = 3000;

const { store, link, page, refresh } = follow();
const outbox = createOutbox({ link, meeting: page.meeting, acts: page.acts, csrf: $("[name=csrfmiddlewaretoken]").value });

// --- acts ---
const bodyOf = (form) => {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || HEAD.includes(field.name) || field.nodeName === "BUTTON" || !field.value) continue;
    if (field.type === "checkbox" && !field.checked) continue;
    const value = "int" in field.dataset ? Number(field.value) : field.value;
    if ("many" in field.dataset) (body[field.name] ??= []).push(value);
    else body[field.name] = value;
  }
  return body;
};
const actOf = (form, button) => {
  const st = form.elements.st?.value || "main";
  if (button?.name === "act") return { ...JSON.parse(button.value), st };
  return { k: form.elements.k.value, b: bodyOf(form), st };
};
const say = (text, template = "template[data-refusal]") => {
  const shown = $(template).content.cloneNode(true);
  $("[data-text]", shown).textContent = text;
  $("[data-refused]").replaceChildren(shown);
};
const perform = async ({ k, b, st, base }) => {
  const result = await outbox.add(k, b, { st, base });
  if (!result.ok) say(result.text);
  else if (result.text) say(result.text, "template[data-notice]");
  return result.ok;
};

const performAll = async (form, button) => {
  const act = actOf(form, button), then = button?.dataset.then;
  return (await perform(act)) && (!then || perform({ k: then, b: { id: act.b.id }, st: act.st }));
};
// Pages of the site that are no acts (a new code, somebody seen in the hall) answer with a page; only whether they did matters here.
const post = async (form, button) => {
  const answer = await fetch(button?.getAttribute("formaction") ?? form.getAttribute("action"), { method: "POST", body: new FormData(form, button) }).catch(() => null);
  if (!answer?.ok) form.submit();
  return answer?.ok;
};

$("main").addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const act = form.matches("[data-act]");
  if (!act && !form.matches("[data-post]")) return;
  event.preventDefault();
  const mark = submitter ?? form;
  if (mark.getAttribute("aria-busy")) return;
  mark.setAttribute("aria-busy", "true");
  $("[data-refused]").replaceChildren();
  if (await (act ? performAll : post)(form, submitter)) {
    if ("clear" in form.dataset) form.reset();
    submitter?.closest("details.ask")?.removeAttribute("open");
  }
  await refresh();
  mark.removeAttribute("aria-busy");
});
$("[data-refused]").addEventListener("click", ({ target }) => {
  if (target.closest("[data-dismiss]")) $("[data-refused]").replaceChildren();
});
outbox.onrefused(({ text }) => say(text));

// --- keys: N, P, R, ? while nobody writes ---
const press = (button) => {
  button.focus();
  button.click();
  if (button.nodeName === "SUMMARY" && button.parentElement.open) $("button", button.parentElement)?.focus();
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.closest("input, select, textarea, [contenteditable]")) return;
  const button = event.key === "?" ? $("[data-help] > summary") : $(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button?.checkVisibility()) return;
  event.preventDefault();
  press(button);
});

// --- who did what, for five seconds ---
const deeds = $("template[data-deeds]").content, did = $("[data-did]");
let forget;
link.on("ev", ({ ev }) => {
  // An id with a plus: it only came along with another act of that person.
  const last = ev.findLast(({ k, at, cid }) => !cid?.includes("+") && store.now() - at < NAMED && $(`[data-k~="${CSS.escape(k)}"]`, deeds));
  if (!last) return;
  did.replaceChildren(Object.assign(document.createElement("b"), { textContent: last.n }), ` ${$(`[data-k~="${CSS.escape(last.k)}"]`, deeds).textContent}`);
  clearTimeout(forget);
  forget = setTimeout(() => did.replaceChildren(), NAMED);
});

// --- one's own sound and picture: loaded after the tap ---
const media = $("[data-media]");
$("[data-media-open]")?.addEventListener("click", async () => {
  if (media.dataset.started) return;
  media.dataset.started = "yes";
  try { (await import(media.dataset.module)).start(media, { store, link, outbox }); } catch { delete media.dataset.started; }
});

// --- reactions of the last ten seconds ---
const fading = {};
link.on("tally", ({ k, id, n }) => {
  const tag = k === "reaction" && $(`[data-reaction="${CSS.escape(String(id))}"]`);
  if (!tag) return;
  $("b", tag).textContent = n;
  tag.hidden = false;
  clearTimeout(fading[id]);
  fading[id] = setTimeout(() => { tag.hidden = true; }, 2 * NAMED);
});

// --- how the connection stands; a short gap is nobody's business ---
let telling;
const tellLink = () => $$("[data-link] > [data-is]").forEach((words) => { words.hidden = !words.dataset.is.split(" ").includes(link.why === "ended" ? "none" : link.state); });
const tellUnsent = () => {
  const waiting = outbox.items.length && !["open", "polling"].includes(link.state);
  if (waiting && !$("[data-refused]").children.length) $("[data-refused]").append($("template[data-unsent]").content.cloneNode(true));
  if (!waiting) $("[data-refused] .warn")?.remove();
};
const tell = () => {
  telling = clearTimeout(telling);
  tellLink();
  tellUnsent();
};
link.on("state", (state) => {
  if (["connecting", "waiting"].includes(state)) telling ??= setTimeout(tell, PATIENT);
  else tell();
});
outbox.subscribe(() => setTimeout(tellUnsent, PATIENT));
$$("[data-link] > [data-is]").forEach((words) => { words.hidden = true; });
telling ??= setTimeout(tell, PATIENT);
