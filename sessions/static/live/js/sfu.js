// The engine with a server: one connection up with sound, camera and screen in fixed places, filled and emptied without negotiating
// again; one connection down for everything this device wants. The server offers, we answer, one offer after the other.
//
//   Same shape as mesh.js. call.ready is there once the way up is made (call.prepare()).
const WHAT = ["audio", "camera", "screen"];
const RATES = { camera: 450_000, screen: 1_200_000 }; // bit/s

export class Call {
  ready = Promise.resolve();
  map = {};
  mine = {};
  turns = Promise.resolve();
  wish = "";

  constructor(given) { Object.assign(this, given); }

  joined() {}

  // --- up ---
  prepare() {
    if (this.up) return this.ready;
    const pc = (this.up = new RTCPeerConnection({ iceServers: this.ice }));
    for (const what of WHAT) {
      const sendEncodings = [RATES[what] ? { maxBitrate: RATES[what] } : {}];
      pc.addTransceiver(what === "audio" ? "audio" : "video", { direction: "sendonly", sendEncodings });
    }
    pc.onicecandidate = ({ candidate }) => this.send({ k: "trickle", on: "pub", c: candidate?.toJSON() ?? null });
    this.ready = new Promise((answered, refused) => Object.assign(this, { answered, refused }));
    pc.setLocalDescription().then(() => this.send({ k: "publish", sdp: pc.localDescription.sdp }));
    return this.ready;
  }
  stopSending() {
    this.up?.close();
    this.up = null;
    this.refused?.();
  }
  set(what, track) {
    this.mine[what] = track;
    this.up?.getTransceivers()[WHAT.indexOf(what)].sender.replaceTrack(track).catch(() => {});
  }

  // --- down ---
  subscribe(want) {
    const wish = JSON.stringify(want);
    if (wish !== this.wish) this.send({ k: "subscribe", want });
    this.wish = wish;
  }
  handle(frame) {
    if (frame.k === "answer") return this.up?.setRemoteDescription({ type: "answer", sdp: frame.sdp }).then(this.answered, () => {});
    if (frame.k === "offer") this.turns = this.turns.then(() => this.#take(frame)).catch(() => {});
    return this.turns;
  }
  async #take({ sdp, map }) {
    const pc = (this.down ??= this.#open());
    this.map = map;
    await pc.setRemoteDescription({ type: "offer", sdp });
    await pc.setLocalDescription();
    this.send({ k: "answer", sdp: pc.localDescription.sdp });
    for (const { mid, receiver } of pc.getTransceivers()) if (map[mid]) this.show(...map[mid], receiver.track);
  }
  #open() {
    const pc = new RTCPeerConnection({ iceServers: this.ice });
    pc.onicecandidate = ({ candidate }) => this.send({ k: "trickle", on: "sub", c: candidate?.toJSON() ?? null });
    return pc;
  }

  want() {}
  gone() {}
  sounds() {
    const places = (this.down?.getTransceivers() ?? []).filter(({ mid }) => this.map[mid]?.[1] === "audio");
    return places.map(({ mid, receiver }) => [this.map[mid][0], receiver]);
  }
  close() {
    this.stopSending();
    this.down?.close();
    this.down = null;
  }
}
