// The clock of a rehearsal: counts the minutes of a cue down. The page goes on by itself (Refresh), with or without this.
const clock = document.querySelector("[data-seconds]");
if (clock) {
  const ends = performance.now() + Number(clock.dataset.seconds) * 1000;
  const tick = setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    clock.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : clock.dataset.over;
    if (!left) clearInterval(tick);
  }, 500);
}
