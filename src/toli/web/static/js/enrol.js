// Writing people down without a network. Each entry is signed by this phone's key, which cannot be read out of the
// browser, and kept encrypted until the server has it; then only the masked number stays. Sending again does no harm.
const PAGE = location.pathname;
const BATCH = 20;
const here = document.getElementById("enrol");
const part = (name) => document.getElementById("enrol-" + name);
const words = here.dataset;
const bytes = (text) => new TextEncoder().encode(text);
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const hex = (buffer) => [...new Uint8Array(buffer)].map((one) => one.toString(16).padStart(2, "0")).join("");
let phone = null;
let sending = false;

const store = new Promise((resolve, reject) => {
  const asked = indexedDB.open("toli-enrol", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("phone");
    asked.result.createObjectStore("queue", { keyPath: "id" });
  };
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});
async function ask(name, mode, act) {
  const database = await store;
  return new Promise((resolve, reject) => {
    const doing = database.transaction(name, mode);
    const asked = act(doing.objectStore(name));
    doing.oncomplete = () => resolve(asked.result);
    doing.onerror = () => reject(doing.error);
  });
}
const keep = (entry) => ask("queue", "readwrite", (queue) => queue.put(entry));
const drop = (id) => ask("queue", "readwrite", (queue) => queue.delete(id));
const all = async () => (await ask("queue", "readonly", (queue) => queue.getAll())).sort((a, b) => (a.at < b.at ? 1 : -1));

function say(text) {
  part("said").textContent = text || "";
  part("said").hidden = !text;
}

async function post(path, content) {
  const token = here.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(PAGE + path, {
    method: "POST", redirect: "manual", body: JSON.stringify(content),
    headers: { "X-CSRFToken": token, "Content-Type": "application/json" },
  });
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new Error("signedOut");
  if (answer.status === 400) throw Object.assign(new Error("refused"), { words: (await answer.json()).words });
  if (!answer.ok) throw new Error("later");
  return answer.json();
}

async function register() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const seal = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const agent = navigator.userAgent.match(/\(([^)]*)\)/);
  const { device } = await post("/device", { key: { kty, crv, x, y }, name: agent ? agent[1] : "" });
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  if (hex(await crypto.subtle.digest("SHA-256", point)).slice(0, 32) !== device) throw new Error("later");
  const made = { id: device, sign: pair.privateKey, seal, account: words.account };
  await ask("phone", "readwrite", (phones) => phones.put(made, "own"));
  await keepPage();
  navigator.storage?.persist?.();
  return made;
}

async function keepPage() {
  const kept = await caches.open("toli-enrol");
  const looks = [...document.querySelectorAll("link[href^='/static/'], script[src^='/static/']")];
  const icons = document.querySelector("use").getAttribute("href").split("#")[0];
  await kept.addAll([PAGE + location.search, icons, ...looks.map((look) => look.getAttribute("href") || look.getAttribute("src"))]);
  await kept.put(PAGE, await kept.match(PAGE + location.search));
  const script = window.trustedTypes
    ? trustedTypes.createPolicy("toli-enrol", { createScriptURL: (path) => path }).createScriptURL("/enrol-worker.js")
    : "/enrol-worker.js";
  await navigator.serviceWorker.register(script, { scope: PAGE });
}

async function write(given) {
  const entry = { id: crypto.randomUUID(), device: phone.id, ...given, at: new Date().toISOString() };
  const lines = ["toli-enrol-1", entry.id, entry.drive, entry.territory, entry.language, entry.name, entry.phone, entry.at, entry.device];
  entry.signature = base64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, phone.sign, bytes(lines.join("\n"))));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, phone.seal, bytes(JSON.stringify(entry)));
  await keep({ id: entry.id, at: entry.at, masked: "••• ••" + entry.phone.slice(-3), state: "waiting", iv, sealed });
}
async function open(entry) {
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: entry.iv }, phone.seal, entry.sealed);
  return JSON.parse(new TextDecoder().decode(plain));
}

async function send() {
  if (sending || !phone) return;
  sending = true;
  try {
    for (let waiting = await left(); waiting.length; waiting = await left()) {
      const batch = waiting.slice(0, BATCH);
      const { answers } = await post("/records", { records: await Promise.all(batch.map(open)) });
      for (const [place, { result, words: why }] of answers.entries()) {
        const { id, at, masked, iv, sealed } = batch[place];
        await keep(result === "refused" ? { id, at, masked, iv, sealed, state: result, why } : { id, at, masked, state: result });
      }
    }
    say((await all()).length ? words.allSent : "");
  } catch (error) {
    say(error.words || words[error.message] || words.noNetwork);
  } finally {
    sending = false;
    await show();
  }
}
const left = async () => (await all()).filter((entry) => entry.state === "waiting");

async function show() {
  const entries = await all();
  const rows = await Promise.all(entries.map(async (entry) => {
    const row = document.createElement("li");
    const text = row.appendChild(document.createElement("span"));
    text.className = "tx";
    text.appendChild(document.createElement("b")).textContent = entry.sealed ? (await open(entry)).name : entry.masked;
    text.appendChild(document.createElement("small")).textContent =
      (entry.sealed ? entry.masked + " · " : "") + (entry.why || words[entry.state]);
    row.dataset.state = entry.state;
    if (entry.state !== "waiting") {
      const button = row.appendChild(document.createElement("button"));
      button.type = "button";
      button.className = "btn line sm";
      button.textContent = words.remove;
      button.addEventListener("click", () => drop(entry.id).then(show));
    }
    return row;
  }));
  part("list").replaceChildren(...rows);
  part("queue").hidden = !rows.length;
  part("send").hidden = !entries.some((entry) => entry.state === "waiting");
}

async function start() {
  phone = (await ask("phone", "readonly", (phones) => phones.get("own"))) || null;
  if (phone && phone.account !== words.account) {
    phone = null;
    say(words.elsewhere);
    return;
  }
  part("register").hidden = Boolean(phone);
  part("form").hidden = !phone;
  if (!phone) return;
  const last = JSON.parse(localStorage.getItem("toli-enrol") || "{}");
  for (const name of ["booth", "language", "drive"]) {
    if ([...part(name).options].some((option) => option.value === last[name])) part(name).value = last[name];
  }
  await show();
  await send();
}

part("register-now").addEventListener("click", () =>
  register().then(start, (error) => say(error.words || words[error.message] || words.unfit)));
part("send").addEventListener("click", send);
addEventListener("online", send);
part("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const value = (name) => part(name).value.trim();
  const digits = value("phone").replace(/[\s-]/g, "");
  if (!value("name") || !/^(\+?91|0)?\d{10}$/.test(digits) || !value("booth") || !value("drive")) return say(words.missing);
  say("");
  await write({ drive: value("drive"), territory: value("booth"), language: value("language"), name: value("name"), phone: digits });
  localStorage.setItem("toli-enrol", JSON.stringify({ booth: value("booth"), language: value("language"), drive: value("drive") }));
  part("name").value = part("phone").value = "";
  part("name").focus();
  await show();
  await send();
});
start();
