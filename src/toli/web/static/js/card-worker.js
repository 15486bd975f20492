// Keeps one member's card for times without a network. It is there only where the member asked for it on this
// device (card.js), answers for the card's own page and picture and for what they look like, and forgets all of it
// as soon as the server says that nobody is signed in any more.
const KEPT = "toli-card";
const OWN = ["/me/card", "/me/card.png"];
const PATIENCE = 4000; // milliseconds until the kept page is shown on a network that hangs

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (OWN.includes(url.pathname) || url.pathname.startsWith("/static/")) event.respondWith(answer(event.request, url.pathname));
});

async function answer(request, path) {
  const network = fetch(request).then((fresh) => noted(fresh, path));
  const kept = await (await caches.open(KEPT)).match(path);
  if (!kept) return network;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([network.then((fresh) => (fresh.status >= 500 ? kept : fresh), () => kept), late]);
}

async function noted(fresh, path) {
  const kept = await caches.open(KEPT);
  if (OWN.includes(path) && (fresh.type === "opaqueredirect" || fresh.redirected)) await forget();
  else if (OWN.includes(path) && fresh.status >= 400 && fresh.status < 500) await kept.delete(path);
  else if (fresh.ok && (await kept.match(path))) await kept.put(path, fresh.clone());
  return fresh;
}

async function forget() {
  await caches.delete(KEPT);
  await registration.unregister();
}
