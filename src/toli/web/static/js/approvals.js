// A approves, R goes to the note that sends back, J and K move. Every act is a button as well.
const items = [...document.querySelectorAll("[data-item]")];
const hint = document.querySelector("[data-keys]");
if (items.length && hint) hint.hidden = false;
const here = () => Math.max(0, items.findIndex((item) => item.contains(document.activeElement)));
document.addEventListener("keydown", (event) => {
  if (!items.length || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const at = here(), key = event.key.toLowerCase();
  if (key === "j") items[Math.min(items.length - 1, items.some((i) => i.contains(document.activeElement)) ? at + 1 : 0)].focus();
  else if (key === "k") items[Math.max(0, at - 1)].focus();
  else if (key === "a") items[at].querySelector("[data-approve]:not([disabled])")?.form.requestSubmit();
  else if (key === "r") { event.preventDefault(); items[at].querySelector("[data-note]").focus(); }
});
