// Battery, and whatever sensor a phone tells numbers of, over time.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const maxPoints = 5000;
const maxCharts = 8;
const charts = new Map();
const host = document.querySelector("[data-charts]");

function readings(update) {
  const data = update.data ?? {};
  if (update.kind === "battery" && typeof data.level === "number") return [["Battery, %", data.level]];
  if (update.kind === "sensor" && typeof data.value === "number") return [[`${data.name ?? data.sensor ?? data.type ?? "Sensor"}${data.unit ? `, ${data.unit}` : ""}`, data.value]];
  if (update.kind === "geo" && typeof update.location?.speed === "number") return [["Speed, m/s", update.location.speed]];
  return [];
}

function chartOf(name) {
  if (charts.has(name) || charts.size >= maxCharts) return charts.get(name);
  document.querySelector("[data-charts-empty]")?.remove();
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = name;
  figure.append(caption);
  host.append(figure);
  const style = getComputedStyle(host);
  const ink = style.getPropertyValue("--ink").trim();
  const grid = { stroke: style.getPropertyValue("--line").trim(), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  const plot = new uPlot({
    width: Math.max(280, host.clientWidth), height: 160, legend: { show: false }, cursor: { y: false },
    scales: name.startsWith("Battery") ? { y: { range: [0, 100] } } : {},
    axes: [axis, { ...axis, size: 48 }],
    series: [{}, { label: name, stroke: style.getPropertyValue("--accent").trim(), width: 2, points: { show: true, size: 4 } }],
  }, [[], []], figure);
  const chart = { plot, rows: [], caption, name };
  charts.set(name, chart);
  return chart;
}

function show(updates) {
  const touched = new Set();
  for (const update of updates) {
    for (const [name, value] of readings(update)) {
      const chart = chartOf(name);
      if (!chart) continue;
      // Of a clock that is ahead the hub's own time: the last one in the row is named above it.
      chart.rows.push([Math.min(Date.parse(update.at), Date.parse(update.received)) / 1000, value]);
      touched.add(chart);
    }
  }
  for (const chart of touched) {
    chart.rows.sort((a, b) => a[0] - b[0]);
    chart.rows.splice(0, Math.max(0, chart.rows.length - maxPoints));
    chart.plot.setData([chart.rows.map((row) => row[0]), chart.rows.map((row) => row[1])]);
    chart.caption.textContent = `${chart.name}: ${chart.rows[chart.rows.length - 1][1]}`;
  }
}

if (host) {
  document.addEventListener("updates", (event) => show(event.detail));
  document.addEventListener("updates-anew", (event) => {
    for (const chart of charts.values()) { chart.plot.destroy(); chart.caption.parentElement.remove(); }
    charts.clear();
    show(event.detail);
  });
  if (window.knownUpdates) show(window.knownUpdates);
  addEventListener("resize", () => {
    for (const chart of charts.values()) chart.plot.setSize({ width: Math.max(280, host.clientWidth), height: 160 });
  });
}
