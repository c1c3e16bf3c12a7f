// SPDX-License-Identifier: Apache-2.0
// The agent of a node in a process of its own: agent-command.ts NODE KUBECONFIG REDIS DIRECTORY.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeClient, runNodeAgent, type StepHandler } from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { openJobQueue } from '@grit/queue';
import { isOpen, journalOf } from './agent-files.js';

const [node = '', kubeconfig = '', redis = '', directory = ''] = process.argv.slice(2);
const note = (what: string): void => appendFileSync(journalOf(directory), `${what} ${process.pid}\n`);
const quick =
  (name: string): StepHandler =>
  async () => {
    note(name);
    return {};
  };

// It ends with the test, however that ends.
process.stdin.resume().once('close', () => process.exit());

await runNodeAgent({
  client: KubeClient.fromConfig({ kubeconfig, userAgent: 'grit-agent' }),
  queue: await openJobQueue({ path: redis }),
  node,
  handlers: {
    checkpoint: async (_, { signal }) => {
      note('begin');
      while (!isOpen(directory)) await delay(10, undefined, { signal });
      note('end');
      return { image: { id: 'image', size: 1, digest: 'sha256:1' } };
    },
    abort: quick('abort'),
    discard: quick('discard'),
    release: quick('release'),
    prefetch: quick('prefetch'),
    restore: quick('restore'),
    'start-fresh': quick('start-fresh'),
    probeStore: async () => undefined,
    collectStore: async () => undefined,
  },
  facts: async () => ({ facts: { arch: 'amd64' } }),
  namespace: 'grit-system',
  logger: new MemoryLogger(),
  signal: new AbortController().signal,
});
