// A feed as the holder of one grant sees it.
const host = document.querySelector("[data-preview]");
if (host) {
  fetch(host.dataset.preview, { credentials: "same-origin" }).then(async (answer) => {
    const items = answer.ok ? (await answer.json()).items ?? [] : [];
    document.querySelector("[data-preview-empty]").hidden = items.length > 0;
    for (const item of items) {
      const entry = document.createElement("li");
      entry.append(Object.assign(document.createElement("p"), { textContent: item.title }), Object.assign(document.createElement("pre"), { textContent: JSON.stringify(item._update, null, 2), tabIndex: 0 }));
      host.append(entry);
    }
  });
}
