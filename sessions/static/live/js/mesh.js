// Mesh: one connection to each other device. "Perfect negotiation" as in the example of W3C WebRTC 1.0 (§10.7): the polite side gives
// way when both offer at once. Whoever comes in later makes the connection; `fresh` marks the first offer of a connection.
//
//   const call = new Call({ send, ice, me, show })    show(id, what, track) for each thing another device may send
//   call.joined(feeds)  call.handle(frame)  call.gone(id)  call.set(what, track, sends)  call.want(soundOnly)  call.close()
//   call.sounds(): [id, RTCRtpReceiver] of each device that may be heard
const WHAT = ["audio", "camera", "screen"];
const CAMERA = 450_000, SCREEN = 1_200_000, UPLINK = 1_400_000; // bit/s
const PATIENCE = 10_000;

export class Call {
  ready = Promise.resolve();
  peers = new Map();
  mine = { audio: { track: null, sends: true }, camera: { track: null, sends: false }, screen: { track: null, sends: false } };

  constructor(given) { Object.assign(this, given); }

  joined(feeds) {
    for (const { id } of feeds) if (!this.peers.has(id)) this.#meet(id, true);
  }

  // --- what is sent and wanted; a changed direction makes the browser negotiate again ---
  set(what, track, sends = Boolean(track)) {
    this.mine[what] = { track, sends };
    this.peers.forEach((peer) => this.#fill(peer));
  }
  want(soundOnly) {
    this.soundOnly = soundOnly;
    this.peers.forEach((peer) => this.#fill(peer));
  }
  #fill({ pc }) {
    pc.getTransceivers().forEach((transceiver, number) => {
      const what = WHAT[number], { track, sends } = this.mine[what];
      const receives = what === "audio" || !this.soundOnly;
      transceiver.direction = sends ? (receives ? "sendrecv" : "sendonly") : receives ? "recvonly" : "inactive";
      transceiver.sender.replaceTrack(track).catch(() => {});
      this.#limit(transceiver.sender, what);
    });
  }
  #limit(sender, what) {
    const given = sender.getParameters();
    if (what === "audio" || !given.encodings?.length) return;
    given.encodings[0].maxBitrate = Math.min(what === "camera" ? CAMERA : SCREEN, UPLINK / Math.max(1, this.peers.size));
    sender.setParameters(given).catch(() => {});
  }

  // --- connections ---
  #meet(id, first) {
    this.#drop(id);
    const pc = new RTCPeerConnection({ iceServers: this.ice });
    const peer = { id, pc, first, polite: this.me < id, waiting: [], fresh: first };
    this.peers.set(id, peer);
    pc.onicecandidate = ({ candidate }) => this.send({ k: "trickle", to: id, c: candidate?.toJSON() ?? null });
    pc.ontrack = ({ track, transceiver }) => this.show(id, WHAT[pc.getTransceivers().indexOf(transceiver)], track);
    pc.onnegotiationneeded = () => this.#offer(peer);
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === "failed") first ? this.#meet(id, true) : pc.restartIce();
    };
    if (!first) return peer;
    for (const what of WHAT) pc.addTransceiver(what === "audio" ? "audio" : "video", { direction: "recvonly" });
    this.#fill(peer);
    peer.timer = setTimeout(() => pc.connectionState !== "connected" && this.#meet(id, true), PATIENCE);
    return peer;
  }
  async #offer(peer) {
    const { pc } = peer;
    if (!peer.first && !pc.remoteDescription) return;
    try {
      peer.making = true;
      await pc.setLocalDescription();
      this.send({ k: "publish", to: peer.id, sdp: pc.localDescription.sdp, fresh: peer.fresh });
    } catch { /* closed meanwhile */ } finally { peer.making = false; }
  }

  async handle(frame) {
    const id = frame.from;
    let peer = this.peers.get(id);
    if (frame.k === "trickle") return peer && this.#candidate(peer, frame.c);
    if (frame.k === "offer" && frame.fresh) {
      if (peer?.fresh && !peer.polite) return; // both began at once: ours holds
      peer = this.#meet(id, false);
    }
    if (!peer) return;
    const { pc } = peer;
    const isReady = !peer.making && (pc.signalingState === "stable" || peer.settingAnswer);
    peer.ignoring = frame.k === "offer" && !isReady && !peer.polite;
    if (peer.ignoring) return;
    try {
      peer.settingAnswer = frame.k === "answer";
      await pc.setRemoteDescription({ type: frame.k, sdp: frame.sdp });
      peer.settingAnswer = peer.fresh = false;
      for (const candidate of peer.waiting.splice(0)) await this.#candidate(peer, candidate);
      if (frame.k === "answer") return this.#limitAll(peer);
      this.#fill(peer);
      await pc.setLocalDescription();
      this.send({ k: "answer", to: id, sdp: pc.localDescription.sdp });
      this.#limitAll(peer);
    } catch (error) {
      if (pc.signalingState !== "closed") console.info("media:", error.message);
    }
  }
  #limitAll({ pc }) { pc.getTransceivers().forEach(({ sender }, number) => this.#limit(sender, WHAT[number])); }
  // A candidate may overtake its description: it waits.
  async #candidate(peer, candidate) {
    if (!peer.pc.remoteDescription) return peer.waiting.push(candidate);
    try { await peer.pc.addIceCandidate(candidate ?? undefined); } catch { /* of an offer that was ignored */ }
  }

  gone(id) { this.#drop(id); }
  #drop(id) {
    const peer = this.peers.get(id);
    clearTimeout(peer?.timer);
    peer?.pc.close();
    this.peers.delete(id);
  }
  sounds() { return [...this.peers.values()].map(({ id, pc }) => [id, pc.getTransceivers()[0]?.receiver]); }
  close() { [...this.peers.keys()].forEach((id) => this.#drop(id)); }
}
