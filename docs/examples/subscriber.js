// A subscriber in JavaScript, with Node alone: node subscriber.js
//
// PORT    where it listens               TOPIC   the address that was subscribed to
// SECRET  what was sent as hub.secret
const { createHmac, timingSafeEqual } = require("node:crypto");
const { createServer } = require("node:http");

const { PORT, SECRET, TOPIC } = process.env;
const seen = new Set(); // A delivery may come twice. Keep the ids where a restart does not lose them.

const isSame = (text, other) => {
  const [given, expected] = [Buffer.from(text ?? ""), Buffer.from(other)];
  return given.length === expected.length && timingSafeEqual(given, expected);
};

const isSigned = (body, headers) => {
  if (!isSame(headers["x-hub-signature"], `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`)) return false;
  // Standard Webhooks: webhooks of an owner have these headers, and subscribers that asked for hub.signature=standard. If you did, do without this line.
  if (headers["webhook-signature"] === undefined) return true;
  const { "webhook-id": id, "webhook-timestamp": sent } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(sent)) <= 300)) return false; // Overheard, and sent again later.
  const expected = `v1,${createHmac("sha256", SECRET).update(`${id}.${sent}.`).update(body).digest("base64")}`;
  return headers["webhook-signature"].split(" ").some((one) => isSame(one, expected));
};

createServer(async (request, response) => {
  if (request.method === "GET") {
    // The hub asks whether this subscription is wanted: the challenge back says yes, a 404 says no.
    const query = new URL(request.url, "http://here").searchParams;
    if (query.get("hub.mode") === "denied") {
      console.log("denied:", query.get("hub.reason"));
      return response.end();
    }
    return query.get("hub.topic") === TOPIC ? response.end(query.get("hub.challenge")) : response.writeHead(404).end();
  }

  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  if (!isSigned(body, request.headers)) return response.writeHead(401).end(); // Not from the hub.
  for (const item of JSON.parse(body).items.reverse()) { // The newest stands first.
    if (seen.has(item.id)) continue;
    seen.add(item.id);
    console.log(item.title);
  }
  response.writeHead(204).end(); // Only now: what is answered with 2xx is not sent again.
}).listen(Number(PORT), "127.0.0.1");
