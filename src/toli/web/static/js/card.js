// The card's page: send the picture with the phone's own menu, keep the card for times without a network.
// Progressive enhancement only: without this file the card is shown, saved and printed all the same.
const PICTURE = "/me/card.png";
const KEPT = "toli-card";
const SCOPE = "/me/card";

const send = document.querySelector("[data-send]");
if (send && navigator.canShare?.({ files: [new File([""], "card.png", { type: "image/png" })] })) {
  send.hidden = false;
  send.addEventListener("click", async () => {
    const picture = await (await fetch(PICTURE)).blob();
    const file = new File([picture], send.dataset.send, { type: "image/png" });
    await navigator.share({ files: [file] }).catch(() => {}); // closed without sending: nothing to say
  });
}

const keeping = document.querySelector("[data-keeping]");
if (keeping && "serviceWorker" in navigator && "caches" in window) {
  const part = (name) => keeping.querySelector(`[data-${name}]`);
  const show = (kept) => {
    part("not-kept").hidden = kept;
    part("kept").hidden = !kept;
  };
  const worker = window.trustedTypes
    ? trustedTypes.createPolicy("toli-card", { createScriptURL: (path) => path }).createScriptURL("/card-worker.js")
    : "/card-worker.js";

  const keep = async () => {
    const kept = await caches.open(KEPT);
    const looks = [...document.querySelectorAll("link[href^='/static/'], script[src^='/static/']")];
    const icons = document.querySelector("use").getAttribute("href").split("#")[0];
    await kept.addAll([SCOPE, PICTURE, icons, ...looks.map((look) => look.getAttribute("href") || look.getAttribute("src"))]);
    await navigator.serviceWorker.register(worker, { scope: SCOPE });
    show(true);
  };
  const remove = async () => {
    await caches.delete(KEPT);
    await (await navigator.serviceWorker.getRegistration(SCOPE))?.unregister();
    show(false);
  };

  keeping.hidden = false;
  caches.has(KEPT).then(show);
  part("keep").addEventListener("click", () => keep().catch(remove));
  part("remove").addEventListener("click", remove);
}
