// Joining goes on where it was when the network comes back. Without this file every step is a plain form.
let waiting = null; // the form that could not be sent, with the button that was pressed

const lost = (on) => {
  for (const note of document.querySelectorAll("[data-lost]")) note.hidden = !on;
  for (const button of document.querySelectorAll("main form button")) button.disabled = false;
};

// An answer of ours takes the place of the step; another address is opened.
const show = (answer, address) => {
  const step = answer && answer.querySelector("main");
  if (!step || new URL(address).pathname !== "/join") { location.assign(address); return; }
  document.querySelector("main").replaceWith(document.adoptNode(step));
  document.title = answer.title;
  scrollTo(0, 0);
  fillCode();
  const heading = document.querySelector("[role=alert]:not([hidden]) , h1");
  if (heading) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
};

const send = (form, button) => {
  waiting = [form, button];
  const request = new XMLHttpRequest(); // gives the answer as a document, without a text that becomes one
  request.responseType = "document";
  request.timeout = 20000;
  request.onload = () => { waiting = null; show(request.response, request.responseURL); };
  request.onerror = request.ontimeout = () => lost(true);
  request.open("POST", form.action);
  const fields = new FormData(form);
  if (button && button.name) fields.set(button.name, button.value); // older browsers leave it out
  request.send(new URLSearchParams(fields));
  for (const other of form.querySelectorAll("button")) other.disabled = true;
};

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || new URL(event.target.action).pathname !== "/join") return;
  event.preventDefault();
  send(event.target, event.submitter);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-retry]") && waiting) { lost(false); send(...waiting); }
});
addEventListener("online", () => { if (waiting && document.querySelector("[data-lost]:not([hidden])")) { lost(false); send(...waiting); } });
