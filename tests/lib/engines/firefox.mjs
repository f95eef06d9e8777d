// Drives Firefox over WebDriver BiDi for pytest: one JSON request a line on stdin, one JSON reply a line on stdout.
// Started with one argument, JSON: {"executable", "profile": folder, "preferences": {...}}.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const { executable, profile, preferences } = JSON.parse(process.argv[2]);
const browser = await puppeteer.launch({
  browser: "firefox", executablePath: executable, headless: true, userDataDir: profile,
  extraPrefsFirefox: preferences, protocolTimeout: 60_000, defaultViewport: null,
});
let context, page;
const seen = { requests: [], dialogs: [], problems: [] };

function watch(one) {
  one.setDefaultTimeout(60_000);
  one.on("request", (request) => seen.requests.push(`${request.method()} ${request.url()}`));
  one.on("dialog", (dialog) => {
    seen.dialogs.push(dialog.message());
    // A person who reloads or leaves a page that asks whether to stay says that they go.
    (dialog.type() === "beforeunload" ? dialog.accept() : dialog.dismiss()).catch(() => {});
  });
  one.on("pageerror", (error) => seen.problems.push(String(error)));
  one.on("console", (message) => message.type() === "error" && seen.problems.push(message.text()));
  return one;
}

const commands = {
  // A fresh container, as a private window is; `lasting` is a tab of the profile itself, a further one each time.
  async begin({ lasting, width, height }) {
    await context?.close();
    context = lasting ? null : await browser.createBrowserContext();
    const tab = async () => (page ? browser.newPage() : (await browser.pages())[0]);
    page = watch(await (lasting ? tab() : context.newPage()));
    await page.setViewport({ width, height });
    for (const list of Object.values(seen)) list.length = 0;
  },
  resize: async ({ width, height }) => void await page.setViewport({ width, height }),
  open: async ({ url }) => void await page.goto(url, { waitUntil: "load" }),
  evaluate: ({ script }) => page.evaluate(script),
  click: ({ selector }) => page.click(selector),
  type: ({ selector, text }) => page.type(selector, text),
  key: ({ name }) => page.keyboard.press(name),
  // Where the page itself answers the step, no page is loaded.
  back: async () => void await page.goBack({ waitUntil: "load", timeout: 3000 }).catch(() => {}),
  forward: async () => void await page.goForward({ waitUntil: "load", timeout: 3000 }).catch(() => {}),
  reload: async () => void await page.reload({ waitUntil: "load" }),
  cookies: async () => (await (context ?? browser.defaultBrowserContext()).cookies()).map(({ name }) => name),
  seen: async () => seen,
};

console.log(JSON.stringify({ value: await browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: await commands[command](given) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: `${command}: ${error.message}` }));
  }
}
await browser.close();
