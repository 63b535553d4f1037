// This browser as a phone: tells what its owner has chosen while the page is open, keeps what cannot be sent, and shows messages from apps.
globalThis.base ??= document.documentElement.dataset.base ?? "";
const $ = (selector) => document.querySelector(selector);
const stored = { get: (name) => JSON.parse(localStorage.getItem(`phone.${name}`) ?? "null"), set: (name, value) => value === null ? localStorage.removeItem(`phone.${name}`) : localStorage.setItem(`phone.${name}`, JSON.stringify(value)) };
const batchSize = 200;
const maxQueued = 10000;
const isVoid = "This phone's address is void: its owner has made new keys. Pair it again.";
let pairing = stored.get("pairing");
let running = null;
let following = null;
let sending = false;

// --- The queue, in IndexedDB, so that a closed page loses nothing.
const database = new Promise((resolve, reject) => {
  const opening = indexedDB.open("activity-hub-phone", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("queue", { keyPath: "id" });
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});

async function onQueue(mode, work) {
  const transaction = (await database).transaction("queue", mode);
  const result = work(transaction.objectStore("queue"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(result?.result);
    transaction.onerror = () => reject(transaction.error);
  });
}

const queued = () => onQueue("readonly", (queue) => queue.count());
const first = () => onQueue("readonly", (queue) => queue.getAll(null, batchSize));
const forget = (updates) => onQueue("readwrite", (queue) => { updates.forEach((update) => queue.delete(update.id)); });

async function tell(update) {
  const at = new Date();
  const id = `${at.getTime().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  if (await queued() >= maxQueued) {
    say("Too much waits to be sent: what is new is not kept until some of it is.");
    return;
  }
  await onQueue("readwrite", (queue) => { queue.put({ id, at: at.toISOString(), ...update }); });
  send();
}

async function send() {
  if (sending || !pairing) return;
  sending = true;
  try {
    for (let updates = await first(); updates.length > 0; updates = await first()) {
      const answer = await fetch(`${pairing.url}/native`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(updates), credentials: "omit", keepalive: updates.length < 20,
      });
      if (answer.status === 401) { say(isVoid); return; }
      if (!answer.ok) { say("The hub cannot take anything just now; it is kept and sent later."); return; }
      const result = await answer.json();
      await forget(updates);
      (result.messages ?? []).forEach(show);
      say(`Sent ${updates.length} at ${new Date().toLocaleTimeString()}.`);
    }
  } catch {
    say("No connection: what you tell is kept here and sent once it is back.");
  } finally {
    sending = false;
    $("[data-queued]").textContent = String(await queued());
  }
}

// --- What it senses.
const senses = {
  place(stop) {
    if (!navigator.geolocation) return say("This browser does not tell places.");
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => tell({
        kind: "geo",
        location: { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy, ...(coords.altitude === null ? {} : { altitude: coords.altitude }), ...(coords.speed >= 0 && coords.speed !== null ? { speed: coords.speed } : {}), ...(coords.heading >= 0 && coords.heading !== null && !Number.isNaN(coords.heading) ? { heading: coords.heading } : {}) },
      }),
      (error) => say(error.code === 1 ? "You did not allow this page to see where you are." : "There is no place just now."),
      { enableHighAccuracy: true, maximumAge: 5000 });
    stop.push(() => navigator.geolocation.clearWatch(watch));
  },
  async battery(stop) {
    if (!navigator.getBattery) return say("This browser does not tell its battery.");
    const battery = await navigator.getBattery();
    const report = () => tell({ kind: "battery", data: { level: Math.round(battery.level * 100), charging: battery.charging } });
    report();
    for (const name of ["levelchange", "chargingchange"]) {
      battery.addEventListener(name, report);
      stop.push(() => battery.removeEventListener(name, report));
    }
  },
  async motion(stop) {
    if (typeof DeviceMotionEvent === "undefined") return say("This browser does not tell motion.");
    if (DeviceMotionEvent.requestPermission && await DeviceMotionEvent.requestPermission() !== "granted") return;
    let [count, sum, most] = [0, 0, 0];
    const note = ({ acceleration }) => {
      if (!acceleration || acceleration.x === null) return;
      const size = Math.hypot(acceleration.x, acceleration.y, acceleration.z);
      [count, sum, most] = [count + 1, sum + size, Math.max(most, size)];
    };
    addEventListener("devicemotion", note);
    const timer = setInterval(() => {
      if (count > 0) tell({ kind: "activity", data: { activity: sum / count > 1 ? "moving" : "still", mean: Number((sum / count).toFixed(2)), most: Number(most.toFixed(2)), seconds: 60 } });
      [count, sum, most] = [0, 0, 0];
    }, 60000);
    stop.push(() => { removeEventListener("devicemotion", note); clearInterval(timer); });
  },
  network(stop) {
    const connection = navigator.connection;
    const report = () => tell({ kind: "network", data: { online: navigator.onLine, ...(connection?.type ? { type: connection.type } : {}), ...(connection?.effectiveType ? { effective: connection.effectiveType } : {}) } });
    report();
    connection?.addEventListener?.("change", report);
    stop.push(() => connection?.removeEventListener?.("change", report));
  },
};

async function start() {
  const stop = [];
  running = stop;
  stored.set("running", true);
  for (const box of document.querySelectorAll("[data-sense]")) {
    if (box.checked) await senses[box.dataset.sense](stop);
  }
  try {
    const lock = await navigator.wakeLock?.request("screen");
    if (lock) stop.push(() => lock.release());
  } catch { /* The battery is low, or the page is not seen: it goes on without. */ }
  render();
}

function end() {
  running?.forEach((undo) => undo());
  running = null;
  stored.set("running", null);
  say("Stopped: nothing is told any more.");
  render();
}

// --- Messages from apps.
const seen = new Set();
function show(message) {
  if (!message?.id || seen.has(message.id)) return;
  seen.add(message.id);
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("b"), { textContent: message.from ?? "" }), ` ${message.text ?? message.command ?? ""} `);
  if (message.url && /^https?:/.test(message.url)) item.append(Object.assign(document.createElement("a"), { href: message.url, textContent: message.url, rel: "noreferrer", target: "_blank" }));
  $("[data-messages]").prepend(item);
  $("[data-no-messages]").hidden = true;
  acknowledge([message.id]);
}

async function acknowledge(ids) {
  if (!pairing?.device) return;
  try {
    await fetch(`${base}/devices/${pairing.device}/inbox/acknowledged`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${keyOf(pairing.url)}` }, body: JSON.stringify({ ids }), credentials: "omit" });
  } catch { /* It comes again, and is acknowledged then. */ }
}

