// Keeps the phone page itself for when there is no connection, and shows messages that are pushed.
const name = "phone-__VERSION__";
const files = __FILES__;

self.addEventListener("install", (event) => event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((other) => other.startsWith("phone-") && other !== name).map((other) => caches.delete(other)))).then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !files.includes(url.pathname)) return;
  event.respondWith(fetch(event.request).catch(() => caches.match(url.pathname)));
});
self.addEventListener("push", (event) => {
  const message = event.data?.json() ?? {};
  event.waitUntil(self.registration.showNotification(message.from || "Activity Hub", { body: message.text ?? message.url ?? message.command ?? (message.partial ? "A long message: the phone's page shows it." : ""), tag: message.id, data: message.url ?? "__PHONE__" }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data;
  event.waitUntil(/^https?:/.test(url) ? self.clients.openWindow(url) : showPage());
});

// Two of it would tell everything twice: where one is open, that one.
async function showPage() {
  const [open] = await self.clients.matchAll({ type: "window" });
  return open ? open.focus() : self.clients.openWindow("__PHONE__");
}
