// Runs the scenarios beside this file with the Node SDK; fails when one fails, or when a method was never called.
//
// Usage: run.mjs BASE_URL   (LBHOST_PEERS: directory with node_modules)
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

// What Debian's Node.js 18 does not have, and the SDK needs.
globalThis.File ??= (await import("node:buffer")).File;
globalThis.crypto ??= (await import("node:crypto")).webcrypto;
const require = createRequire(process.env.LBHOST_PEERS + "/");
const sdkModule = require("@liveblocks/node");
const here = dirname(fileURLToPath(import.meta.url));
const baseUrl = process.argv[2];

const called = new Set();
// Notes which methods were called and came back.
const sdk = new Proxy(new sdkModule.Liveblocks({ secret: "sk_localdev", baseUrl }), {
  get(client, name) {
    const method = client[name];
    if (typeof method !== "function") return method;
    return (...args) => {
      const result = method.apply(client, args);
      if (typeof result?.then === "function") return result.then((value) => (called.add(name), value));
      called.add(name);
      return result;
    };
  },
});

const methods = Object.getOwnPropertyNames(sdkModule.Liveblocks.prototype).filter((name) => name !== "constructor");
const scenarios = readdirSync(here).filter((name) => name.endsWith("_scenario.mjs")).sort();
let failures = 0;
for (const name of scenarios) {
  try {
    const { run } = await import("./" + name);
    await run(sdk, { sdkModule, baseUrl });
  } catch (error) {
    failures++;
    console.error(`node: ${name}:`, error);
  }
}
const missing = methods.filter((name) => !called.has(name));
if (missing.length) {
  failures++;
  console.error("node: never called, or never answered: " + missing.join(", "));
}
console.log(`node: ${scenarios.length} scenarios, ${methods.length - missing.length} of ${methods.length} methods, ${failures} failures`);
process.exitCode = failures ? 1 : 0;