// Whether it tells anything or not: whoever taps on a notification finds its message here.
function follow() {
  following?.abort();
  following = new AbortController();
  if (pairing?.device) listen(pairing, following.signal);
}

async function listen({ url, device }, ending) {
  while (!ending.aborted) {
    try {
      const answer = await fetch(`${base}/devices/${device}/inbox`, { headers: { Accept: "text/event-stream", Authorization: `Bearer ${keyOf(url)}` }, credentials: "omit", signal: ending });
      if (answer.status === 401) return say(isVoid);
      if (answer.ok) await readEvents(answer.body);
    } catch { /* Connected again in a moment, or stopped. */ }
    await new Promise((resolve) => navigator.onLine ? setTimeout(resolve, 3000) : addEventListener("online", resolve, { once: true }));
  }
}

async function readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "", part = await reader.read(); !part.done; part = await reader.read()) {
    rest += part.value;
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("");
      if (data) show(JSON.parse(data));
    }
  }
}

async function allowPush() {
  if (!pairing.device) return say("Pair it by its QR code: this address alone does not say whose messages they are.");
  if (!("PushManager" in window)) return say("This browser has no Web Push.");
  try {
    const { publicKey } = await (await fetch(`${base}/push/key`)).json();
    const worker = await navigator.serviceWorker.ready;
    const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
    const answer = await fetch(`${base}/devices/${pairing.device}/push`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${keyOf(pairing.url)}` }, body: JSON.stringify(subscription), credentials: "omit" });
    if (answer.ok) stored.set("push", (await answer.json()).id);
    say(answer.ok ? "Messages reach this phone while the page is closed." : "The hub did not take this browser's push address.");
  } catch (error) {
    say(error.name === "NotAllowedError" ? "You did not allow notifications." : "This browser could not be reached by push.");
  }
}

// The hub is told, and so is the browser: without a connection to the one, its next push finds that the other knows it no more.
function endPush({ url, device }) {
  const push = stored.get("push");
  if (!push) return;
  stored.set("push", null);
  fetch(`${base}/devices/${device}/push/${push}`, { method: "DELETE", headers: { Authorization: `Bearer ${keyOf(url)}` }, credentials: "omit", keepalive: true }).catch(() => {});
  navigator.serviceWorker?.ready.then((worker) => worker.pushManager.getSubscription()).then((subscription) => subscription?.unsubscribe()).catch(() => {});
}

// --- The page.
const keyOf = (url) => new URL(url).pathname.split("/").pop();
function say(text) { $("[data-say]").textContent = text; }

function render() {
  $("[data-paired]").hidden = !pairing;
  $("[data-unpaired]").hidden = !!pairing;
  $("[data-start]").hidden = !!running;
  $("[data-stop]").hidden = !running;
  for (const box of document.querySelectorAll("[data-sense]")) box.disabled = !!running;
}

function pair(text) {
  let [url, device] = [text, null];
  const parameters = new URLSearchParams(text);
  if (parameters.has("u")) [url, device] = [parameters.get("u"), parameters.get("d")];
  try {
    const parsed = new URL(url, location.origin);
    // Addresses of this hub alone: the key in it must not be sent to anybody else, and the page may not ask anybody else.
    if (!parsed.pathname.startsWith(base) || !/^\/i\/[\w-]+\/?$/.test(parsed.pathname.slice(base.length))) throw new Error();
    if (pairing?.device && pairing.device !== device) endPush(pairing);
    pairing = { url: `${location.origin}${parsed.pathname.replace(/\/$/, "")}`, device };
    stored.set("pairing", pairing);
    follow();
    say("Paired.");
  } catch {
    say("This is no phone's address: it looks like …/i/ik_….");
  }
  render();
}

if (location.hash.length > 1) {
  pair(location.hash.startsWith("#http") ? decodeURIComponent(location.hash.slice(1)) : location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
for (const box of document.querySelectorAll("[data-sense]")) {
  box.checked = stored.get(box.dataset.sense) ?? box.checked;
  box.addEventListener("change", () => stored.set(box.dataset.sense, box.checked));
}
$("[data-pair]").addEventListener("submit", (event) => { event.preventDefault(); pair(event.target.elements.url.value.trim()); });
$("[data-start]").addEventListener("click", start);
$("[data-stop]").addEventListener("click", end);
$("[data-push]").addEventListener("click", allowPush);
$("[data-unpair]").addEventListener("click", () => { end(); endPush(pairing); pairing = null; stored.set("pairing", null); follow(); render(); });
$("[data-note]").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.elements.note;
  if (field.value.trim()) tell({ kind: "note", title: field.value.trim().slice(0, 200) });
  field.value = "";
});
$("[data-photo]").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  const location_ = file && await placeOf(file);
  if (location_) tell({ kind: "geo", location: location_, data: { source: "photo" } });
  say(location_ ? "The place of the photograph was told; the photograph stays here." : "This photograph does not say where it was taken.");
  event.target.value = "";
});
addEventListener("online", send);
navigator.serviceWorker?.register(`${base}/phone/worker.js`, { scope: `${base}/phone` });
setInterval(send, 15000);
render();
queued().then((count) => { $("[data-queued]").textContent = String(count); });
if (!following) follow();
if (pairing && stored.get("running")) start();
