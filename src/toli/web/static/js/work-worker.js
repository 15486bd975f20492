// Keeps a coordinator's page of work for times without a network, and what they answer meanwhile. It is there only where
// they asked for it on this device (work.js). When the server says that nobody is signed in, the page is forgotten; what
// was answered waits for whoever answered it (it names a task and nothing more, and nobody else's answer is taken).
const KEPT = "toli-work";
const OUTBOX = "toli-work-outbox";
const PAGE = "/console/work";
const TASK = /^\/console\/work\/\d+$/;
const PATIENCE = 4000; // milliseconds until the kept page is shown on a network that hangs

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.method === "POST" && TASK.test(url.pathname)) event.respondWith(answered(event.request, url.pathname));
  else if (event.request.method === "GET" && (url.pathname === PAGE || url.pathname.startsWith("/static/")))
    event.respondWith(shown(event.request, url));
});

async function shown(request, url) {
  const network = fetch(request).then((fresh) => noted(fresh, url));
  const kept = await (await caches.open(KEPT)).match(url.pathname);
  if (!kept) return network;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([network.then((fresh) => (fresh.status >= 500 ? kept : fresh), () => kept), late]);
}

async function noted(fresh, { pathname, search }) {
  const store = await caches.open(KEPT);
  if (pathname === PAGE && (fresh.type === "opaqueredirect" || fresh.redirected)) await forget();
  else if (fresh.ok && !search && (pathname === PAGE || (await store.match(pathname)))) await store.put(pathname, fresh.clone());
  return fresh;
}

// Without a network the answer is written down under the task's own address: once, however often it is pressed.
async function answered(request, path) {
  const again = request.clone();
  try {
    return await fetch(request);
  } catch {
    await (await caches.open(OUTBOX)).put(path, new Response(await again.text()));
    return Response.redirect(PAGE, 303);
  }
}

async function forget() {
  await caches.delete(KEPT);
  await registration.unregister();
}
