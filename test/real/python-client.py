"""The official Python client, of either generation, at the MCP door: prints what it saw as JSON.

usage: python-client.py URL TOKEN (legacy | auto | 1)
"""

import asyncio
import json
import sys

url, token, mode = sys.argv[1:4]
headers = {"Authorization": f"Bearer {token}"}


async def see(client) -> None:
    tools = await client.list_tools()
    echo = await client.call_tool("everything.echo", {"message": "hello"})
    denied = await client.call_tool("filesystem.delete_everything", {})
    said = denied.model_dump(by_alias=True)
    print(
        json.dumps(
            {
                "tools": [tool.name for tool in tools.tools],
                "echo": echo.content[0].text,
                "meta": list((echo.model_dump(by_alias=True).get("_meta") or {}).keys()),
                "denied": said["structuredContent"]["reasons"][0]["code"],
            }
        )
    )


async def second_generation() -> None:
    import httpx2
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            await see(client)


async def first_generation() -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async with streamablehttp_client(url, headers=headers) as (read, write, _):
        async with ClientSession(read, write) as client:
            await client.initialize()
            await see(client)


asyncio.run(first_generation() if mode == "1" else second_generation())
