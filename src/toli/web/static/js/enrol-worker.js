// Keeps the page on which a coordinator writes people down, for places without a network. It answers for this one
// page and what it looks like; entries are kept by the page itself (enrol.js) and never come through here.
const KEPT = "toli-enrol";
const PAGE = new URL(self.registration.scope).pathname;

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === PAGE || url.pathname.startsWith("/static/")) event.respondWith(freshOrKept(event.request, url));
});

async function noted(fresh, { pathname: path }) {
  const kept = await caches.open(KEPT);
  if (path === PAGE && ledElsewhere(fresh)) await kept.delete(path);
  else if (fresh.ok && (path === PAGE || (await kept.match(path)))) await kept.put(path, fresh.clone());
  return fresh;
}
