// The track of one phone on outlines of the world that the hub carries itself: a tile server would be told where the phone is.
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { feature } from "topojson-client";

const maxPoints = 2000;
const maxCircles = 100;

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
  // How exact each of the last ones is: a hundred tell enough.
  const circles = L.layerGroup().addTo(map);
  const dot = L.circleMarker([0, 0], { radius: 7, color: accent, weight: 2, fillColor: accent, fillOpacity: 0.9 });
  const points = [];
  let isMoved = false;
  map.on("dragstart", () => { isMoved = true; });

  const show = (updates) => {
    for (const update of updates) {
      if (!update.location) continue;
      points.push({ at: Date.parse(update.at), ...update.location });
    }
    if (points.length === 0) return;
    points.sort((a, b) => a.at - b.at);
    points.splice(0, Math.max(0, points.length - maxPoints));
    track.setLatLngs(points.map((point) => [point.lat, point.lon]));
    const last = points[points.length - 1];
    circles.clearLayers();
    for (const point of points.slice(-maxCircles)) {
      if (point.accuracy > 0) circles.addLayer(L.circle([point.lat, point.lon], { radius: point.accuracy, color: accent, weight: 1, opacity: 0.4, fillOpacity: 0.08, interactive: false }));
    }
    dot.setLatLng([last.lat, last.lon]).addTo(map);
    host.dataset.points = String(points.length);
    host.dataset.last = `${last.lat},${last.lon}`;
    if (!isMoved) map.fitBounds(track.getBounds().pad(0.3), { maxZoom: 15, animate: false });
  };

  document.addEventListener("updates", (event) => show(event.detail));
  document.addEventListener("updates-anew", (event) => { points.length = 0; isMoved = false; show(event.detail); });
  if (window.knownUpdates) show(window.knownUpdates);
}

for (const host of document.querySelectorAll("[data-map]")) draw(host);
