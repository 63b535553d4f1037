// The list of a feed's updates as they arrive, for whoever owns it. Tells the map and the charts by an event.
const list = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
const more = document.querySelector("[data-more]");
const filter = document.querySelector("[data-filter]");
const maxShown = 500;
window.knownUpdates = [];
const maxOfDay = 5000;
let source = null;
let next = null;
// The day that is shown, [from, to) in milliseconds, and what of it is not in the list yet; null while the newest are shown.
let day = null;
let rest = [];
// What is asked for last is shown, whichever answer comes last.
let turn = 0;

const tell = (name, updates) => document.dispatchEvent(new CustomEvent(name, { detail: updates }));
const isWanted = (update) => !filter?.value || filter.value.split(",").includes(update.kind);
const isOfDay = (update) => !day || (Date.parse(update.at) >= day.from && Date.parse(update.at) < day.to);
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
  if (!isWanted(update)) return;
  showEmpty(false);
  list.prepend(itemOf(update));
  while (list.children.length > maxShown) list.lastElementChild.remove();
}

function showEmpty(isEmpty) {
  for (const [name, isFor] of [["[data-empty]", !day], ["[data-empty-day]", Boolean(day)]]) {
    const place = document.querySelector(name);
    if (place) place.hidden = !isEmpty || !isFor;
  }
}

async function load(before) {
  const mine = turn;
  const asked = new URLSearchParams({ limit: "100" });
  if (filter?.value) asked.set("kind", filter.value);
  if (before) asked.set("before", before);
  const answer = await fetch(`${list.dataset.live}/feed.json?${asked}`, { credentials: "same-origin" });
  if (!answer.ok) { say("The feed could not be read; load the page anew."); return; }
  const document_ = await answer.json();
  if (mine !== turn) return;
  const items = document_.items ?? [];
  for (const item of items) list.append(itemOf(item._update, item.title));
  const updates = items.map((item) => item._update);
  window.knownUpdates = before ? [...window.knownUpdates, ...updates] : updates;
  tell(before ? "updates" : "updates-anew", updates);
  next = document_.next_url ? new URL(document_.next_url).searchParams.get("before") : null;
  if (more) more.hidden = !next;
  showEmpty(list.children.length === 0);
}

// A day by the phone's own time, whenever what it saw then arrived.
async function loadDay() {
  const mine = turn;
  const items = [];
  for (let after = null; items.length < maxOfDay;) {
    const asked = new URLSearchParams({ from: new Date(day.from).toISOString(), to: new Date(day.to).toISOString() });
    if (after !== null) asked.set("after", String(after));
    const answer = await fetch(`${list.dataset.live}/observed?${asked}`, { credentials: "same-origin" });
    if (!answer.ok) { say("The feed could not be read; load the page anew."); return; }
    const found = await answer.json();
    if (mine !== turn) return;
    items.push(...found.items.filter((item) => isWanted(item._update)));
    if (found.next === undefined) break;
    after = found.next;
  }
  rest = items.sort((a, b) => Date.parse(b._update.at) - Date.parse(a._update.at));
  window.knownUpdates = rest.map((item) => item._update);
  tell("updates-anew", window.knownUpdates);
  showEmpty(items.length === 0);
  showRest();
}

function showRest() {
  for (const item of rest.splice(0, 100)) list.append(itemOf(item._update, item.title));
  if (more) more.hidden = rest.length === 0;
}

function follow() {
  source?.close();
  source = new EventSource(`${list.dataset.live}/stream`);
  source.addEventListener("open", () => say("live"));
  source.addEventListener("error", () => say("waiting for the hub…"));
  source.addEventListener("update", (event) => {
    const update = JSON.parse(event.data);
    if (!isOfDay(update)) return;
    window.knownUpdates.push(update);
    prepend(update);
    tell("updates", [update]);
  });
  source.addEventListener("withdrawn", (event) => { if (!day) prepend(JSON.parse(event.data)); });
}

async function start() {
  turn++;
  list.replaceChildren();
  if (more) more.hidden = true;
  next = null;
  rest = [];
  // What was there is cleared at once: the old track would pass for that day's.
  window.knownUpdates = [];
  window.shownDay = day;
  tell("updates-anew", []);
  await (day ? loadDay() : load());
}

if (list) {
  start().then(follow);
  more?.addEventListener("click", () => { if (day) showRest(); else load(next); });
  filter?.addEventListener("change", () => start());
  document.querySelector("[data-jump]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = event.target.elements.day.value;
    const from = asked ? new Date(`${asked}T00:00`) : null;
    // Days are not all of one length.
    day = from ? { from: from.getTime(), to: new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1).getTime() } : null;
    start();
  });
}
