// Copilots and their knowledge.
import assert from "node:assert/strict";

async function waitUntilReady(sdk, params) {
  const until = Date.now() + 5000;
  while (Date.now() < until) {
    const source = await sdk.getKnowledgeSource(params);
    if (source.status === "ready") return source;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the source ${params.knowledgeSourceId} did not become ready`);
}

export async function run(sdk) {
  const copilot = await sdk.createAiCopilot({ name: "Helper", systemPrompt: "s", providerApiKey: "k", provider: "openai",
    providerModel: "gpt-4o", description: "d", settings: { maxTokens: 10 } });
  assert.ok(copilot.createdAt instanceof Date);
  const copilotId = copilot.id;
  const changed = await sdk.updateAiCopilot(copilotId, { name: "New", description: null });
  assert.equal(changed.name, "New");
  assert.equal(changed.description, undefined);
  assert.deepEqual(await sdk.getAiCopilot(copilotId), changed);
  assert.deepEqual((await sdk.getAiCopilots({ limit: 1 })).data, [changed]);

  const web = await sdk.createWebKnowledgeSource({ copilotId, url: "https://docs.example.com", type: "crawl" });
  const file = await sdk.createFileKnowledgeSource({ copilotId, file: new File(["# Notes\n"], "notes.md", { type: "text/markdown" }) });
  const ofWeb = { copilotId, knowledgeSourceId: web.id };
  const ofFile = { copilotId, knowledgeSourceId: file.id };
  assert.equal((await waitUntilReady(sdk, ofWeb)).link.type, "crawl");
  assert.deepEqual((await waitUntilReady(sdk, ofFile)).file, { name: "notes.md", mimeType: "text/markdown" });
  assert.deepEqual((await sdk.getKnowledgeSources({ copilotId })).data.map((one) => one.id), [file.id, web.id]);
  assert.equal((await sdk.getWebKnowledgeSourceLinks(ofWeb)).data[0].url, "https://docs.example.com");
  assert.equal(await sdk.getFileKnowledgeSourceMarkdown(ofFile), "# Notes\n");
  await sdk.deleteWebKnowledgeSource(ofWeb);
  await sdk.deleteFileKnowledgeSource(ofFile);
  assert.equal((await sdk.getKnowledgeSources({ copilotId })).data.length, 0);
  await sdk.deleteAiCopilot(copilotId);
  await assert.rejects(sdk.getAiCopilot(copilotId), { status: 404 });
}
