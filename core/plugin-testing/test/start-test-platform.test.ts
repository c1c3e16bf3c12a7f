// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { API_VERSION, type OperationSink, type Trigger } from '@grit/plugin-api';
import { withFaults } from '../src/faults/with-faults.js';
import { startTestPlatform, type TestPlatform, type TestPlatformOptions } from '../src/platform/start-test-platform.js';
import { MemoryNode } from '../src/runtime/memory-node.js';
import { MemoryRuntimeDriver } from '../src/runtime/memory-runtime-driver.js';
import { MemoryStorage } from '../src/storage/memory-storage.js';
import { NEVER, eventually } from '../src/suites/expect.js';

const SPEC = { name: 'train', command: ['count'] };
const WORKLOAD = { kind: 'container', name: 'train' };

describe('startTestPlatform', () => {
  let platform: TestPlatform | undefined;

  async function start(options: TestPlatformOptions = {}): Promise<TestPlatform> {
    platform = await startTestPlatform({ queue: 'memory', ...options });
    return platform;
  }

  afterEach(async () => {
    await platform?.stop();
    platform = undefined;
  });

  it('runs, checkpoints and migrates on a real Redis, and leaves nothing', async () => {
    const nodes = new Map(['a', 'b'].map((name) => [name, new MemoryNode()]));
    const runtime = (name: string): MemoryRuntimeDriver => new MemoryRuntimeDriver({ node: nodes.get(name) });
    const { run, stateDirectory, client, stop } = bound(await start({ queue: 'redis', nodes: ['a', 'b'], runtime }));
    assert.equal((await run({ kind: 'run', spec: SPEC })).outcome, 'Started');
    const saved = await run({ kind: 'checkpoint', workload: WORKLOAD });
    assert.equal(saved.outcome, 'Checkpointed', JSON.stringify(saved.error));
    const before = nodes.get('a')?.beats('train') ?? 0;
    const moved = await run({ kind: 'migrate', workload: WORKLOAD, to: 'b' });
    assert.equal(moved.outcome, 'Migrated', JSON.stringify(moved.error));
    assert.equal(nodes.get('a')?.beats('train'), 0);
    await eventually('it goes on at b', () => (nodes.get('b')?.beats('train') ?? 0) > before);
    assert.equal((await client.getWorkload('train', NEVER)).node, 'b');
    await stop();
    assert.equal(existsSync(stateDirectory), false);
  });

  it('needs no Redis', async () => {
    const { run } = bound(await start());
    assert.equal((await run({ kind: 'run', spec: SPEC })).outcome, 'Started');
    const saved = await run({ kind: 'checkpoint', workload: WORKLOAD, afterCheckpoint: 'stop' });
    assert.equal(saved.outcome, 'Checkpointed', JSON.stringify(saved.error));
    const restored = await run({ kind: 'restore', workload: WORKLOAD });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
  });

  it('a workload that cannot be checkpointed is refused before anything is frozen', async () => {
    const { run } = bound(await start());
    await run({ kind: 'run', spec: { ...SPEC, env: { BLOCKER: 'io-uring' } } });
    const refused = await run({ kind: 'checkpoint', workload: WORKLOAD });
    assert.deepEqual([refused.outcome, refused.error?.code], ['Unchanged', 'GRIT_WORKLOAD_UNCHECKPOINTABLE']);
  });

  it('a full store fails the checkpoint and the workload goes on', async () => {
    const storage = withFaults(new MemoryStorage(), [{ at: 'put.before', errno: 'ENOSPC', afterBytes: 100 }]);
    const { run, runtime, client } = bound(await start({ storage }));
    await run({ kind: 'run', spec: SPEC });
    const failed = await run({ kind: 'checkpoint', workload: WORKLOAD });
    assert.deepEqual([failed.outcome, failed.error?.code], ['Resumed', 'GRIT_STORAGE_FULL']);
    assert.equal((await runtime('a').inspect(WORKLOAD, NEVER)).state, 'running');
    assert.deepEqual(
      (await client.listCheckpoints({}, NEVER)).filter(({ phase }) => phase === 'Ready'),
      [],
    );
  });

  it('a torn write is found before the checkpoint is called ready', async () => {
    const storage = withFaults(new MemoryStorage(), [{ at: 'put.before', call: 1, afterBytes: 100 }]);
    const { run, runtime } = bound(await start({ storage }));
    await run({ kind: 'run', spec: SPEC });
    const failed = await run({ kind: 'checkpoint', workload: WORKLOAD, afterCheckpoint: 'stop' });
    assert.match(failed.error?.code ?? '', /^GRIT_IMAGE_PART_(TRUNCATED|CORRUPT)$/);
    assert.equal((await runtime('a').inspect(WORKLOAD, NEVER)).state, 'running');
  });

  it('a store that is away for a moment gets the same dump at the next try', async () => {
    const storage = withFaults(new MemoryStorage(), [{ at: 'commit.before', call: 1, errno: 'ENOENT' }]);
    const { run } = bound(await start({ storage }));
    await run({ kind: 'run', spec: SPEC });
    const saved = await run({ kind: 'checkpoint', workload: WORKLOAD, afterCheckpoint: 'stop' });
    assert.equal(saved.outcome, 'Checkpointed', JSON.stringify(saved.error));
    assert.deepEqual(
      saved.steps.map(({ name, phase }) => `${name} ${phase}`),
      ['dump Succeeded', 'store Failed', 'store-try-2 Succeeded', 'verify Succeeded', 'stop Succeeded'],
    );
    const restored = await run({ kind: 'restore', workload: WORKLOAD });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
  });

  it('a runtime that knows files only has its dump packed all the same', async () => {
    const runtime = (): MemoryRuntimeDriver => new MemoryRuntimeDriver({ streams: false });
    const { run, client } = bound(await start({ runtime }));
    await run({ kind: 'run', spec: SPEC });
    const saved = await run({ kind: 'checkpoint', workload: WORKLOAD, afterCheckpoint: 'stop' });
    assert.equal(saved.outcome, 'Checkpointed', JSON.stringify(saved.error));
    const { size = 0, bytes } = await client.getCheckpoint(saved.checkpoint ?? '', NEVER);
    assert.ok(size > 256 * 1024);
    assert.equal(bytes?.data, size);
    const restored = await run({ kind: 'restore', workload: WORKLOAD });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
  });

  it('an agent that stops and starts again takes its node up', async () => {
    const { run, stopAgent, startAgent } = bound(await start());
    await run({ kind: 'run', spec: SPEC });
    await stopAgent('a');
    const checkpoint = run({ kind: 'checkpoint', workload: WORKLOAD });
    await startAgent('a');
    assert.equal((await checkpoint).outcome, 'Checkpointed');
  });

  it('a trigger of the test is a plugin like any other', async () => {
    const trigger = new IdleTrigger();
    const { client } = bound(await start({ triggers: { idle: trigger } }));
    const [plugin] = (await client.listPlugins(NEVER)).filter(({ name }) => name === 'idle');
    assert.equal(plugin?.state, 'started');
    const request = { apiVersion: API_VERSION, kind: 'run', spec: SPEC, idempotencyKey: 'one' } as const;
    const first = await trigger.sink?.submit(request, NEVER);
    assert.deepEqual(await trigger.sink?.submit(request, NEVER), { id: first?.id, duplicate: true });
    await eventually('its workload runs', async () =>
      (await client.listWorkloads(NEVER)).some(({ state }) => state === 'running'),
    );
    assert.equal((await client.get(first?.id ?? '', NEVER)).request.requestedBy, 'idle');
  });
});

/** Keeps what it is given. */
class IdleTrigger implements Trigger {
  sink: OperationSink | undefined;

  async start(sink: OperationSink): Promise<void> {
    this.sink = sink;
  }

  async stop(): Promise<void> {
    this.sink = undefined;
  }
}

function bound(platform: TestPlatform): Pick<TestPlatform, 'client' | 'stateDirectory'> & {
  readonly [K in 'run' | 'runtime' | 'stopAgent' | 'startAgent' | 'stop']: TestPlatform[K];
} {
  return {
    client: platform.client,
    stateDirectory: platform.stateDirectory,
    run: (request) => platform.run(request),
    runtime: (node) => platform.runtime(node),
    stopAgent: (node) => platform.stopAgent(node),
    startAgent: (node) => platform.startAgent(node),
    stop: () => platform.stop(),
  };
}
