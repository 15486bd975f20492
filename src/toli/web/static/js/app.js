// Progressive enhancement only: every page works without this file.
const one = (selector) => document.querySelector(selector);

// What is read aloud: what a page marks for it; of a page that marks its heading at most, what stands there to be seen.
const READ_AT_MOST = 60; // sentences and labels
function said() {
  const marked = [...document.querySelectorAll("[data-say]")].filter((part) => part.checkVisibility?.() ?? true);
  const enough = marked.filter((part) => part.closest("main")).length > 1;
  const parts = enough ? marked.map((part) => part.textContent) : one("main").innerText.split("\n");
  return parts.map((part) => part.trim().replace(/\s+/g, " ")).filter(Boolean).slice(0, READ_AT_MOST);
}

// Read the page aloud, with the phone's own voice, where it has one for this language. Piece by piece, as voices stop in
// the middle of what is long.
const listen = one("[data-listen]");
if (listen && "speechSynthesis" in window) {
  listen.hidden = false;
  listen.addEventListener("click", () => {
    if (speechSynthesis.speaking || speechSynthesis.pending) { speechSynthesis.cancel(); return; }
    for (const piece of said()) {
      const speech = new SpeechSynthesisUtterance(piece);
      speech.lang = document.documentElement.lang + "-IN";
      speech.rate = 0.95;
      speechSynthesis.speak(speech);
    }
  });
}

// Fill in the code from the message (WebOTP, Chrome on Android), then go on.
function fillCode() {
  const code = one("input[autocomplete=one-time-code]");
  if (!code || !("OTPCredential" in window)) return;
  const stop = new AbortController();
  code.form.addEventListener("submit", () => stop.abort());
  navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal })
    .then((otp) => { code.value = otp.code; code.form.requestSubmit(); })
    .catch(() => {});
}
fillCode();

// Copy a prepared text with one tap.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    const done = button.querySelector("[data-done]");
    if (done) done.hidden = false;
  });
}

// Say at once that a file is too large, before somebody pays for sending it.
for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  const said = document.createElement("p");
  said.className = "err";
  said.setAttribute("role", "alert");
  input.before(said);
  input.addEventListener("change", () => {
    const heavy = [...input.files].some((file) => file.size > Number(input.dataset.most));
    said.textContent = heavy ? input.dataset.heavy : "";
    if (heavy) input.value = "";
  });
}
