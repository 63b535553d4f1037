// The list of a feed's updates as they arrive, for whoever owns it. Tells the map and the charts by an event.
const list = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
const more = document.querySelector("[data-more]");
const filter = document.querySelector("[data-filter]");
const maxShown = 500;
window.knownUpdates = [];
let source = null;
let next = null;

const tell = (name, updates) => document.dispatchEvent(new CustomEvent(name, { detail: updates }));
const say = (text) => { if (state) state.textContent = text; };

function itemOf(update, title) {
  const item = document.createElement("li");
  item.dataset.kind = update.kind;
  const head = document.createElement("p");
  const time = Object.assign(document.createElement("time"), { dateTime: update.at, textContent: new Date(update.at).toLocaleString() });
  head.append(Object.assign(document.createElement("b"), { textContent: title ?? update.title ?? summary(update) }), " ", Object.assign(document.createElement("span"), { className: "kind", textContent: update.kind }), " ", time);
  const details = document.createElement("details");
  details.append(Object.assign(document.createElement("summary"), { textContent: `update ${update.seq}` }), Object.assign(document.createElement("pre"), { textContent: JSON.stringify(update, null, 2), tabIndex: 0 }));
  item.append(head, details);
  return item;
}

function summary(update) {
  const data = update.data ?? {};
  if (update.withdrawn) return "An update was withdrawn";
  if (data.event && data.place) return `${data.event} ${data.place}`;
  if (update.kind === "battery" && data.level !== undefined) return `Battery ${data.level} %`;
  if (update.location) return `At ${update.location.lat.toFixed(4)}, ${update.location.lon.toFixed(4)}`;
  return data.name ?? data.activity ?? update.kind;
}

function prepend(update) {
  if (filter?.value && !filter.value.split(",").includes(update.kind)) return;
  document.querySelector("[data-empty]")?.remove();
  list.prepend(itemOf(update));
  while (list.children.length > maxShown) list.lastElementChild.remove();
}

async function load(before) {
  const asked = new URLSearchParams({ limit: "100" });
  if (filter?.value) asked.set("kind", filter.value);
  if (before) asked.set("before", before);
  const answer = await fetch(`${list.dataset.live}/feed.json?${asked}`, { credentials: "same-origin" });
  if (!answer.ok) { say("The feed could not be read; load the page anew."); return; }
  const document_ = await answer.json();
  const items = document_.items ?? [];
  for (const item of items) list.append(itemOf(item._update, item.title));
  const updates = items.map((item) => item._update);
  window.knownUpdates = before ? [...window.knownUpdates, ...updates] : updates;
  tell(before ? "updates" : "updates-anew", updates);
  next = document_.next_url ? new URL(document_.next_url).searchParams.get("before") : null;
  if (more) more.hidden = !next;
  const empty = document.querySelector("[data-empty]");
  if (empty) empty.hidden = items.length > 0 || list.children.length > 0;
}

function follow() {
  source?.close();
  source = new EventSource(`${list.dataset.live}/stream`);
  source.addEventListener("open", () => say("live"));
  source.addEventListener("error", () => say("waiting for the hub…"));
  source.addEventListener("update", (event) => {
    const update = JSON.parse(event.data);
    window.knownUpdates.push(update);
    prepend(update);
    tell("updates", [update]);
  });
  source.addEventListener("withdrawn", (event) => prepend(JSON.parse(event.data)));
}

async function start(before) {
  list.replaceChildren();
  await load(before);
}

if (list) {
  start().then(follow);
  more?.addEventListener("click", () => load(next));
  filter?.addEventListener("change", () => start());
  document.querySelector("[data-jump]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const at = event.target.elements.at.value;
    if (!at) { start(); return; }
    const answer = await fetch(`${list.dataset.live}/position?at=${encodeURIComponent(new Date(at).toISOString())}`, { credentials: "same-origin" });
    const { position } = await answer.json();
    start(String(position + 1));
  });
}
