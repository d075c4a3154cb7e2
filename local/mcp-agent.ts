/** Who speaks MCP on this machine: the person who is signed in, through the agent that they started. */
import { userInfo } from 'node:os';

export const personHere = (): string => userInfo().username;

/** What acts for them (RFC 8693 `act`): a desktop client has no name of its own here. */
export const AGENT = 'mcp-client';
