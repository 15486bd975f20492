// What the workers share that keep pages for times without a network; the server puts it before each of them. A worker
// says where it keeps (KEPT) and what a fresh answer means for what is kept (noted).
const PATIENCE = 4000; // milliseconds until the kept page is shown on a network that hangs

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// The fresh answer; what is kept where there is no network, where it hangs and where the server is in trouble.
async function freshOrKept(request, url) {
  const network = fetch(request).then((fresh) => noted(fresh, url));
  const kept = await (await caches.open(KEPT)).match(url.pathname);
  if (!kept) return network;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([network.then((fresh) => (fresh.status >= 500 ? kept : fresh), () => kept), late]);
}

// Nobody is signed in any more: nothing stays on this device.
async function forget(...stores) {
  for (const store of stores) await caches.delete(store);
  await registration.unregister();
}

// A page of ours asks for its reader: without one the server leads elsewhere.
const ledElsewhere = (fresh) => fresh.type === "opaqueredirect" || fresh.redirected;
