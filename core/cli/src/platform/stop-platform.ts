// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';
import type { CommandContext } from '../command-context.js';
import { printDocument } from '../output/print-document.js';
import { formatReadiness } from '../records/node-columns.js';

const ENDED_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Ends the server and what it started; returns when its process is gone. Workloads go on, and that is said. */
export async function stopPlatform(context: CommandContext): Promise<number> {
  const { session, terminal, format, stateDirectory } = context;
  const { signal } = new AbortController();
  const before = await session.callIfRunning(async (api) => ({
    server: await api.status(signal),
    workloads: await api.listWorkloads(signal),
    nodes: await api.listNodes(signal),
  }));
  if (before === undefined) {
    if (!printDocument(terminal, format, { stopped: false, running: [] })) {
      terminal.out(`No server runs for ${stateDirectory}.\n`);
    }
    return 0;
  }
  await session.callIfRunning((api) => api.shutdown(signal));
  await waitForEnd(before.server.pid);
  const running = before.workloads.filter(({ state }) => state === 'running' || state === 'held');
  const names = running.map(({ workload, state }) => (state === 'held' ? `${workload.name} (held)` : workload.name));
  if (printDocument(terminal, format, { stopped: true, running: running.map(({ workload }) => workload.name) }))
    return 0;
  terminal.out('Server, agent and queue have ended.\n');
  const now = Date.now();
  for (const node of before.nodes) {
    if (node.name === before.server.node || formatReadiness(node, now) === 'gone') continue;
    terminal.out(`The agent of node ${node.name} was started by hand and goes on.\n`);
  }
  if (names.length > 0) {
    terminal.out(`${names.length === 1 ? 'One workload goes' : `${String(names.length)} workloads go`} on: `);
    terminal.out(`${names.join(', ')}\n\nnext: grit get workloads (starts the server again)\n`);
  }
  return 0;
}

async function waitForEnd(pid: number): Promise<void> {
  const deadline = Date.now() + ENDED_WITHIN_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw new GritError('GRIT_TIMEOUT', `the server (pid ${String(pid)}) has not ended yet`, {
        hint: 'Its log in the state directory tells what it waits for.',
      });
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** A zombie has ended, even where nobody collects it. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}
