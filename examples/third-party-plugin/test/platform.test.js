// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startTestPlatform } from '@grit/plugin-testing';

/** @import { TestPlatform } from '@grit/plugin-testing' */

const CONFIG = process.env.FILEDROP_TEST_CONFIG ?? join(import.meta.dirname, '..', 'grit.yaml');
const workload = { kind: 'container', name: 'train' };

describe('filedrop in a whole platform, switched on by four lines of grit.yaml', () => {
  /** @type {string} */ let directory;
  /** @type {TestPlatform} */ let platform;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filedrop-'));
    process.env.FILEDROP_DIRECTORY = directory;
    platform = await startTestPlatform({ config: CONFIG });
  });

  after(async () => {
    await platform?.stop();
    await rm(directory, { recursive: true });
  });

  /**
   * @param {string} name
   * @param {object} request
   */
  async function ask(name, request) {
    const text = JSON.stringify({ apiVersion: 'grit.dev/v1', ...request });
    await writeFile(join(directory, 'unfinished'), text);
    await rename(join(directory, 'unfinished'), join(directory, `${name}.request.json`));
    for (;;) {
      const result = await readFile(join(directory, `${name}.result.json`), 'utf8').catch(() => undefined);
      if (result !== undefined) return JSON.parse(result);
      await delay(10);
    }
  }

  it('is a started plugin', async () => {
    const plugins = await platform.client.listPlugins(new AbortController().signal);
    const { id, state } = plugins.find(({ name }) => name === 'filedrop') ?? {};
    assert.deepEqual({ id, state }, { id: 'filedrop', state: 'started' });
  });

  it('starts a workload, checkpoints it and stops it', { timeout: 60_000 }, async () => {
    const started = await ask('start', { kind: 'run', spec: { name: 'train', command: ['count'] } });
    assert.equal(started.outcome, 'Started', JSON.stringify(started));
    const saved = await ask('save', { kind: 'checkpoint', workload, afterCheckpoint: 'stop' });
    assert.deepEqual([saved.phase, saved.outcome], ['Succeeded', 'Checkpointed'], JSON.stringify(saved));
    const restored = await ask('back', { kind: 'restore', checkpoint: saved.checkpoint });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored));
  });

  it('tells the truth about what cannot be done', { timeout: 60_000 }, async () => {
    const nobody = await ask('nobody', { kind: 'checkpoint', workload: { kind: 'container', name: 'nobody' } });
    assert.deepEqual([nobody.phase, nobody.error.code], ['Failed', 'GRIT_WORKLOAD_NOT_FOUND']);
    const nonsense = await ask('nonsense', { kind: 'dance' });
    assert.equal(nonsense.error.code, 'GRIT_REQUEST_INVALID');
  });
});
