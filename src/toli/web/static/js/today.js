// The page of today: keep it for times without a network, and tell the server afterwards what was shared meanwhile.
// Progressive enhancement only: without this file everything is shown and shared all the same.
const KEPT = "toli-today";
const OUTBOX = "toli-outbox";
const PAGE = "/me";
const LINKS = "/me/offline";
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const told = (path, fields) =>
  fetch(path, { method: "POST", redirect: "manual", body: new URLSearchParams({ csrfmiddlewaretoken: token(), ...fields }) });

// What waits is told once: the server counts the first of the same, and an answer ends the waiting.
async function replay() {
  const outbox = await caches.open(OUTBOX);
  for (const request of await outbox.keys()) {
    const answer = await told(new URL(request.url).pathname, { queued: "yes" });
    if (answer.status === 204 || answer.status === 400 || answer.status === 404) await outbox.delete(request);
  }
}

const keeping = document.querySelector("[data-keeping]");
if (keeping && "serviceWorker" in navigator && "caches" in window) {
  const part = (name) => keeping.querySelector(`[data-${name}]`);
  const show = (kept) => {
    part("not-kept").hidden = kept;
    part("kept").hidden = !kept;
  };
  const worker = window.trustedTypes
    ? trustedTypes.createPolicy("toli-today", { createScriptURL: (path) => path }).createScriptURL("/me-worker.js")
    : "/me-worker.js";

  const keep = async () => {
    const kept = await caches.open(KEPT);
    const looks = [...document.querySelectorAll("link[href^='/static/'], script[src^='/static/']")];
    const icons = document.querySelector("use").getAttribute("href").split("#")[0];
    const pictures = [...document.querySelectorAll("img[src^='/m/']")].map((one) => one.getAttribute("src"));
    await kept.addAll([PAGE, icons, ...pictures, ...looks.map((look) => look.getAttribute("href") || look.getAttribute("src"))]);
    await kept.put(LINKS, await told(LINKS, {}));
    await navigator.serviceWorker.register(worker, { scope: PAGE });
    show(true);
  };
  const remove = async () => {
    await caches.delete(KEPT);
    await (await navigator.serviceWorker.getRegistration(PAGE))?.unregister();
    show(false);
  };

  keeping.hidden = false;
  caches.has(KEPT).then(show);
  part("keep").addEventListener("click", () => keep().catch(remove));
  part("remove").addEventListener("click", remove);
  addEventListener("online", () => replay().catch(() => {}));
  if (navigator.onLine) caches.has(OUTBOX).then((waiting) => waiting && replay()).catch(() => {});
}
