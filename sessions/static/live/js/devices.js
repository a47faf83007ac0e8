// Microphone, camera, screen, loudspeaker. A device is asked for after a tap only. Words are <template data-words> of the page.
//
//   open("audio" | "camera" | "screen") → MediaStreamTrack; throws a word: insecure denied missing busy unable broken
//   level(track, tell)                    tell(0…1) ten times a second; returns a function that ends it
// On the page of the check ([data-devices]) it runs by itself.
const WANTED = {
  audio: { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } },
  camera: { video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24, max: 30 } } },
  screen: { video: { frameRate: { ideal: 10, max: 15 } }, audio: false },
};
const WORDS = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing", NotReadableError: "busy", AbortError: "busy" };

export const open = async (what) => {
  if (!isSecureContext || !navigator.mediaDevices) throw "insecure";
  if (what === "screen" && !navigator.mediaDevices.getDisplayMedia) throw "unable";
  try {
    const stream = await navigator.mediaDevices[what === "screen" ? "getDisplayMedia" : "getUserMedia"](WANTED[what]);
    const [track] = stream.getTracks();
    if (what !== "audio") track.contentHint = what === "screen" ? "detail" : "motion";
    return track;
  } catch (error) { throw WORDS[error.name] ?? "broken"; }
};

export const level = (track, tell) => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    tell(Math.min(1, 3 * Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length)));
  }, 100);
  return () => { clearInterval(timer); context.close(); };
};

// --- the page of the check ---
const page = document.querySelector("[data-devices]");
const $ = (selector) => page.querySelector(selector);
const say = (where, word) => { $(`[data-told="${where}"]`).textContent = $(`template[data-words="${word}"]`)?.content.textContent ?? ""; };
const running = {};
const wait = (time) => new Promise((done) => setTimeout(done, time));

const start = {
  microphone: async () => {
    const track = await open("audio");
    let heard = false;
    say("microphone", "speak");
    const stop = level(track, (value) => {
      $("[data-level]").value = value;
      if (value > 0.05 && !heard) say("microphone", (heard = true) && "heard");
    });
    const later = setTimeout(() => heard || say("microphone", "silent"), 6000);
    return () => { clearTimeout(later); stop(); track.stop(); $("[data-level]").value = 0; };
  },
  camera: async () => {
    const track = await open("camera");
    const video = $("[data-preview]");
    video.srcObject = new MediaStream([track]);
    video.hidden = false;
    await video.play();
    say("camera", "seen");
    return () => { track.stop(); video.srcObject = null; video.hidden = true; };
  },
};
const speaker = async () => {
  const context = new AudioContext();
  const tone = context.createOscillator(), volume = context.createGain();
  volume.gain.value = 0.2;
  tone.connect(volume).connect(context.destination);
  tone.start();
  say("speaker", "tone");
  await wait(2000);
  context.close();
};
// Two ends in this page talk to each other over the site's relay, if there is one: what comes through here comes through in the room.
const line = async () => {
  const iceServers = JSON.parse(document.getElementById("ice-servers").textContent);
  const relayed = iceServers.some(({ credential }) => credential);
  const ends = [0, 1].map(() => new RTCPeerConnection({ iceServers, iceTransportPolicy: relayed ? "relay" : "all" }));
  ends.forEach((end, number) => { end.onicecandidate = ({ candidate }) => candidate && ends[1 - number].addIceCandidate(candidate).catch(() => {}); });
  const opened = new Promise((done) => { ends[0].createDataChannel("check").onopen = () => done(true); });
  await ends[0].setLocalDescription();
  await ends[1].setRemoteDescription(ends[0].localDescription);
  await ends[1].setLocalDescription();
  await ends[0].setRemoteDescription(ends[1].localDescription);
  const ok = await Promise.race([opened, wait(8000)]);
  ends.forEach((end) => end.close());
  say("line", ok ? (relayed ? "line-ok" : "line-direct") : "line-blocked");
};

const check = async (button) => {
  const what = button.dataset.check;
  if (button.ariaBusy) return;
  button.ariaBusy = "true";
  try {
    if (running[what]) {
      running[what]();
      delete running[what];
      say(what, "off");
    } else if (start[what]) {
      say(what, "asking");
      running[what] = await start[what]();
    } else await { speaker, line }[what]();
  } catch (word) { say(what, typeof word === "string" ? word : "broken"); }
  if (start[what]) button.ariaPressed = String(Boolean(running[what]));
  button.ariaBusy = null;
};
page?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-check]");
  if (button) check(button);
});
