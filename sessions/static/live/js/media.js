// Sound and picture in the room. Loaded after the tap on "Join with sound"; what an engine does is in mesh.js or sfu.js.
// What is wished stands in the log (store "media"), what is granted comes over the socket ("rtc" frames, signalling.py).
const WHAT = ["audio", "camera", "screen"];
const LOUD = 0.01; // root mean square, full scale is 1

export const start = async (panel, { link, store, outbox }) => {
  const [{ Call }, devices] = await Promise.all([import(panel.dataset.engineModule), import(panel.dataset.devicesModule)]);
  const $ = (selector, root = panel) => root.querySelector(selector);
  const tiles = new Map();
  const tracks = {}, streams = new Map();
  let call, id, may = {}, feeds = [], place, joined = false, soundOnly = false, timer;

  const send = (frame) => link.send({ t: "rtc", ...frame });
  const say = (word) => { $("[data-note]").textContent = word ? $(`template[data-words="${word}"]`)?.content.textContent ?? "" : ""; };
  const own = () => feeds.find((feed) => feed.id === id);
  const wished = () => Object.fromEntries(WHAT.map((what) => [what, Boolean(tracks[what])]));

  // --- coming and going ---
  const join = () => {
    clearTimeout(timer);
    joined = true;
    draw();
    if (link.state === "polling") return say("polling");
    say("joining");
    send({ k: "join", id, room: panel.dataset.visit });
  };
  const again = (wait) => { timer = setTimeout(join, wait); };
  const close = () => {
    call?.close();
    call = null;
    feeds = [];
    streams.clear();
    draw();
  };
  const leave = (word) => {
    clearTimeout(timer);
    WHAT.forEach(drop);
    joined = false;
    close();
    say(word);
  };
  const drop = (what) => {
    tracks[what]?.stop();
    delete tracks[what];
    call?.set(what, null);
  };

  // --- what I send ---
  const toggle = async (what) => {
    if (tracks[what]) drop(what);
    else {
      if (!may[what]) return say(what === "audio" && may.camera ? "muted" : "forbidden");
      try { tracks[what] = await devices.open(what); } catch (word) { return say(word); }
      tracks[what].onended = () => { drop(what); tell(); };
      say("");
    }
    await tell();
  };
  const tell = async () => {
    draw();
    if (WHAT.some((what) => tracks[what])) {
      try { await call?.prepare?.(); } catch { return; }
    }
    send({ k: "state", on: wished() });
    fill();
  };
  // A camera goes out once the room has granted it; the microphone's place in a connection is always there.
  const fill = () => WHAT.forEach((what) => {
    const granted = own()?.on[what];
    call?.set(what, granted ? tracks[what] ?? null : null, what === "audio" ? may.audio : Boolean(granted && tracks[what]));
  });

  // --- what the room says ---
  const hear = {
    joined: (frame) => {
      ({ id, may, room: place } = frame);
      if (frame.engine !== "mesh") call?.close();
      if (!call || frame.engine !== "mesh") call = new Call({ send, ice: frame.ice, me: id, show });
      say("");
      feeds = [];
      hear.feeds(frame);
      fill();
      call.joined(frame.feeds);
      if (WHAT.some((what) => tracks[what])) tell();
    },
    feeds: (frame) => {
      if (!call || (frame.room && frame.room !== place)) return;
      const known = new Map(feeds.map((feed) => [feed.id, feed]));
      const told = new Set(frame.feeds.map((feed) => feed.id));
      for (const feed of frame.feeds) if (!(known.get(feed.id)?.r > feed.r)) known.set(feed.id, feed);
      feeds = [...known.values()].filter((feed) => told.has(feed.id) || !frame.whole);
      call.subscribe?.(feeds.filter((feed) => feed.id !== id).flatMap((feed) =>
        WHAT.filter((what) => what === "audio" || (feed.on[what] && !soundOnly)).map((what) => [feed.id, what])));
      fill();
      draw();
    },
    gone: (frame) => {
      call?.gone(frame.id);
      feeds = feeds.filter((feed) => feed.id !== frame.id);
      draw();
    },
    policy: (frame) => {
      if (frame.may) {
        may = frame.may;
        WHAT.filter((what) => tracks[what] && !may[what]).forEach(drop);
        if (!WHAT.some((what) => may[what])) call?.stopSending?.();
        fill();
        return draw();
      }
      const word = frame.refused;
      say(word);
      if (word === "cameras") ["camera", "screen"].forEach(drop);
      if (word === "muted") drop("audio");
      if (word === "stage" || word === "forbidden") WHAT.forEach(drop), call?.stopSending?.();
      if (word === "full" || word === "join" || word === "engine") close();
      if (word === "join") again(500);
      if (word === "engine") again(2000 + Math.random() * 1000);
      draw();
    },
    reset: (frame) => {
      if (!joined) return;
      if (frame.why === "elsewhere" || frame.why === "ended") return leave(frame.why);
      close();
      say(frame.why === "engine" ? "engine" : "again");
      if (frame.in !== undefined) again(frame.in);
    },
  };
  link.on("rtc", (frame) => (hear[frame.k] ? hear[frame.k](frame) : call?.handle(frame)));
  link.on("state", (state) => {
    if (!joined) return;
    if (state === "open") join();
    else if (state === "polling" || state === "stopped") close(), say(state === "polling" ? "polling" : "");
  });

  // --- what others send ---
  const show = (from, what, track) => {
    const key = `${from} ${what}`;
    if (streams.get(key)?.getTracks()[0] !== track) streams.set(key, new MediaStream([track]));
    draw();
  };
  const play = (element, stream, on) => {
    element.hidden = element.tagName === "AUDIO" || !on;
    if (element.srcObject !== (stream ?? null)) element.srcObject = stream ?? null;
    stream?.getTracks().forEach((track) => { track.enabled = Boolean(on) || track === tracks.camera || track === tracks.screen; });
    if (stream && on && element.paused) element.play().catch((error) => error.name === "NotAllowedError" && say("hear"));
  };
  const mineOf = (what) => {
    const key = `own ${what}`;
    if (!tracks[what]) streams.delete(key);
    else if (streams.get(key)?.getTracks()[0] !== tracks[what]) streams.set(key, new MediaStream([tracks[what]]));
    return streams.get(key);
  };

  // --- drawing: one tile per person, one more for a shared screen ---
  const draw = () => {
    panel.querySelectorAll("[data-when]").forEach((part) => { part.hidden = (part.dataset.when === "in") !== joined; });
    for (const what of WHAT) {
      const button = $(`[data-do="${what}"]`);
      button.setAttribute("aria-pressed", String(Boolean(tracks[what])));
      button.setAttribute("aria-disabled", String(!may[what]));
    }
    $('[data-do="sound-only"]').setAttribute("aria-pressed", String(soundOnly));
    const wanted = new Map();
    if (joined) for (const feed of [...(own() ? [] : [{ id, n: "", on: wished() }]), ...feeds]) {
      wanted.set(feed.id, [feed, "camera"]);
      if (feed.on.screen && !soundOnly) wanted.set(`${feed.id} screen`, [feed, "screen"]);
    }
    tiles.forEach((tile, key) => { if (!wanted.has(key)) { tile.remove(); tiles.delete(key); } });
    wanted.forEach(([feed, what], key) => drawTile(tiles.get(key) ?? newTile(key, feed), feed, what));
  };
  const newTile = (key, feed) => {
    const tile = $("template[data-tile]").content.firstElementChild.cloneNode(true);
    tile.dataset.user = feed.u;
    tile.dataset.feed = feed.id;
    tiles.set(key, tile);
    $("[data-tiles]").append(tile);
    return tile;
  };
  const drawTile = (tile, feed, what) => {
    const isMine = feed.id === id;
    const name = isMine ? $('template[data-words="own"]').content.textContent : feed.n;
    if ($("[data-name]", tile).textContent !== name) $("[data-name]", tile).textContent = name;
    $("[data-off]", tile).hidden = feed.on.audio || what === "screen";
    tile.classList.toggle("shares", what === "screen");
    const video = $("video", tile);
    video.classList.toggle("mirror", isMine && what === "camera");
    video.setAttribute("aria-label", name);
    play(video, isMine ? mineOf(what) : streams.get(`${feed.id} ${what}`), feed.on[what] && !soundOnly);
    if (!isMine && what === "camera") play($("audio", tile), streams.get(`${feed.id} audio`), feed.on.audio);
    drawRights(tile, feed, isMine || what === "screen");
  };

  // --- for hosts: who is muted, who is on the stage; both are acts of the log ---
  const drawRights = (tile, feed, none) => {
    const { muted = [], stage = [] } = store.get("media") ?? {};
    const show = { mute: !muted.includes(feed.u), unmute: muted.includes(feed.u), stage: !stage.includes(feed.u), unstage: stage.includes(feed.u) };
    for (const [name, shown] of Object.entries(show)) {
      const button = $(`[data-${name}]`, tile);
      if (button) button.hidden = none || !shown;
    }
  };
  const order = async (name, user) => {
    const result = await outbox.add("media.policy", { [{ stage: "put_on", unstage: "take_off" }[name] ?? name]: user }, { st: "main" });
    if (!result.ok) $("[data-note]").textContent = result.text;
  };
  store.subscribe("media", (policy) => {
    panel.querySelectorAll("[data-publish]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.publish === (policy.publish ?? "all"))));
    panel.querySelectorAll("[data-video]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.video === String(policy.video ?? true))));
    draw();
  });

  panel.addEventListener("click", (event) => {
    const { do: act } = event.target.closest("[data-do]")?.dataset ?? {};
    const rights = ["mute", "unmute", "stage", "unstage"].find((name) => event.target.closest(`[data-${name}]`));
    if (rights) order(rights, Number(event.target.closest("[data-user]").dataset.user));
    else if (act === "join") join();
    else if (act === "leave") send({ k: "leave" }), leave(""), $('[data-do="join"]').focus();
    else if (WHAT.includes(act)) toggle(act);
    else if (act === "sound-only") {
      soundOnly = !soundOnly;
      call?.want(soundOnly);
      hear.feeds({ feeds });
      draw();
    } else panel.querySelectorAll("audio, video").forEach((element) => element.srcObject && element.paused && element.play().catch(() => {}));
  });
  setInterval(() => {
    for (const [from, receiver] of call && !document.hidden ? call.sounds() : []) {
      loudness(receiver).then((loud) => tiles.get(from)?.classList.toggle("speaks", loud > LOUD));
    }
  }, 500);
  addEventListener("pagehide", () => joined && send({ k: "leave" }));
  join();
  $('[data-do="audio"]').focus();
};

// How loud it was since the last look (W3C webrtc-stats, totalAudioEnergy), so that a word between two looks is not missed.
const looks = new WeakMap();
const loudness = async (receiver) => {
  const rows = [...((await receiver?.getStats().catch(() => null))?.values() ?? [])];
  const { totalAudioEnergy: energy, totalSamplesDuration: seconds } = rows.find(({ type }) => type === "inbound-rtp") ?? {};
  if (!seconds) return 0;
  const before = looks.get(receiver) ?? { energy, seconds };
  looks.set(receiver, { energy, seconds });
  return seconds > before.seconds ? Math.sqrt((energy - before.energy) / (seconds - before.seconds)) : 0;
};
