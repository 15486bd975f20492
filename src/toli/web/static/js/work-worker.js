// Keeps a coordinator's page of work for times without a network, and what they answer meanwhile. It is there only where
// they asked for it on this device (work.js). When the server says that nobody is signed in, the page is forgotten; what
// was answered waits for whoever answered it (it names a task and nothing more, and nobody else's answer is taken).
const KEPT = "toli-work";
const OUTBOX = "toli-work-outbox";
const PAGE = "/console/work";
const TASK = /^\/console\/work\/\d+$/;

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.method === "POST" && TASK.test(url.pathname)) event.respondWith(answered(event.request, url.pathname));
  else if (event.request.method === "GET" && (url.pathname === PAGE || url.pathname.startsWith("/static/")))
    event.respondWith(freshOrKept(event.request, url));
});

async function noted(fresh, { pathname: path, search }) {
  const kept = await caches.open(KEPT);
  if (path === PAGE && ledElsewhere(fresh)) await forget(KEPT);
  else if (fresh.ok && !search && (path === PAGE || (await kept.match(path)))) await kept.put(path, fresh.clone());
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
