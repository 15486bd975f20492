// Keeps a member's page of today for times without a network, and what they share meanwhile. It is there only where
// the member asked for it on this device (today.js), and forgets everything once the server says that nobody is signed in.
const KEPT = "toli-today";
const OUTBOX = "toli-outbox";
const PAGE = "/me";
const LINKS = "/me/offline"; // where each button leads: the member's own links, fetched when they asked to keep the page
const SHARE = "/me/share/";
const KEPT_TOO = /^\/(static|m|me\/poster)\//; // what the page looks like, and its pictures, where they were kept

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.method === "POST" && url.pathname.startsWith(SHARE)) event.respondWith(shared(event.request, url.pathname));
  else if (event.request.method !== "GET") return;
  else if (url.pathname === PAGE || KEPT_TOO.test(url.pathname)) event.respondWith(freshOrKept(event.request, url));
});

async function noted(fresh, { pathname: path }) {
  const kept = await caches.open(KEPT);
  if (path === PAGE && ledElsewhere(fresh)) await forget(KEPT, OUTBOX);
  else if (fresh.ok && !fresh.redirected && (path === PAGE || (await kept.match(path)))) await kept.put(path, fresh.clone());
  return fresh;
}

// Without a network the share is written down under its own address, once however often it is pressed, and the app
// opens all the same: it sends when it can. Where no app can be opened, as for a file, nothing was shared.
async function shared(request, path) {
  const again = request.clone();
  try {
    return await fetch(request);
  } catch {
    const links = await (await caches.open(KEPT)).match(LINKS);
    const app = links && (await links.json())[path];
    if (app) await (await caches.open(OUTBOX)).put(path, new Response(await again.text()));
    return Response.redirect(app || PAGE, 303);
  }
}
