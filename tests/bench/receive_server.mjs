// Receives webhooks over HTTP, verifies and dispatches them: receive_server.mjs SECRET. Prints its port.
const { WebhookHandler } = await import(
  `${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`
);

const webhook = new WebhookHandler(process.argv[2]);
let handled = 0;
const handlers = { commentCreated: (event) => { if (event.data.threadId) handled++; } };

function receive(headers, rawBody) {
  try {
    const event = webhook.verifyRequest({ headers, rawBody });
    handlers[event.type]?.(event);
    return 200;
  } catch {
    return 400;
  }
}

if (globalThis.Bun) {
  const server = Bun.serve({
    port: 0, hostname: "127.0.0.1",
    async fetch(request) {
      return new Response(null, { status: receive(request.headers, await request.text()) });
    },
  });
  console.log(server.port);
} else {
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      response.writeHead(receive(request.headers, Buffer.concat(parts).toString("utf8")));
      response.end();
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}
