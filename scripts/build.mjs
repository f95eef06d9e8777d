// Bundles survey/browser/ into survey/static/dist/: one script for the page and one tiny check that even old browsers can parse.
// Each file is written plain, gzip and brotli, under a name that holds its hash, with a list of the names in bundle.json.
