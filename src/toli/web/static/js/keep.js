// A page that a member wants to keep on this phone for times without a network: today's, the card's. Its worker answers
// for it from then on. Progressive enhancement only: without this file everything is shown all the same.

// `kept` is the name of the store, `page` the page and what its worker stands above, `worker` that script's address;
// `also` gives what is kept beside the page and what it looks like, `told` puts in what only the server can say.
export function keepable({ kept, page, worker, also = () => [], told = async () => {} }) {
  const keeping = document.querySelector("[data-keeping]");
  if (!keeping || !("serviceWorker" in navigator) || !("caches" in window)) return;
  const part = (name) => keeping.querySelector(`[data-${name}]`);
  const show = (is) => {
    part("not-kept").hidden = is;
    part("kept").hidden = !is;
  };
  const script = window.trustedTypes
    ? trustedTypes.createPolicy(kept, { createScriptURL: (path) => path }).createScriptURL(worker)
    : worker;

  const keep = async () => {
    const store = await caches.open(kept);
    const looks = [...document.querySelectorAll("link[href^='/static/'], script[src^='/static/']")];
    const icons = document.querySelector("use").getAttribute("href").split("#")[0];
    const addresses = looks.map((look) => look.getAttribute("href") || look.getAttribute("src"));
    await store.addAll([page, icons, ...also(), ...addresses]);
    await told(store);
    await navigator.serviceWorker.register(script, { scope: page });
    show(true);
  };
  const remove = async () => {
    await caches.delete(kept);
    await (await navigator.serviceWorker.getRegistration(page))?.unregister();
    show(false);
  };

  keeping.hidden = false;
  caches.has(kept).then(show);
  part("keep").addEventListener("click", () => keep().catch(remove));
  part("remove").addEventListener("click", remove);
}
