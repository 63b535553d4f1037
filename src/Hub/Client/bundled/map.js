// The track of one phone on outlines of the world that the hub carries itself: a tile server would be told where the phone is.
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { feature } from "topojson-client";

const maxPoints = 2000;
// As the hub judges it: a clock that is ahead says nothing about the present.
const mostAhead = 60000;

async function draw(host) {
  const map = L.map(host, { zoomControl: true, worldCopyJump: true, preferCanvas: false, attributionControl: false });
  map.setView([20, 0], 2);
  L.control.scale({ imperial: false }).addTo(map);
  const style = getComputedStyle(host);
  const colour = (name) => style.getPropertyValue(name).trim();
  if (host.dataset.tiles) {
    L.tileLayer(host.dataset.tiles, { maxZoom: 19 }).addTo(map);
  } else if (host.dataset.world) {
    const answer = await fetch(host.dataset.world);
    const world = await answer.json();
    L.geoJSON(feature(world, world.objects.countries), {
      interactive: false,
      style: { color: colour("--line"), weight: 1, fillColor: colour("--land"), fillOpacity: 1 },
    }).addTo(map);
  }

  const accent = colour("--accent");
  const track = L.polyline([], { color: accent, weight: 3, opacity: 0.75 }).addTo(map);
  // How exact the newest one is; more than one circle would hide the track.
  const circle = L.circle([0, 0], { radius: 0, color: accent, weight: 1, opacity: 0.4, fillOpacity: 0.08, interactive: false });
  const dot = L.circleMarker([0, 0], { radius: 7, color: accent, weight: 2, fillColor: accent, fillOpacity: 0.9 });
  const points = [];
  let isMoved = false;
  map.on("dragstart", () => { isMoved = true; });

  const pointOf = ({ at, received, location }) => {
    const [seen, heard] = [Date.parse(at), Date.parse(received)];
    return { at: Math.min(seen, heard), isAhead: seen - heard > mostAhead, ...location };
  };
  // The newest that arrived, which the page loads first, need not be the last that was seen.
  const latest = host.dataset.latestPlace ? pointOf(JSON.parse(host.dataset.latestPlace)) : null;

  const show = (updates) => {
    for (const update of updates) {
      if (update.location && !update.withdrawn) points.push(pointOf(update));
    }
    points.sort((a, b) => a.at - b.at);
    points.splice(0, Math.max(0, points.length - maxPoints));
    track.setLatLngs(points.map((point) => [point.lat, point.lon]));
    let last = points.findLast((point) => !point.isAhead);
    if (latest && !window.shownDay && !(last?.at >= latest.at)) last = latest;
    host.dataset.points = String(points.length);
    host.dataset.last = last ? `${last.lat},${last.lon}` : "";
    if (last) dot.setLatLng([last.lat, last.lon]).addTo(map);
    else dot.remove();
    if (last?.accuracy > 0) circle.setLatLng([last.lat, last.lon]).setRadius(last.accuracy).addTo(map);
    else circle.remove();
    const shown = [...track.getLatLngs(), ...(last ? [dot.getLatLng()] : [])];
    if (!isMoved && shown.length > 0) map.fitBounds(L.latLngBounds(shown).pad(0.3), { maxZoom: 15, animate: false });
  };

  document.addEventListener("updates", (event) => show(event.detail));
  document.addEventListener("updates-anew", (event) => { points.length = 0; isMoved = false; show(event.detail); });
  if (window.knownUpdates) show(window.knownUpdates);
}

for (const host of document.querySelectorAll("[data-map]")) draw(host);
