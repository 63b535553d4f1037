// The API's reference, drawn from the hub's own description; it asks nobody else for fonts, and tells nobody.
const host = document.querySelector("#reference");
Scalar.createApiReference(host, { url: host.dataset.url, withDefaultFonts: false, telemetry: false, hideClientButton: true, showDeveloperTools: "never", agent: { disabled: true } });
