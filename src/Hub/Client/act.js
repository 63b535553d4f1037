// Forms that act through the API: <form data-api="POST /api/…">. Names are members of the body; data-type says what kind of value a field is. The answer to a
// refusal is shown above the fields; what is shown only once is shown in the form's <output>.
globalThis.base ??= document.documentElement.dataset.base ?? "";
const token = document.querySelector("meta[name=page-token]")?.content ?? "";

function valueOf(field) {
  const text = field.value.trim();
  switch (field.dataset.type) {
    case "number": return text === "" ? null : Number(text);
    case "flag": return field.checked;
    case "yes": return true;
    case "list": return text === "" ? null : text.split(/[\s,]+/).filter(Boolean);
    case "time": return text === "" ? null : new Date(text).toISOString();
    default: return text === "" ? null : field.value;
  }
}

function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.dataset.optional !== undefined && field.value.trim() === "") continue;
    if (field.type === "checkbox" && field.dataset.type === "choice") {
      body[field.name] ??= [];
      if (field.checked) body[field.name].push(field.value);
    } else {
      body[field.name] = valueOf(field);
    }
  }
  for (const name of (form.dataset.nullIfEmpty ?? "").split(" ").filter(Boolean)) {
    if (Array.isArray(body[name]) && body[name].length === 0) body[name] = null;
  }
  return body;
}

function alertOf(form) {
  let alert = form.querySelector("[role=alert]");
  if (!alert) {
    alert = document.createElement("div");
    alert.setAttribute("role", "alert");
    form.prepend(alert);
  }
  return alert;
}

async function faultsOf(answer) {
  try {
    const problem = await answer.json();
    const faults = (problem.errors ?? []).map((fault) => fault.detail).filter(Boolean);
    return faults.length > 0 ? faults : [problem.detail ?? problem.title];
  } catch {
    return [`The hub answered ${answer.status}.`];
  }
}

async function send(form) {
  const [method, path] = form.dataset.api.split(" ");
  const hasBody = method !== "DELETE" && form.dataset.body !== "none";
  const answer = await fetch(path, {
    method,
    headers: { RequestVerificationToken: token, ...(hasBody ? { "Content-Type": "application/json" } : {}) },
    body: hasBody ? JSON.stringify(bodyOf(form)) : undefined,
    credentials: "same-origin",
  });
  if (answer.status === 401) {
    location.href = `${base}/sign-in?returnUrl=${encodeURIComponent(location.pathname.slice(base.length))}`;
    return;
  }
  if (!answer.ok) {
    const alert = alertOf(form);
    alert.className = "fault";
    alert.replaceChildren(...(await faultsOf(answer)).map((fault) => Object.assign(document.createElement("p"), { textContent: fault })));
    return;
  }
  const result = answer.status === 204 ? {} : await answer.json();
  const output = form.querySelector("output[data-show]");
  if (output) {
    const rows = output.dataset.show.split(" ").map((name) => [name, name.split(".").reduce((item, part) => item?.[part], result)]).filter(([, value]) => value);
    output.replaceChildren(...rows.flatMap(([, value]) => copyable(String(value))));
    form.dispatchEvent(new CustomEvent("acted", { detail: result, bubbles: true }));
    return;
  }
  const then = form.dataset.then ?? "reload";
  if (then === "reload") location.reload();
  else location.href = then.replace("{id}", encodeURIComponent(result.id ?? ""));
}

function copyable(text) {
  const code = Object.assign(document.createElement("code"), { textContent: text, className: "copyable" });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  button.addEventListener("click", () => copy(button, text));
  return [code, button];
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy it yourself";
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.api) return;
  event.preventDefault();
  const buttons = form.querySelectorAll("button:not([type=button])");
  buttons.forEach((button) => { button.disabled = true; });
  try {
    await send(form);
  } catch {
    alertOf(form).textContent = "The hub cannot be reached just now; nothing is known to have changed. Try again.";
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
});

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", () => copy(button, button.dataset.copy));
}

// Times are written for whoever looks, where he is.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.title = time.dateTime;
    time.textContent = at.toLocaleString();
  }
}

// The same words as the server's.
const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];
function ago(at) {
  const seconds = (Date.now() - at) / 1000;
  const unit = units.find(([length]) => seconds >= length);
  if (!unit) return "just now";
  const count = Math.floor(seconds / unit[0]);
  return `${count} ${unit[1]}${count === 1 ? "" : "s"} ago`;
}
const agos = () => { for (const place of document.querySelectorAll("[data-ago]")) place.textContent = ago(Date.parse(place.dataset.ago)); };
agos();
if (document.querySelector("[data-ago]")) setInterval(agos, 20000);
