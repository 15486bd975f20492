// Keeps the page on which a coordinator writes people down, for places without a network. It answers for this one
// page and what it looks like; entries are kept by the page itself (enrol.js) and never come through here.
const KEPT = "toli-enrol";
const PAGE = new URL(self.registration.scope).pathname;
const PATIENCE = 4000; // milliseconds until the kept page is shown on a network that hangs

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === PAGE || url.pathname.startsWith("/static/")) event.respondWith(answer(event.request, url.pathname));
});

async function answer(request, path) {
  const kept = await (await caches.open(KEPT)).match(path);
  const network = fetch(request).then((fresh) => noted(fresh, path));
  if (!kept) return network;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([network.then((fresh) => (fresh.status >= 500 ? kept : fresh), () => kept), late]);
}

async function noted(fresh, path) {
  const kept = await caches.open(KEPT);
  if (path === PAGE && (fresh.type === "opaqueredirect" || fresh.redirected)) await kept.delete(path);
  else if (fresh.ok && (path === PAGE || (await kept.match(path)))) await kept.put(path, fresh.clone());
  return fresh;
}
