// Receives webhooks over HTTP, verifies them, makes a job of each in PostgreSQL before it responds, and works the jobs off:
// hosts_peer.mjs graphile-worker|pg-boss URL SECRET. Prints its port.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.LBHOST_PEERS}/package.json`);
const { WebhookHandler } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);
const [kind, url, secret] = process.argv.slice(2);
const AT_ONCE = 16;
let handled = 0;
const handle = (event) => { if (event.data.threadId) handled++; };

const peers = {
  async "graphile-worker"() {
    const { run, Logger } = require("graphile-worker");
    const runner = await run({ connectionString: url, concurrency: AT_ONCE, maxPoolSize: AT_ONCE + 4, pollInterval: 1000,
      logger: new Logger(() => () => {}), noHandleSignals: true, taskList: { webhook: async (event) => handle(event) } });
    return (event) => runner.addJob("webhook", event);
  },
  async "pg-boss"() {
    const PgBoss = require("pg-boss");
    const boss = new PgBoss({ connectionString: url, max: AT_ONCE + 4 });
    boss.on("error", (error) => console.error(error));
    await boss.start();
    await boss.createQueue("webhook");
    for (let i = 0; i < 4; i++) await boss.work("webhook", { batchSize: 500, pollingIntervalSeconds: 0.5 },
      async (jobs) => { for (const job of jobs) handle(job.data); });
    return (event) => boss.send("webhook", event);
  },
};

const add = await peers[kind]();
const webhook = new WebhookHandler(secret);
const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    let status = 200;
    try {
      await add(webhook.verifyRequest({ headers: request.headers, rawBody: Buffer.concat(parts).toString("utf8") }));
    } catch (error) {
      console.error(error);
      status = 503;
    }
    response.writeHead(status);
    response.end();
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
