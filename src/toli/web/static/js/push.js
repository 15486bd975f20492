// Notifications in this browser: asked for after a tap, never by themselves. Without this file nobody is asked.
const PAGE = "/me/notifications";
const part = document.querySelector("[data-push]");

if (part && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  const show = (state) => {
    for (const one of part.querySelectorAll("[data-push-state]")) one.hidden = one.dataset.pushState !== state;
  };
  const worker = window.trustedTypes
    ? trustedTypes.createPolicy("toli-push", { createScriptURL: (path) => path }).createScriptURL("/push-worker.js")
    : "/push-worker.js";
  const key = bytes(part.dataset.key);

  const turnOn = async () => {
    const allowed = await Notification.requestPermission();
    if (allowed !== "granted") {
      show("refused");
      if (allowed === "denied") await tell({ act: "later" });
      return;
    }
    const registration = await navigator.serviceWorker.register(worker, { scope: PAGE });
    await active(registration);
    const answer = await subscribe(registration, "on");
    show(answer.status === 204 ? "on" : "failed");
  };
  const subscribe = async (registration, act) => {
    const earlier = await registration.pushManager.getSubscription();
    if (earlier && !isOfToday(earlier)) await earlier.unsubscribe();
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    return tell({ act, subscription: JSON.stringify(made) });
  };
  const isOfToday = (made) => String(new Uint8Array(made.options.applicationServerKey)) === String(key);
  // Our key has changed: a browser that was allowed to shows notifications of the new one, and nobody is asked again.
  const renew = async () => {
    const registration = await navigator.serviceWorker.getRegistration(PAGE);
    const earlier = registration && (await registration.pushManager.getSubscription());
    if (earlier && !isOfToday(earlier) && Notification.permission === "granted") await subscribe(registration, "renew");
  };

  if ("renew" in part.dataset) renew().catch(() => {});
  else {
    part.hidden = false;
    show(Notification.permission === "denied" ? "refused" : "ask");
    part.querySelector("[data-push-on]").addEventListener("click", () => turnOn().catch(() => show("failed")));
  }
}

function tell(fields) {
  const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
  return fetch(PAGE, { method: "POST", redirect: "manual", body: new URLSearchParams({ csrfmiddlewaretoken, ...fields }) });
}

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}

function active(registration) {
  const coming = registration.installing || registration.waiting;
  if (!coming) return Promise.resolve();
  return new Promise((resolve) => {
    coming.addEventListener("statechange", () => coming.state === "activated" && resolve());
  });
}
