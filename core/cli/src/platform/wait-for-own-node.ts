// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';
import type { PlatformApi } from '@grit/core';
import { readLogTail } from './read-log-tail.js';

const READY_WITHIN_MS = 15_000;
const ASK_EVERY_MS = 10;

/** A server that has just started has no agent yet: returns when the agent of its node has registered. */
export async function waitForOwnNode(api: PlatformApi, stateDirectory: string): Promise<void> {
  const { signal } = new AbortController();
  const { node, startedAt } = await api.status(signal);
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const nodes = await api.listNodes(signal);
    if (nodes.some(({ name, lastSeen }) => name === node && lastSeen >= startedAt)) return;
    if (Date.now() > deadline) break;
    await delay(ASK_EVERY_MS);
  }
  const log = join(stateDirectory, 'logs', `agent-${node}.log`);
  throw new GritError('GRIT_NODE_GONE', `the agent of node ${node} does not start`, {
    cause: new Error(readLogTail(log, 0)),
    hint: `See ${log}; \`grit doctor\` shows what is missing.`,
  });
}
