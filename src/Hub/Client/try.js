// Subscribes the built-in callback as anybody would, sends updates with the phone's key, and shows what arrives.
globalThis.base ??= document.documentElement.dataset.base ?? "";
const host = document.querySelector("[data-try]");
if (host) {
  const { feed, deviceKey, readerKey, callback, secret, base } = host.dataset;
  const state = document.querySelector("[data-try-state]");
  const list = document.querySelector("[data-arrivals]");
  let isConfirmed = false;
  const arrivals = new EventSource(`${base}/try/callbacks/${callback}/arrivals`);

  arrivals.addEventListener("arrival", (event) => {
    const arrival = JSON.parse(event.data);
    document.querySelector("[data-no-arrivals]")?.remove();
    const item = document.createElement("li");
    const head = document.createElement("p");
    head.append(
      Object.assign(document.createElement("b"), { textContent: arrival.milliseconds === null ? "A delivery" : `${arrival.milliseconds} ms after the hub had it` }), " ",
      Object.assign(document.createElement("span"), { className: `badge ${arrival.isSigned ? "good" : "bad"}`, textContent: arrival.isSigned ? "signature right" : "signature wrong" }));
    const headers = Object.entries(arrival.headers).map(([name, value]) => `${name}: ${value}`).join("\n");
    let body = arrival.body;
    try { body = JSON.stringify(JSON.parse(body), null, 2); } catch { /* It was cut off: it shows as it came. */ }
    const details = document.createElement("details");
    details.append(Object.assign(document.createElement("summary"), { textContent: "as it arrived" }), Object.assign(document.createElement("pre"), { textContent: `${headers}\n\n${body}`, tabIndex: 0 }));
    item.append(head, details);
    list.prepend(item);
    while (list.children.length > 50) list.lastElementChild.remove();
  });

  const subscribe = async () => {
    const form = new URLSearchParams({ "hub.mode": "subscribe", "hub.topic": `${base}/feeds/${feed}.json?key=${readerKey}`, "hub.callback": `${base}/try/callbacks/${callback}`, "hub.secret": secret, "hub.lease_seconds": "3600", "hub.content": "delta" });
    const answer = await fetch(`${base}/hub`, { method: "POST", body: form, credentials: "omit" });
    if (!answer.ok) { state.textContent = await answer.text(); return; }
    for (let i = 0; i < 40 && !isConfirmed; i++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const look = await fetch(`${base}/try/callbacks/${callback}/state`, { credentials: "omit" });
      isConfirmed = look.ok && (await look.json()).isConfirmed;
    }
    state.textContent = isConfirmed ? "subscribed" : "The hub could not call its own callback: its network has to be allowed (Hub:AllowedCallbackNetworks, or --demo).";
    state.classList.toggle("good", isConfirmed);
  };

  document.querySelector("[data-send]").addEventListener("submit", async (event) => {
    event.preventDefault();
    await fetch(`${base}/feeds/${feed}/updates`, { method: "POST", headers: { Authorization: `Bearer ${deviceKey}`, "Content-Type": "application/json" }, body: event.target.elements.what.value, credentials: "omit" });
  });
  subscribe();
}
