// Passkeys: asks our server what to sign, the device to sign it, and sends the answer with the form.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list || []).map((item) => ({ ...item, id: bytes(item.id) }));

async function made(options) {
  const user = { ...options.user, id: bytes(options.user.id) };
  const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: named(options.excludeCredentials) };
  const key = await navigator.credentials.create({ publicKey });
  const { clientDataJSON, attestationObject } = key.response;
  const transports = key.response.getTransports ? key.response.getTransports() : [];
  return answer(key, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject), transports });
}

async function signed(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
  const key = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = key.response;
  const response = { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) };
  if (userHandle) response.userHandle = text(userHandle);
  return answer(key, response);
}

const answer = (key, response) => JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const missing = document.querySelector("[data-passkey-missing]");
  if (missing) missing.hidden = true;
  const said = form.querySelector("[data-passkey-failed]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.hidden = true;
    const body = new URLSearchParams({ for: form.dataset.for || "", csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    try {
      const found = await fetch(form.dataset.options, { method: "POST", body, headers: { Accept: "application/json" } });
      if (found.status === 409) { location.assign((await found.json()).confirm); return; }
      if (!found.ok) throw new Error(String(found.status));
      const options = await found.json();
      form.elements.credential.value = await (form.dataset.passkey === "make" ? made(options) : signed(options));
      form.submit();
    } catch {
      said.hidden = false;
    }
  });
}
