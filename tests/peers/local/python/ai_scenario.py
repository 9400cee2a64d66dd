"""Copilots and their knowledge."""

import io
import time

from liveblocks.errors import LiveblocksError
from liveblocks.models import (
    AiCopilotProviderSettings,
    CreateAiCopilotOptionsOpenAi,
    CreateAiCopilotOptionsOpenAiCompatible,
    CreateWebKnowledgeSourceRequestBody,
    CreateWebKnowledgeSourceRequestBodyType,
    OpenAiModel,
    UpdateAiCopilotRequestBody,
)
from liveblocks.types import File


def wait_until_ready(sdk, copilot_id, source_id):
    until = time.monotonic() + 5
    while time.monotonic() < until:
        source = sdk.get_knowledge_source(copilot_id, source_id)
        if source.status == "ready":
            return source
        time.sleep(0.01)
    raise AssertionError(f"the source {source_id} did not become ready")


def run(sdk):
    copilot = sdk.create_ai_copilot(
        body=CreateAiCopilotOptionsOpenAi(
            name="Helper",
            system_prompt="Be brief",
            provider_api_key="key",
            provider="openai",
            provider_model=OpenAiModel.GPT_4O,
            description="d",
            settings=AiCopilotProviderSettings(max_tokens=10, temperature=0.5, stop_sequences=["a"]),
        )
    )
    assert copilot.id.startswith("cp_") and copilot.name == "Helper"
    assert copilot.settings.max_tokens == 10 and copilot.settings.stop_sequences == ["a"]
    other = sdk.create_ai_copilot(
        body=CreateAiCopilotOptionsOpenAiCompatible(
            name="Other",
            system_prompt="s",
            provider_api_key="key",
            provider="openai-compatible",
            provider_model="m",
            compatible_provider_name="mine",
            provider_base_url="https://ai.example/v1",
        )
    )
    assert other.provider_base_url == "https://ai.example/v1"
    page = sdk.get_ai_copilots(limit=1)
    assert page.data[0].id == other.id and page.next_cursor
    page = sdk.get_ai_copilots(limit=1, starting_after=page.next_cursor)
    assert page.data[0].id == copilot.id and page.next_cursor is None
    changed = sdk.update_ai_copilot(copilot.id, body=UpdateAiCopilotRequestBody(name="New", description=None))
    assert changed.name == "New" and not changed.description
    assert sdk.get_ai_copilot(copilot.id) == changed

    web = sdk.create_web_knowledge_source(
        copilot.id,
        body=CreateWebKnowledgeSourceRequestBody(
            copilot_id=copilot.id,
            url="https://docs.example.com",
            type_=CreateWebKnowledgeSourceRequestBodyType.CRAWL,
        ),
    )
    file = sdk.create_file_knowledge_source(copilot.id, "notes.md", body=File(payload=io.BytesIO(b"# Notes\n")))
    assert wait_until_ready(sdk, copilot.id, web.id).link.url == "https://docs.example.com"
    assert wait_until_ready(sdk, copilot.id, file.id).file.name == "notes.md"
    assert {source.id for source in sdk.get_knowledge_sources(copilot.id).data} == {web.id, file.id}
    assert sdk.get_web_knowledge_source_links(copilot.id, web.id).data[0].status == "ready"
    assert sdk.get_file_knowledge_source_markdown(copilot.id, file.id).content == "# Notes\n"
    sdk.delete_web_knowledge_source(copilot.id, web.id)
    sdk.delete_file_knowledge_source(copilot.id, file.id)
    assert sdk.get_knowledge_sources(copilot.id).data == []

    for gone in (copilot, other):
        sdk.delete_ai_copilot(gone.id)
    try:
        sdk.get_ai_copilot(copilot.id)
        raise AssertionError("a deleted copilot was found")
    except LiveblocksError as error:
        assert error.status == 404
