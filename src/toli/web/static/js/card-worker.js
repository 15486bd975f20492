// Keeps one member's card for times without a network. It is there only where the member asked for it on this
// device (card.js), answers for the card's own page and picture and for what they look like, and forgets all of it
// as soon as the server says that nobody is signed in any more.
const KEPT = "toli-card";
const OWN = ["/me/card", "/me/card.png"];

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (OWN.includes(url.pathname) || url.pathname.startsWith("/static/")) event.respondWith(freshOrKept(event.request, url));
});

async function noted(fresh, { pathname: path }) {
  const kept = await caches.open(KEPT);
  if (OWN.includes(path) && ledElsewhere(fresh)) await forget(KEPT);
  else if (OWN.includes(path) && fresh.status >= 400 && fresh.status < 500) await kept.delete(path);
  else if (fresh.ok && (await kept.match(path))) await kept.put(path, fresh.clone());
  return fresh;
}
