// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startTestPlatform, type TestPlatform } from '@grit/plugin-testing';

const NEVER = new AbortController().signal;
const AMD = { use: dirname(import.meta.dirname) };
const SPEC = { name: 'train', command: ['count'] };
const WORKLOAD = { kind: 'container', name: 'train' };

describe('a platform whose runtime is runtime-amd', () => {
  let platform: TestPlatform | undefined;

  afterEach(async () => {
    await platform?.stop();
    platform = undefined;
  });

  it('starts, says that its node is not ready, and starts no workload', async () => {
    platform = await startTestPlatform({ queue: 'memory', plugins: { runtime: AMD } });
    const [node] = await platform.client.listNodes(NEVER);
    assert.equal(node?.ready, false);
    assert.match(node.facts.problems[0]?.message ?? '', /^GRIT cannot checkpoint workloads with AMD GPUs yet/);

    const { outcome, error } = await platform.run({ kind: 'run', spec: SPEC });
    assert.deepEqual([outcome, error?.code], ['Unchanged', 'GRIT_UNSUPPORTED']);
    assert.match(error?.message ?? '', /^runtime amd of node a starts no workloads$/);
    assert.match(error?.hint ?? '', /runtime-criu/);
    assert.deepEqual(await platform.client.listWorkloads(NEVER), []);
  });

  it('refuses what another runtime has started, and leaves it as it is', async () => {
    const started = await startTestPlatform({ queue: 'memory' });
    platform = started;
    assert.equal((await started.run({ kind: 'run', spec: SPEC })).outcome, 'Started');
    const saved = await started.run({ kind: 'checkpoint', workload: WORKLOAD });
    assert.equal(saved.outcome, 'Checkpointed');
    await started.stopAgent('a');
    await useAmd(started.stateDirectory);
    await started.startAgent('a');

    const asked = await started.run({ kind: 'checkpoint', workload: WORKLOAD });
    assert.deepEqual([asked.outcome, asked.error?.code], ['Unchanged', 'GRIT_UNSUPPORTED']);
    assert.match(asked.error?.message ?? '', /^runtime-amd cannot checkpoint train: /);
    assert.equal((await started.client.getWorkload('train', NEVER)).hold, undefined);

    const restored = await started.run({ kind: 'restore', checkpoint: saved.checkpoint ?? '' });
    assert.equal(restored.error?.code, 'GRIT_UNSUPPORTED', JSON.stringify(restored));
    const checkpoints = await started.client.listCheckpoints({}, NEVER);
    assert.deepEqual(checkpoints.map(({ phase }) => phase).sort(), ['Failed', 'Ready']);
  });
});

/** What somebody does who changes grit.yaml while the platform runs; an agent reads it at its start. */
async function useAmd(directory: string): Promise<void> {
  const path = join(directory, 'grit.test.yaml');
  const config = JSON.parse(await readFile(path, 'utf8')) as { plugins: Record<string, unknown> };
  await writeFile(path, JSON.stringify({ plugins: { ...config.plugins, runtime: AMD } }));
}
