// Bundles survey/browser/ into survey/static/dist/: the page's script, a tiny check that old browsers can parse, what
// the page fetches only where it is needed (modes, drafts), and the field kit's script and service worker.
// The pages' styles are written small, to stand in the pages themselves.
// Each script is written plain, gzip and brotli, under a name that holds its hash, with the list of names in bundle.json.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";
import { bareBrowserLists } from "./browser_lists.mjs";
import { PRIVATE, smallLibraries } from "./small_libraries.mjs";
import { smallWordLists } from "./word_lists.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "survey/static/dist");
// The oldest browsers that have BigInt, which the sealing library needs. globalThis came a little later than that;
// destructuring has an odd corner in them that esbuild would refuse everywhere and that nothing here uses.
const PHONE = {
  target: ["chrome67", "firefox68", "safari14"],
  supported: { destructuring: true, "dynamic-import": true },
  define: { globalThis: "self" },
};
const ENTRIES = {
  main: { from: "interview/main", ...PHONE },
  check: { from: "start/check", target: ["es5"] },
  still: { from: "start/still", target: ["es5"] },
  language: { from: "start/language", target: ["es5"] },
  // Fetched by main with import(), so that a phone that needs neither pays for neither.
  modes: { from: "interview/shared_device", ...PHONE, format: "esm" },
  drafts: { from: "drafts/drafts", ...PHONE, format: "esm" },
  audio: { from: "screen/audio", ...PHONE, format: "esm" },
  invited: { from: "interview/invitation", ...PHONE, format: "esm" },
  search: { from: "search/answer_search", ...PHONE, format: "esm" },
  work: { from: "delivery/proof_of_work", ...PHONE, format: "esm" },
  sealing: { from: "sealing/hpke_library", ...PHONE, format: "esm" },
  withdraw: { from: "withdraw/withdraw", ...PHONE },
  kit: { from: "kit/kit", ...PHONE },
  receipt: { from: "receipt/receipt", ...PHONE },
  passkeys: { from: "desk/passkeys", ...PHONE },
  sw: { from: "kit/service_worker", ...PHONE },
};
// Of `sotto study preview`, in a folder of its own: no host serves it, and the public log names it nowhere.
const PREVIEW = { from: "preview/preview", target: ["es2022"] };
const STYLES = ["page", "plain", "kit"];
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const zipped = (data) => gzipSync(data, { level: 9 });
const { BROTLI_PARAM_MODE, BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
// Which of brotli's three models of its input makes a script smallest is found by trying: it is not always that of text.
const MODES = [constants.BROTLI_MODE_GENERIC, constants.BROTLI_MODE_TEXT, constants.BROTLI_MODE_FONT];
const compressed = (data, mode) => brotliCompressSync(data, {
  params: { [BROTLI_PARAM_MODE]: mode, [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_SIZE_HINT]: data.length },
});
const brotli = (data) => MODES.map((mode) => compressed(data, mode)).reduce((a, b) => (b.length < a.length ? b : a));

async function bundle(name, { from, ...options }) {
  const result = await build({
    entryPoints: [join(root, `survey/browser/${from}.ts`)],
    absWorkingDir: root, bundle: true, minify: true, write: false, metafile: true, charset: "utf8", format: "iife",
    platform: "browser", preserveSymlinks: true, external: ["crypto"], legalComments: "none", plugins: [smallWordLists, bareBrowserLists, smallLibraries],
    mangleProps: PRIVATE,
    ...options,
  });
  const text = await small(Buffer.from(result.outputFiles[0].contents).toString(), options);
  return { name, text, file: `${name}-${sha256(text).slice(0, 16)}.js`, inputs: Object.keys(result.metafile.inputs) };
}

// Decision 140: esbuild writes what old browsers can parse; terser, which looks at whole functions, makes it 6 % smaller in brotli.
async function small(source, { target, format }) {
  const ecma = target.includes("es5") ? 5 : 2017;
  const { code } = await minify(source, {
    ecma, module: format === "esm", compress: { passes: 3 }, format: { ecma, comments: false },
  });
  return Buffer.from(code);
}

async function style(name) {
  const source = readFileSync(join(root, `templates/respond/${name}.css`), "utf8");
  // Without a target four sides are written as `inset`, which came with Chrome 87: the cover would cover nothing.
  const { code } = await transform(source, { loader: "css", minify: true, charset: "utf8", target: PHONE.target });
  return { file: `${name}.css`, text: code.trim() };
}

function write(file, data) {
  writeFileSync(join(dist, `.${file}.new`), data);
  renameSync(join(dist, `.${file}.new`), join(dist, file));
}

// The bundle holds other people's code without its comments: their licences go with it.
function licences(inputs) {
  const folders = new Set(inputs.map((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const path = ["LICENSE", "LICENSE.txt"].map((file) => join(root, folder, file)).find((file) => existsSync(file));
    return `${name} ${version} (${license})\n\n${path ? readFileSync(path, "utf8").trim() : ""}\n`;
  }).join("\n----\n\n");
}

const bundles = await Promise.all(Object.entries(ENTRIES).map(([name, options]) => bundle(name, options)));
mkdirSync(dist, { recursive: true });
mkdirSync(join(dist, "preview"), { recursive: true });
const kept = new Set(["bundle.json", "licences.txt", "sources.sha256", "preview"]);
for (const { file, text } of bundles) {
  const forms = { "": text, ".gz": zipped(text), ".br": brotli(text) };
  for (const [suffix, data] of Object.entries(forms)) {
    write(file + suffix, data);
    kept.add(file + suffix);
  }
  console.log(`${file}: ${text.length} bytes, gzip ${forms[".gz"].length}, brotli ${forms[".br"].length}`);
}
for (const { file, text } of await Promise.all(STYLES.map(style))) {
  write(file, text);
  kept.add(file);
}
writeFileSync(join(dist, "preview", "preview.js"), (await bundle("preview", PREVIEW)).text);
write("licences.txt", licences(bundles.flatMap(({ inputs }) => inputs)));
write("bundle.json", `${JSON.stringify(Object.fromEntries(bundles.map(({ name, file }) => [name, file])))}\n`);
for (const file of readdirSync(dist)) {
  if (!kept.has(file)) rmSync(join(dist, file));
}
