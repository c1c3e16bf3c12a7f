// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, PluginHost } from '@grit/core';
import { pluginServices, type PluginHostRole } from '@grit/plugin-api';
import { Barriers } from '../src/faults/barrier-control.js';
import { give } from '../src/platform/given-plugins.js';
import { MemoryLogger } from '../src/platform/memory-logger.js';
import { MemoryRuntimeDriver } from '../src/runtime/memory-runtime-driver.js';
import { NEVER, eventually, failsWith } from '../src/suites/expect.js';

const FIXTURES = join(import.meta.dirname, '../fixtures');

describe('fixtures, loaded by path through the real plugin host', () => {
  let directory: string;
  let barriers: Barriers;
  let host: PluginHost | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-fixtures-'));
    barriers = new Barriers(join(directory, 'faults'));
  });

  afterEach(async () => {
    await host?.stop();
    await rm(directory, { recursive: true });
  });

  async function load(plugins: object, role: PluginHostRole): Promise<PluginHost> {
    const path = join(directory, 'grit.yaml');
    await writeFile(path, JSON.stringify({ node: { name: 'a' }, plugins }));
    const config = await loadConfig({ path, env: {}, cwd: directory, stateDirectory: directory });
    host = new PluginHost({ config, role, stateDirectory: directory, logger: new MemoryLogger() });
    await host.start(NEVER);
    return host;
  }

  it('given-runtime provides the driver of this process', async () => {
    const { key, takeBack } = give(() => new MemoryRuntimeDriver());
    const use = join(FIXTURES, 'given-runtime');
    const plugins = { 'runtime-criu': null, runtime: { use, config: { key } } };
    assert.equal((await load(plugins, 'agent')).get(pluginServices.runtimeDriver).id, 'memory');
    takeBack();
    await host?.stop();
    await failsWith(load(plugins, 'agent'), 'GRIT_PLUGIN_BOOT_FAILED');
  });

  it('barrier-runtime is the criu runtime, stopped and failing on demand', async () => {
    const use = join(FIXTURES, 'barrier-runtime');
    const config = { faults: barriers.directory };
    const loaded = await load({ 'runtime-criu': null, runtime: { use, config } }, 'agent');
    const launcher = loaded.get(pluginServices.workloadLauncher);
    const nobody = { kind: 'container', name: 'nobody' };
    assert.equal(loaded.get(pluginServices.runtimeDriver).id, 'criu');

    const own = new Barriers(join(barriers.directory, 'a'));
    await own.set('inspect.before');
    const call = launcher.inspect(nobody, NEVER);
    await own.untilReached('inspect.before');
    await own.lift('inspect.before');
    assert.equal((await call).state, 'missing');

    await barriers.plant({ at: 'inspect.before', code: 'GRIT_RUNTIME_UNAVAILABLE' });
    await failsWith(launcher.inspect(nobody, NEVER), 'GRIT_RUNTIME_UNAVAILABLE');
  });

  it('barrier-storage is the pvc storage, with torn and failing writes on demand', async () => {
    const use = join(FIXTURES, 'barrier-storage');
    const config = { faults: barriers.directory, path: join(directory, 'images') };
    const loaded = await load({ 'runtime-criu': null, store: { use, config } }, 'server');
    const [storage] = loaded.all(pluginServices.storageProvider).values();
    assert.ok(storage);
    const write = async (id: string): Promise<void> => {
      const writer = await storage.begin(id, NEVER);
      await writer.put('part', bytes(4, 1000), { signal: NEVER });
      await writer.commit(Buffer.from('manifest'), NEVER);
    };
    const sizeOf = async (id: string): Promise<number> => (await storage.open(id, NEVER)).size('part', NEVER);
    await write('whole');
    assert.equal(await sizeOf('whole'), 4000);

    await barriers.plant({ at: 'put.before', afterBytes: 2500 });
    await write('torn');
    assert.equal(await sizeOf('torn'), 2500);

    await barriers.plant({ at: 'put.before', afterBytes: 2500, errno: 'ENOSPC' });
    await failsWith(write('full'), 'GRIT_STORAGE_FULL');
    await failsWith(sizeOf('full'), 'GRIT_CHECKPOINT_NOT_FOUND', 'GRIT_IMAGE_MANIFEST_MISSING');
    await barriers.clear('put.before');

    await barriers.set('commit.before');
    const call = write('late');
    await barriers.untilReached('commit.before');
    await failsWith(sizeOf('late'), 'GRIT_CHECKPOINT_NOT_FOUND', 'GRIT_IMAGE_MANIFEST_MISSING');
    await barriers.lift('commit.before');
    await call;
    await eventually('it is readable', async () => (await sizeOf('late')) === 4000);
  });
});

async function* bytes(chunks: number, size: number): AsyncGenerator<Uint8Array, void> {
  for (let index = 0; index < chunks; index += 1) yield new Uint8Array(size).fill(index);
}
