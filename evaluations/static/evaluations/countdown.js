// The time left of a timed attempt. The server alone decides; this counts from what the server said, not from the device's clock.
const note = document.querySelector("[data-time-left]");
const spoken = document.querySelector("[data-time-spoken]");
const word = (name) => document.querySelector(`template[data-time-word="${name}"]`)?.content.textContent.trim() ?? "";
const GRACE = 12; // seconds, somewhat more than the server's

if (note) {
  const end = Date.now() + Number(note.dataset.timeLeft) * 1000;
  const text = note.querySelector("[data-time-text]");
  const said = new Set();
  const say = (name) => {
    if (said.has(name)) return;
    said.add(name);
    spoken.textContent = word(name);
  };
  const show = () => {
    const left = Math.round((end - Date.now()) / 1000);
    const shown = left <= 0 ? word("over") : left < 60 ? word("minute") : word("minutes").replace("{n}", Math.ceil(left / 60));
    if (text.textContent !== shown) text.textContent = shown;
    if (left <= 0) say("over");
    else if (left <= 60) say("one");
    else if (left <= 300 && left > 240) say("five");
    if (left < -GRACE) document.querySelector("[data-time-over]")?.removeAttribute("hidden");
    else setTimeout(show, left > 360 ? 10000 : 1000);
  };
  show();
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && show());
}
addEventListener("pageshow", (event) => event.persisted && note && location.reload());
