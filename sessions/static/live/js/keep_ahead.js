// Asks the service worker to keep the pages of a meeting that this person runs soon (sessions/kept_ahead.py), once this page is there.
const urls = document.querySelector("[data-keep-ahead]").dataset.keepAhead.split(" ");
const keep = async () => (await navigator.serviceWorker.ready).active.postMessage({ type: "keep", urls });
if (navigator.serviceWorker && !navigator.connection?.saveData) document.readyState === "complete" ? keep() : addEventListener("load", keep);
