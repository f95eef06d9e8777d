// Checks what is built for phones against the oldest browsers that it is for (browserslist in package.json): syntax and
// built-in objects by eslint-plugin-es-x, interfaces of browsers by eslint-plugin-compat, styles by doiuse. What is
// found must be listed below, with the reason why an old browser can do without it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import doiuse from "doiuse";
import { ESLint } from "eslint";
import compat from "eslint-plugin-compat";
import esx from "eslint-plugin-es-x";
import postcss from "postcss";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { browserslist } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Of ECMAScript after 2018: what all of these browsers have. */
const HAD = ["no-bigint", "no-dynamic-import", "no-optional-catch-binding"];
/** What the two plugins do not see, as ESLint selects it. */
const YOUNGER = [
  'CallExpression[callee.property.name="at"]', 'MemberExpression[object.name="AbortSignal"][property.name=/^(any|timeout)$/]',
];
/** Interfaces that are used only where they are found, each behind a check of its own. */
const ASKED_FOR = ["ResizeObserver", "navigator.storage", "trustedTypes"];
/** Styles that an old browser leaves out, and what it shows then. */
const LEFT_OUT = {
  "prefers-color-scheme": "the light colours, and those that are chosen under Aa",
  "prefers-reduced-motion": "the page has no motion that it needs",
  "css-overscroll-behavior": "a pull at the top of the page may reload, and the browser asks",
  "text-size-adjust": "letters as the browser has them",
  "css-snappoints": "scrolling without stops; named for scroll-padding, which only helps the focus",
  "font-family-system-ui": "the next family in the list",
  "css-logical-props": "see hasPrefixed",
  "css-overflow": "only hidden and auto are in use",
  "css-clip-path": "only inset() is in use, and the words for screen readers are one pixel wide without it",
  "css-masks": "named for clip-path",
  "css-touch-action": "a double tap may zoom",
  "css-focus-visible": "the browser's own mark of the focus",
  "css-appearance": "controls as the browser draws them",
  "flexbox-gap": "boxes that touch, each with a border of its own",
  "css-sticky": "position: sticky itself is there; tables are not stuck",
  "text-decoration": "a plain underline",
  "css-gradients": "the gradients in use have two colours and no hints",
  "css-has": "a heading in the common size; nothing is hidden or shown by it",
  "multicolumn": "one column",
  "css-media-scripting": "languages that cannot be chosen, below the note that says so",
  "css-env-function": "see FALLEN_BACK",
  "css-math-functions": "see FALLEN_BACK",
};
/** Values in place of which an earlier declaration of the same property, or @supports, must stand. */
const FALLEN_BACK = new Set(["css-env-function", "css-math-functions"]);

/** Returns whether a declaration has one of the same property before it in its rule, or is asked for by @supports. */
function hasFallback(declaration) {
  // minmax() is older, and no such function.
  if (!/(?<![\w-])(?:min|max|clamp|env)\(/.test(declaration.value)) return true;
  for (let at = declaration.parent; at; at = at.parent) if (at.type === "atrule" && at.name === "supports") return true;
  // A shorthand, as padding of padding-bottom, stands for all of its parts.
  const isSame = ({ prop = "-" }) => prop === declaration.prop || declaration.prop.startsWith(`${prop}-`);
  return declaration.parent.nodes.some((other, place, all) => isSame(other) && place < all.indexOf(declaration));
}

/** Returns whether -webkit-padding-start or its like, all that Chrome has before 69, stands before padding-inline-start. */
function hasPrefixed({ prop, parent }) {
  // Alignment by start and end is as old as these browsers.
  if (prop === "text-align" || /^-webkit-(margin|padding|border)-(start|end)/.test(prop)) return true;
  const older = /^(margin|padding|border)-inline-(start|end)/.test(prop) ? `-webkit-${prop.replace("-inline", "")}` : "";
  return parent.nodes.some((other, place, all) => other.prop === older && place < all.findIndex((own) => own.prop === prop));
}

/** Returns the faults of a stylesheet, each as a line. */
export async function faultsOfStyle(name, css, browsers = browserslist) {
  const faults = [];
  const onFeatureUsage = ({ feature, message, usage }) => {
    const known = Object.hasOwn(LEFT_OUT, feature);
    if (!known) faults.push(`${name}: ${message}`);
    else if (feature === "css-logical-props" && !hasPrefixed(usage)) {
      faults.push(`${name}: \`${usage}\` has no earlier form with -webkit-, as Chrome before 69 has it`);
    } else if (FALLEN_BACK.has(feature) && !hasFallback(usage)) {
      faults.push(`${name}: \`${usage}\` has no earlier \`${usage.prop}\` for browsers without it`);
    }
  };
  await postcss([doiuse({ browsers, onFeatureUsage })]).process(css, { from: name });
  return faults;
}

const off = (rules) => Object.fromEntries(rules.map((rule) => [`es-x/${rule}`, "off"]));
const later = Object.keys(esx.configs["flat/restrict-to-es2018"].rules).map((rule) => rule.replace("es-x/", ""));
// Arrays have methods of the same names, and `at` is a property of ours: of that the calls are looked for.
const ambiguous = later.filter((rule) => rule.startsWith("no-iterator-prototype-") || rule.endsWith("-prototype-at"));
const eslint = new ESLint({
  cwd: root, overrideConfigFile: true, allowInlineConfig: false, ignore: false,
  overrideConfig: [{
    languageOptions: { ecmaVersion: 2020, sourceType: "module" },
    plugins: { compat, "es-x": esx },
    settings: { browsers: browserslist, polyfills: ASKED_FOR, "es-x": { aggressive: true } },
    rules: {
      ...esx.configs["flat/restrict-to-es2018"].rules, ...off([...HAD, ...ambiguous]), "compat/compat": "error",
      "no-restricted-syntax": ["error", ...YOUNGER.map((selector) => ({ selector, message: "This is younger." }))],
    },
  }],
});

/** Returns the faults of a script, each as a line. */
export async function faultsOfScript(name, text) {
  const [{ messages }] = await eslint.lintText(text, { filePath: name });
  return messages.map(({ column, line, message }) => `${name}:${line}:${column}: ${message}`);
}

const DIST = "survey/static/dist";
const PHONE_STYLES = ["page.css", "plain.css", "kit.css"];

async function main() {
  const scripts = readdirSync(join(root, DIST)).filter((file) => file.endsWith(".js"));
  const read = (file) => readFileSync(join(root, DIST, file), "utf8");
  const faults = await Promise.all([
    ...scripts.map((file) => faultsOfScript(join(DIST, file), read(file))),
    ...PHONE_STYLES.map((file) => faultsOfStyle(join(DIST, file), read(file))),
  ]);
  for (const fault of faults.flat()) console.error(`${fault} (${browserslist.join(", ")})`);
  if (faults.flat().length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
