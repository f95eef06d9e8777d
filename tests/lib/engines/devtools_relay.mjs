// Relays the DevTools protocol of an old browser: each line of standard input is sent, each message becomes a line.
// What is evaluated is first written in the syntax that the browser has (argument 2, as esbuild names it).
import { createInterface } from "node:readline";
import { transformSync } from "esbuild";
import WebSocket from "ws"; // of puppeteer-core

const [address, target] = process.argv.slice(2);
const socket = new WebSocket(address, { perMessageDeflate: false });

/** Returns a message for the browser, of which the one inside it for a page may have a script. */
function written(line) {
  const outer = JSON.parse(line);
  if (outer.method !== "Target.sendMessageToTarget") return line;
  const inner = JSON.parse(outer.params.message);
  if (inner.method !== "Runtime.evaluate") return line;
  inner.params.expression = transformSync(inner.params.expression, { target }).code;
  outer.params.message = JSON.stringify(inner);
  return JSON.stringify(outer);
}

await new Promise((done, fail) => socket.once("open", done).once("error", fail));
socket.on("message", (data) => process.stdout.write(`${data}\n`));
socket.on("close", () => process.exit());
for await (const line of createInterface({ input: process.stdin })) socket.send(written(line));
socket.close();
