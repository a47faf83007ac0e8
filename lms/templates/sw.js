// Served at /sw.js by lms.views.offline. Keeps the shell, the lessons a person chose to save, and copies of the pages that ask for it
// (X-Keep-Copy: one's own meetings and duties, shown without a connection only); nothing else, ever.
const SHELL = "puente-shell-{{ version }}";
const SAVED = "puente-saved-1";
// safe: both are json.dumps of our own addresses (lms/views/offline.py).
const FILES = {{ files|safe }};
const OFFLINE = {{ offline_pages|safe }};
const COPIES = "puente-copies-1";
const MOST_COPIES = 30;
const MOST_AHEAD = 3;
const FRESH = 30 * 60 * 1000;
let era = 0; // grows when copies are emptied, so that nothing under way brings one back
const WAIT = 3000;
const PRIVATE = /^\/(admin|django-admin|v|documents|healthz|readyz|sw\.js)(\/|$)|^\/[a-z-]+\/(accounts|account|profile|cohorts|enrollments|enrollment|responses|answers|checks|certificates?|invitation|search|today)\//;

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(SHELL);
  await cache.addAll(FILES);
  // The offline pages are kept as a visitor sees them: no name, no cookie.
  await Promise.all(Object.values(OFFLINE).map(async (url) => cache.put(url, await fetch(url, { credentials: "omit" }))));
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => ![SHELL, SAVED, COPIES].includes(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
})()));

const find = async (name, request) => (await caches.open(name)).match(request, { ignoreVary: true });

async function file(request) {
  const kept = (await find(SHELL, request)) ?? (await find(SAVED, request)) ?? (await find(COPIES, request));
  if (kept && /\.[0-9a-f]{12}\./.test(request.url)) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

// The copy of a page, with the sentence that says when it was made.
async function copy(url) {
  const kept = await find(COPIES, url);
  if (!kept) return undefined;
  const text = (await kept.text()).replace("data-copy hidden", "data-copy");
  return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": kept.headers.get("Content-Security-Policy") ?? "default-src 'self'" } });
}

async function emptyCopies() {
  era += 1;
  await caches.delete(COPIES);
}

async function keepCopy(url, response, since) {
  if (era !== since) return;
  const cache = await caches.open(COPIES);
  const pages = (await cache.keys()).filter((one) => !/^\/static\//.test(new URL(one.url).pathname));
  await Promise.all(pages.slice(0, Math.max(0, pages.length - MOST_COPIES)).map((one) => cache.delete(one)));
  const text = await response.clone().text();
  if (era !== since) return;
  await cache.put(url, response);
  await keepParts(cache, text);
}

async function page(request) {
  const url = new URL(request.url);
  if (/^\/[a-z-]+\/accounts\/(login|logout)\//.test(url.pathname)) await emptyCopies(); // whoever comes next is a stranger
  const since = era;
  const kept = PRIVATE.test(url.pathname) ? undefined : await find(SAVED, url.pathname);
  const fresh = fetch(request).then(async (response) => {
    if (kept && response.ok && !response.redirected) (await caches.open(SAVED)).put(url.pathname, response.clone());
    if (response.headers.get("X-Keep-Copy") && !response.redirected) keepCopy(url.href, response.clone(), since).catch(() => {});
    return response;
  });
  try {
    if (!kept) return await fresh;
    const late = new Promise((_, reject) => setTimeout(reject, WAIT));
    return await Promise.race([fresh, late]);
  } catch {
    fresh.catch(() => {});
    const language = url.pathname.split("/")[1];
    return kept ?? (await copy(url.href)) ?? (await find(SHELL, OFFLINE[language] ?? OFFLINE["{{ default_language }}"])) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (/^\/(static|media)\//.test(url.pathname)) event.respondWith(file(request));
});

async function keepParts(cache, text) {
  const parts = [...text.matchAll(/(?:src|href)="(\/(?:static|media)\/[^"]+)"/g)].map((match) => match[1].replaceAll("&amp;", "&"));
  await Promise.all([...new Set(parts)].map((part) => cache.add(part).catch(() => {})));
}

async function save(url) {
  const address = new URL(url, location.origin);
  if (address.origin !== location.origin || PRIVATE.test(address.pathname)) return false;
  try {
    const response = await fetch(address.pathname, { credentials: "same-origin" });
    if (!response.ok || response.redirected) return false;
    const text = await response.clone().text();
    const cache = await caches.open(SAVED);
    await cache.put(address.pathname, response);
    await keepParts(cache, text);
    return true;
  } catch {
    return false;
  }
}

// Pages for the next day and a half that nobody has looked at yet: only those that ask to be kept, one after another, and not twice in
// half an hour.
async function keepAhead(url, since) {
  const address = new URL(url, location.origin);
  const made = Date.parse((await find(COPIES, address.href))?.headers.get("Date") ?? "");
  if (address.origin !== location.origin || Date.now() - made < FRESH) return;
  const response = await fetch(address.href, { credentials: "same-origin" });
  if (response.ok && !response.redirected && response.headers.get("X-Keep-Copy")) await keepCopy(address.href, response, since);
}

const ACTS = {
  keep: async ({ urls }) => {
    const since = era;
    for (const url of urls.slice(0, MOST_AHEAD)) await keepAhead(url, since).catch(() => {});
    return {};
  },
  save: async ({ urls }) => {
    let saved = 0;
    for (const url of urls) if (await save(url)) saved += 1; // one after another: slow lines choke on many at once
    return { saved };
  },
  remove: async ({ urls }) => {
    const cache = await caches.open(SAVED);
    await Promise.all(urls.map((url) => cache.delete(url, { ignoreVary: true })));
    return { saved: 0 };
  },
  ask: async ({ urls }) => {
    const found = await Promise.all(urls.map((url) => find(SAVED, url)));
    return { saved: found.filter(Boolean).length };
  },
  forget: async () => {
    await Promise.all([caches.delete(SAVED), emptyCopies()]);
    return { saved: 0 };
  },
};

self.addEventListener("message", (event) => {
  const act = ACTS[event.data?.type];
  if (act) event.waitUntil(act(event.data).then((answer) => event.ports[0]?.postMessage(answer)));
});
