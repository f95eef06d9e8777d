import { dirname } from "node:path";
import { expect, test } from "vitest";
import { codeOf, files, importsIn, loadsByAddress, nameOf, textOf } from "./modules";

// Decision 78.
/** Which folders may name what reaches a network or stays on the phone; nobody else may, and some nobody at all. */
const APIS: Readonly<Record<string, readonly string[]>> = {
  fetch: ["documents", "kit", "preview", "start"],
  // The two functions that make requests, and the one that loads a script by its address.
  replyOf: ["delivery", "documents", "kit", "pinned", "receipt"],
  post: ["delivery", "documents", "withdraw"],
  loadScript: ["documents", "drafts", "interview", "kit", "screen"],
  indexedDB: ["kit"],
  caches: ["kit"],
  serviceWorker: ["kit"],
  localStorage: ["drafts"],
  sessionStorage: [],
  "window.name": ["interview", "screen", "start"],
  cookie: [],
  cookieStore: [],
  sendBeacon: [],
  XMLHttpRequest: [],
  WebSocket: [],
  WebTransport: [],
  EventSource: [],
  RTCPeerConnection: [],
  BroadcastChannel: [],
  SharedWorker: [],
  importScripts: [],
};
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  "altcha-lib": ["delivery"],
  "@hpke/chacha20poly1305": ["sealing"],
  "@hpke/core": ["sealing"],
  "@hpke/hybridkem-x-wing": ["sealing"],
  "@noble/curves": ["sealing"],
  "@scure/bip39": ["sealing"],
};
/** Who loads a script by its address: what was built of a module that is fetched when needed. */
const BY_ADDRESS = ["documents/requests"];

/** Returns the package of an import: `@hpke/core` of `@hpke/core/x`, for one. */
const packageOf = (path: string): string => path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/");

/** Returns what a module names or imports that its folder may not. */
function faultsOf(name: string, text: string): string[] {
  const folder = dirname(name);
  const code = codeOf(text);
  const named = Object.keys(APIS).filter((api) => new RegExp(`\\b${api}\\b`).test(code) && !APIS[api]?.includes(folder));
  const libraries = importsIn(text).filter((path) => !path.startsWith(".")).map(packageOf);
  const foreign = libraries.filter((library) => !LIBRARIES[library]?.includes(folder));
  const unread = loadsByAddress(text) && !BY_ADDRESS.includes(name) ? ["an address"] : [];
  return [...named, ...foreign, ...unread].map((what) => `${name} must not use ${what}`);
}

test("each module uses what reaches a network, stays on the phone or comes from a library where its folder may", () => {
  expect(files.flatMap((file) => faultsOf(nameOf(file), textOf(file)))).toEqual([]);
});

test.each([
  ["screen/dom", "navigator.sendBeacon(`/x`, given);", "sendBeacon"],
  ["screen/dom", "import { CipherSuite } from '@hpke/core';", "@hpke/core"],
  ["screen/dom", "await import(`@hpke/core`);", "@hpke/core"],
  ["answers/path", "localStorage.setItem(name, value);", "localStorage"],
  ["answers/path", "window.name = JSON.stringify(given);", "window.name"],
  ["answers/path", "window[\n'x'] = globalThis.fetch;", "fetch"],
  ["screen/dom", "void post(`/x`, given, 1);", "post"],
  ["answers/path", "void replyOf(`/x?${given}`, 1);", "replyOf"],
  ["sealing/seal", "void loadScript(address);", "loadScript"],
  ["answers/path", "new WebSocket(url);", "WebSocket"],
  ["documents/bytes", "document.cookie = text;", "cookie"],
  ["sealing/seal", "import left from \"left-pad\";", "left-pad"],
  ["sealing/seal", "await import(path);", "an address"],
  ["interview/main", "new XMLHttpRequest();", "XMLHttpRequest"],
])("in %s, `%s` is named", (name, code, what) => {
  expect(faultsOf(name, `${textOf(`${name}.ts`)}\n${code}\n`)).toEqual([`${name} must not use ${what}`]);
});

test("a folder that may use something does, and who loads by an address does: no permission is left over", () => {
  const used = (api: string, folder: string): boolean =>
    files.some((file) => dirname(file) === folder && new RegExp(`\\b${api}\\b`).test(codeOf(textOf(file))));
  const idle = Object.entries(APIS).flatMap(([api, folders]) => folders.filter((folder) => !used(api, folder)).map((folder) => [api, folder]));
  expect(idle).toEqual([]);
  expect(files.filter((file) => loadsByAddress(textOf(file))).map(nameOf).sort()).toEqual([...BY_ADDRESS].sort());
  expect([...new Set(files.flatMap((file) => importsIn(textOf(file))).filter((path) => !path.startsWith(".")).map(packageOf))].sort())
    .toEqual(Object.keys(LIBRARIES).sort());
});
