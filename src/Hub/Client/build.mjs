// Bundles what npm brings into files that the program carries in itself. Run by the build where Node is there.
import { build } from "esbuild";
import { copyFileSync, mkdirSync } from "node:fs";

mkdirSync("dist", { recursive: true });
await build({
  entryPoints: { map: "bundled/map.js", charts: "bundled/charts.js" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  legalComments: "linked",
  loader: { ".png": "dataurl" },
});
copyFileSync("node_modules/world-atlas/countries-110m.json", "dist/world.json");
