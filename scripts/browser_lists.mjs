// Leaves of a list of browsers (in_app_browsers.json) what a page needs: names, sources and examples stay in the tree.
import { readFileSync } from "node:fs";

/** Returns the list with the patterns alone, joined in one row. */
export function patternsAlone(json) {
  const { independent, reporting } = JSON.parse(json);
  const bare = (rows) => [{ pattern: rows.map(({ pattern }) => pattern).join("|") }];
  return JSON.stringify({ independent: bare(independent), reporting: bare(reporting) });
}

/** Of esbuild: puts the bare list in place of the whole one. */
export const bareBrowserLists = {
  name: "bare browser lists",
  setup(build) {
    build.onLoad({ filter: /in_app_browsers\.json$/ }, ({ path }) =>
      ({ contents: patternsAlone(readFileSync(path, "utf8")), loader: "json" }));
  },
};
