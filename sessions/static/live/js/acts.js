// Forms and buttons of the page become acts. API: sessions/CLIENT.md
import { $, $$, fill, list, show, word, write } from "./bind.js";

const FRAME = new Set(["k", "st", "cid", "base", "shape", "back", "csrfmiddlewaretoken"]);
const typed = (text, type) => (type === "int" && /^-?\d+$/.test(text) ? Number(text) : type === "list" ? [Number(text)] : text);
export const bodyOf = (form) => {
  const body = {};
  const shape = form.elements.shape?.value;
  if (shape === "many") body.value = [];
  for (const { name, value, type, checked, dataset } of form.elements) {
    if (!name || FRAME.has(name) || (/radio|checkbox/.test(type) && !checked)) continue;
    if (name.startsWith("place_")) (body.value ??= {})[name.slice(6)] = value;
    else if (name === "value" && shape === "many") body.value.push(value);
    else body[name] = typed(value, name === "value" && shape === "number" ? "int" : dataset.type);
  }
  return body;
};

export const streamOf = (element) => element.closest("[data-st]").dataset.st;
// The words of a refusal stand in the form, else in the part; focus stays where the person is.
const place = (element) => $("[data-refusal]", element) ?? $(":scope > [data-refusal]", element.closest("[data-part], section") ?? document.body);
const tell = (element, text) => {
  const line = place(element);
  write(line, text);
  show(line, text);
};

export const enhance = (root, { outbox, say, before = () => {} }) => {
  const act = async (element, kind, body, { base, label, restore = () => {} } = {}) => {
    const after = before(kind, body, element);
    if (after === false) return;
    tell(element, "");
    const result = await outbox.add(kind, body, { st: streamOf(element), base, label });
    after?.(result);
    if (!result.ok) restore();
    if (!result.text) return;
    tell(element, result.text);
    say(result.text);
  };
  root.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (button?.name === "act") {
      event.preventDefault();
      const { k, b } = JSON.parse(button.value);
      return act(button, k, b);
    }
    if (!form.dataset.act) return;
    event.preventDefault();
    const text = form.elements.text;
    const body = bodyOf(form);
    if (text && !text.value.trim()) return text.focus();
    const restore = () => { if (text && !text.value) text.value = body.text; };
    const base = form.elements.base && Number(form.elements.base.value);
    act(form, form.dataset.act, body, { base, label: body.text ?? "", restore });
    if (text && !base && !form.closest("details.own")) text.value = "";
    else if (form.closest("details.own")) {
      $("summary", form.closest("details.own")).focus();
      form.closest("details.own").open = false;
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("[data-enter-sends]")) return;
    if (matchMedia("(pointer: coarse)").matches) return; // on a phone the key makes a new line; there is a button
    event.preventDefault();
    event.target.form.requestSubmit();
  });
  // What is still on its way, in its own words.
  outbox.subscribe((items) => $$("[data-pending]", root).forEach((box) => {
    box.dataset.template = "t-pending";
    const own = items.filter(({ k, st }) => k === box.dataset.pending && st === streamOf(box));
    list(box, own.map((item) => [item.cid, { ...item }]), (element, item) => fill(element, { text: item.b.text, how: word(item.state) }));
  }));
  outbox.onrefused(({ item, text }) => {
    const box = document.getElementById("t-refused").content.firstElementChild.cloneNode(true);
    fill(box, { why: text, typed: item.label });
    $("[data-dismiss]", box).addEventListener("click", () => box.remove());
    $("[data-refusals]", root).append(box);
  });
};
