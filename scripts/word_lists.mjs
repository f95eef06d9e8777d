// Writes the BIP-39 word lists small: modules that give the very lists of @scure/bip39 in 1.2 kB less of brotli.
import { pathToFileURL } from "node:url";

/** Lists of single characters without separators; of an alphabetical list each word by what the one before shares. */
export function compactModule(words) {
  const characters = words.every((word) => word.length === 1);
  return `export const wordlist = Object.freeze(${characters ? separated(words) : fronted(words)});\n`;
}

const separated = (words) => `${JSON.stringify(words.join(""))}.split("")`;

function fronted(words) {
  const parts = words.map((word, at) => {
    const shared = sharedLength(word, words[at - 1] ?? "");
    if (shared > 9 || !/^\D+$/.test(word)) throw new Error(`no list of short words without digits: ${word}`);
    return shared + word.slice(shared);
  });
  const decoded = "(part) => (last = last.slice(0, part[0]) + part.slice(1))";
  return `((last) => ${JSON.stringify(parts.join(""))}.match(/\\d\\D*/g).map(${decoded}))("")`;
}

function sharedLength(word, other) {
  let shared = 0;
  while (shared < word.length - 1 && word[shared] === other[shared]) shared++;
  return shared;
}

/** Of esbuild: puts the small modules in place of the library's. */
export const smallWordLists = {
  name: "small word lists",
  setup(build) {
    build.onLoad({ filter: /@scure[\\/]bip39[\\/]wordlists[\\/][a-z-]+\.js$/ }, async ({ path }) =>
      ({ contents: compactModule((await import(pathToFileURL(path).href)).wordlist) }));
  },
};
