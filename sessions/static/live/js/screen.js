// The projector and the screen in the hall: shows what stands on the stage, keeps the display awake, does nothing else.
import { follow } from "./parts.js";

const QUIET = /^(chat|hand|role|media|outcome|group)\./;
follow({ wants: ({ k }) => !QUIET.test(k) });

const stayAwake = () => { if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {}); };
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
