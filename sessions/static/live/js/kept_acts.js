// Answers to invitations and ticks of the checklist go through the device's outbox (evaluations/outbox.js), so that none is lost without a
// line: [data-act] says what it is about. Without this script the forms are sent as they are. Words are <template>s of the page.
const { outbox } = self; // the script before this one
const words = document.querySelector("[data-acts]");
const { to, back } = words.dataset;
const person = document.body.dataset.person;
const say = (word) => words.querySelector(`template[data-word="${word}"]`).content.textContent.trim();
const place = (box) => `${person}:${box.dataset.act}`;
const given = new Set(); // ids of what was given on this page
let done = false;

const chosen = (box, form, button) => {
  const said = new FormData(form, button);
  const label = box.querySelector("[name=answer]:checked")?.labels[0] ?? button;
  return { say: box.dataset.say ?? said.get("answer"), note: said.get("note"), label: (label.firstChild.nodeType === 3 ? label.firstChild : label).textContent.trim() };
};

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const box = (submitter ?? form).closest("[data-act]");
  if (!box || !crypto.randomUUID || form.dataset.plain) return;
  const { say: answer, note, label } = chosen(box, form, submitter);
  if (!answer) return navigator.onLine || event.preventDefault(); // the server says what is missing
  event.preventDefault();
  const item = {
    to, slot: place(box), person, text: `${box.dataset.title}: ${label}`, client_id: crypto.randomUUID(), client_time: new Date().toISOString(),
    about: box.dataset.act, say: answer, note,
  };
  given.add(item.client_id);
  const plain = () => { form.dataset.plain = "1"; form.requestSubmit(submitter); };
  show(item, "sending");
  outbox.use("readwrite", (store) => store.put(item)).then(outbox.flush, plain); // no storage here: as without this script
}, { capture: true });

// --- what became of it, beside the form ---
const noteOf = (box) => {
  const found = box.querySelector("[data-act-note]");
  if (found) return found;
  box.append(words.querySelector("template[data-act-line]").content.cloneNode(true));
  return noteOf(box);
};
const fill = (box, { say: answer, note }) => {
  const radio = box.querySelector(`input[name=answer][value=${answer}]`);
  if (radio) radio.checked = true;
  const field = box.querySelector("[name=note]");
  if (field && note !== null) field.value = note;
};
const show = (item, state) => [...document.querySelectorAll("[data-act]")].filter((box) => place(box) === item.slot).forEach((box) => {
  const line = noteOf(box);
  line.hidden = state === "refused";
  line.dataset.actNote = state;
  box.open = true; // a <details> of the calendar
  if (state !== "refused") line.querySelector("[data-text]").textContent = say(state).replace("{text}", item.text);
  const drop = line.querySelector("button");
  drop.hidden = state !== "later";
  drop.onclick = () => { outbox.settle(item).then(outbox.tell); line.hidden = true; };
  if (state === "later" && !given.has(item.client_id)) fill(box, item);
});

// Somebody who is writing is not interrupted: the page says that it was sent.
const isWriting = () => [...document.querySelectorAll("main textarea, main input[type=text]")].some(
  (field) => field.value !== field.defaultValue && !field.closest("[data-act]"));
addEventListener("puente:item", ({ detail: { item, state } }) => {
  show(item, state);
  done ||= state === "sent" && [...document.querySelectorAll("[data-act]")].some((box) => place(box) === item.slot);
});
addEventListener("puente:unsent", () => { // the outbox has been through
  if (!done || isWriting()) return;
  done = false;
  if (location.pathname + location.search === back) location.reload();
  else location.assign(back);
});
for (const item of await outbox.waiting()) show(item, "later");
