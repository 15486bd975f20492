// The page of today: keep it for times without a network, and tell the server afterwards what was shared meanwhile.
// Progressive enhancement only: without this file everything is shown and shared all the same.
import { keepable } from "./keep.js";

const OUTBOX = "toli-outbox";
const LINKS = "/me/offline";
const PICTURES = "img[src^='/m/'], img[src^='/me/poster/']";
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

keepable({
  kept: "toli-today",
  page: "/me",
  worker: "/me-worker.js",
  also: () => [...document.querySelectorAll(PICTURES)].map((one) => one.getAttribute("src")),
  told: async (store) => store.put(LINKS, await told(LINKS, {})),
});

if ("serviceWorker" in navigator && "caches" in window) {
  addEventListener("online", () => replay().catch(() => {}));
  if (navigator.onLine) caches.has(OUTBOX).then((waiting) => waiting && replay()).catch(() => {});
}
