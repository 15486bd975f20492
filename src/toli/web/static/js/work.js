// The page of work: keep it for times without a network, and tell the server afterwards what was answered meanwhile.
// Progressive enhancement only: without this file everything is shown and answered all the same.
import { keepable } from "./keep.js";

const PAGE = "/console/work";
const OUTBOX = "toli-work-outbox";
const REFUSED = "toli-work-refused";
// Taken now; the task is over, as this very answer may have arrived before; somebody else has it, as the page says.
const TAKEN = [204, 404, 410];
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value;

// What is written down on this phone stands no longer as work to do.
async function mark() {
  const words = document.querySelector("[data-noted]");
  for (const request of await (await caches.open(OUTBOX)).keys()) {
    const form = document.querySelector(`form[action="${new URL(request.url).pathname}"]`);
    const task = form?.closest("section");
    if (!task || task.querySelector("[data-noted]")) continue;
    const note = words.cloneNode(true);
    note.hidden = false;
    for (const part of task.querySelectorAll("form, details, textarea, a.btn")) part.hidden = true;
    task.append(note);
  }
}

async function tell(path, words) {
  const fields = new URLSearchParams(words);
  fields.set("csrfmiddlewaretoken", token());
  fields.set("queued", "yes");
  return (await fetch(path, { method: "POST", redirect: "manual", body: fields })).status;
}

// One after the other, and in one window only. An answer that is refused is shown as work again, with a word about it.
async function replay() {
  const outbox = await caches.open(OUTBOX);
  let told = 0;
  let refused = 0;
  for (const request of await outbox.keys()) {
    const status = await tell(new URL(request.url).pathname, await (await outbox.match(request)).text());
    const over = status >= 400 && status < 500;
    if (!TAKEN.includes(status) && !over) continue; // not now: signed out, or the server is away
    await outbox.delete(request);
    told += 1;
    if (!TAKEN.includes(status)) refused += 1;
  }
  if (refused) sessionStorage.setItem(REFUSED, "yes");
  if (told) location.replace(PAGE);
}

if (sessionStorage.getItem(REFUSED)) {
  sessionStorage.removeItem(REFUSED);
  document.querySelector("[data-refused]").hidden = false;
}
// Taking over needs the server: of two people only one gets the task.
function onlyOnline() {
  for (const button of document.querySelectorAll("[data-online]")) button.disabled = !navigator.onLine;
}
onlyOnline();
for (const change of ["online", "offline"]) addEventListener(change, onlyOnline);
keepable({ kept: "toli-work", page: PAGE, worker: "/work-worker.js" });

if ("serviceWorker" in navigator && "caches" in window && "locks" in navigator) {
  const now = () => token() && navigator.onLine && navigator.locks.request(OUTBOX, replay).catch(() => {});
  addEventListener("online", now);
  caches.has(OUTBOX).then((waiting) => waiting && mark().then(now)).catch(() => {});
}
