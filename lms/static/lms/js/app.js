// Small behaviours of every page. See sessions/CLIENT.md

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- the summary of errors ---
const summary = $("[data-errors]");
if (summary) {
  const show = () => { summary.focus({ preventScroll: true }); summary.scrollIntoView({ block: "start" }); };
  show();
  // Who came by the link to the content has #main in the address, and the browser puts the focus there as the page loads.
  if (location.hash) addEventListener("load", () => setTimeout(show), { once: true });
  summary.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.hash?.slice(1) ?? "");
    if (!target) return;
    event.preventDefault();
    (target.closest(".field, fieldset") ?? target).scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  });
}

// --- menus ---
const menus = $$("details[data-menu]");
const close = (except) => menus.forEach((menu) => menu !== except && menu.removeAttribute("open"));
document.addEventListener("click", (event) => close(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = menus.find((menu) => menu.open);
  close();
  if (open) $("summary", open).focus();
});

// --- a form is sent once ---
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "1";
  event.target.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}));

// --- the connection, and what was not sent ---
const bar = $("[data-offline]");
let unsent = Number(localStorage.getItem("puente-unsent")) || 0;
const fillUnsent = (root) => {
  $$("[data-one]", root).forEach((line) => { line.hidden = unsent !== 1; });
  $$("[data-many]", root).forEach((line) => { line.hidden = unsent < 2; });
  $$("[data-count]", root).forEach((count) => { count.textContent = unsent; });
};
const tellConnection = () => {
  if (!bar) return;
  $(".netbar", bar)?.remove();
  if (navigator.onLine) return;
  const shown = $("template", bar).content.cloneNode(true);
  fillUnsent(shown);
  bar.append(shown);
};
const tellUnsent = () => {
  $$("[data-offline], [data-unsent]").forEach(fillUnsent);
  $$("[data-unsent]").forEach((note) => { note.hidden = !unsent; });
};
addEventListener("online", tellConnection);
addEventListener("offline", tellConnection);
addEventListener("puente:unsent", (event) => {
  unsent = event.detail.count;
  unsent ? localStorage.setItem("puente-unsent", unsent) : localStorage.removeItem("puente-unsent");
  tellUnsent();
});
tellConnection();
tellUnsent();

// --- the worker ---
const worker = document.body.dataset.worker;
const offline = "serviceWorker" in navigator;
if (offline && worker) navigator.serviceWorker.register(worker, { scope: "/" }).catch(() => {});

const ask = async (message) => {
  const active = (await navigator.serviceWorker.ready).active;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = (event) => resolve(event.data);
    active.postMessage(message, [port2]);
  });
};

// Signing out empties this device; its page says first what that would erase.
$$("form[data-sign-out]").forEach((form) => form.addEventListener("submit", (event) => {
  if (unsent && !$("[data-unsent]", form)) {
    event.preventDefault();
    location.assign(form.action);
    return;
  }
  localStorage.clear();
  if (offline) navigator.serviceWorker.controller?.postMessage({ type: "forget" });
}, { capture: true }));

// --- "Save offline" ---
const show = (box, state) => {
  box.dataset.is = state;
  $$("[data-when]", box).forEach((part) => { part.hidden = !part.dataset.when.split(" ").includes(state); });
};
if (offline && worker) {
  $$("[data-save-offline]").forEach(async (box) => {
    const urls = box.dataset.saveOffline.split(" ").filter(Boolean);
    box.hidden = false;
    show(box, "unsaved");
    box.addEventListener("click", async (event) => {
      const act = event.target.closest("button")?.dataset.do;
      if (!act) return;
      show(box, act === "save" ? "saving" : "unsaved");
      const { saved } = await ask({ type: act, urls });
      if (act !== "save") return;
      show(box, saved === urls.length ? "saved" : "failed");
      navigator.storage?.persist?.();
    });
    const { saved } = await ask({ type: "ask", urls });
    if (saved === urls.length && urls.length) show(box, "saved");
  });
}

// --- texts being written ---
if (worker && (localStorage["puente-drafts"] || $('[class=""] main textarea'))) import(document.body.dataset.drafts);

// --- small conveniences on forms ---
$$("[data-device-zone]").forEach((line) => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const select = $(line.dataset.deviceZone);
  const option = [...(select?.options ?? [])].find(({ value }) => value === zone);
  if (!option || option.selected) return;
  $("[data-zone]", line).textContent = option.text;
  line.hidden = false;
  $("button", line).addEventListener("click", () => { select.value = zone; line.hidden = true; select.focus(); });
});
$$("[data-enter]").forEach((input) => input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  $(input.dataset.enter).click();
}));
document.addEventListener("allauth.error", () => $$("[data-key-error]").forEach((note) => { note.hidden = false; }));
$$("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => print()); });
