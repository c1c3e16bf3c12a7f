// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestPlatform } from '@grit/plugin-testing';

const PLUGIN_API = dirname(fileURLToPath(import.meta.resolve('@grit/plugin-api/package.json')));

/** In the agent it answers jobs; in the server it submits one, and another one while it is being stopped. */
const CODE = `
import { coreServices, definePlugin } from '@grit/plugin-api';
const { events, signal } = globalThis['grit plugin queue test'];
export default definePlugin({
  deps: { host: coreServices.host, queue: coreServices.queue },
  create: async ({ deps: { host, queue } }) => {
    const route = 'node-a-greetings';
    if (host.role === 'agent') {
      const consumer = await queue.consume(route, async ({ data }) => 'hello ' + data, { concurrency: 1 });
      return { stop: () => consumer.close({ deadlineMs: 1000 }) };
    }
    await queue.submit(route, 'greet', 'world', { id: 'first' }, signal);
    const answered = (async () => {
      for await (const { state, result } of queue.watch(route, 'first', signal)) events.push(state + ' ' + result);
    })();
    events.answered = answered;
    return {
      stop: async () => {
        const { duplicate } = await queue.submit(route, 'greet', 'late', { id: 'last' }, signal);
        events.push('submitted in stop: ' + !duplicate);
      },
    };
  },
});
`;

describe('a plugin and the queue', function () {
  this.timeout(60_000);
  let folder: string;
  let events: string[] & { answered?: Promise<void> };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'grit-plugin-queue-'));
    events = [];
    const signal = AbortSignal.timeout(50_000);
    (globalThis as Record<string, unknown>)['grit plugin queue test'] = { events, signal };
    mkdirSync(join(folder, 'node_modules/@grit'), { recursive: true });
    symlinkSync(PLUGIN_API, join(folder, 'node_modules/@grit/plugin-api'));
    writeFileSync(join(folder, 'index.js'), CODE);
    const grit = {
      id: 'greeter',
      kind: 'service',
      apiVersion: 'service/v1',
      gritRange: '>=0.1.0',
      provides: [],
      runsIn: ['server', 'agent'],
    };
    const manifest = { name: 'greeter', version: '1.0.0', type: 'module', exports: './index.js', grit };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  });

  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'grit plugin queue test');
    rmSync(folder, { recursive: true, force: true });
  });

  for (const queue of ['redis', 'memory'] as const) {
    it(`submits and consumes from its start to the end of its stop (${queue})`, async () => {
      const platform = await startTestPlatform({ queue, plugins: { greeter: { use: folder } } });
      try {
        await events.answered;
        assert.equal(events.at(-1), 'completed hello world');
      } finally {
        await platform.stop();
      }
      assert.equal(events.at(-1), 'submitted in stop: true');
    });
  }
});
