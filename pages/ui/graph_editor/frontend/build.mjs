/**
 * Bundles src/ into ../assets: one ES module, one style sheet, the licences of what is bundled, and the digest of the
 * source, by which a test sees that the bundle is not stale.
 * The names carry a hash because Streamlit lets browsers cache assets without a way to ask for a newer one.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const ASSETS = "../assets";

rmSync(ASSETS, { recursive: true, force: true });
mkdirSync(ASSETS);

const result = await build({
  entryPoints: { graph_editor: "src/index.jsx" },
  outdir: ASSETS,
  entryNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  minify: true,
  target: ["es2022"],
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  metafile: true,
  logLevel: "info",
});

writeFileSync(`${ASSETS}/LICENSES.txt`, licences(Object.keys(result.metafile.inputs)));
writeFileSync(`${ASSETS}/SOURCE.sha256`, `${sourceDigest()}\n`);

function sourceDigest() {
  const files = ["build.mjs", "package-lock.json", ...readdirSync("src").map((file) => `src/${file}`)];
  const digests = files.map((file) => digest(readFileSync(file))).sort();
  return digest(digests.join(""));
}

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function licences(inputs) {
  const folders = new Set(inputs.map((input) => input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
  const texts = [...folders].sort().map(licence);
  return ["The bundle in this folder contains these packages.", ...texts].join(`\n\n${"-".repeat(80)}\n\n`) + "\n";
}

function licence(name) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, "utf8").trim() : "";
  return `${name} ${version} (${license})\n\n${text}`.trim();
}
