// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isGritError, isGritPlugin, parsePluginManifest, pluginServices, type PluginInstance } from '@grit/plugin-api';
import plugin from '../src/index.js';

async function create(config: unknown): Promise<PluginInstance> {
  const result = await plugin.config!['~standard'].validate(config);
  assert.equal(result.issues, undefined);
  const { value } = result as { readonly value: unknown };
  return plugin.create({ name: 'store', config: value, deps: {}, signal: new AbortController().signal });
}

describe('storage-pvc: the plugin', () => {
  it('has a manifest that fits what it provides', async () => {
    const file = new URL('../package.json', import.meta.url);
    const { grit } = JSON.parse(await readFile(file, 'utf8')) as { readonly grit: unknown };
    const manifest = parsePluginManifest(grit, 'package.json');
    assert.ok(isGritPlugin(plugin));
    const { services } = await create({ path: '/nowhere/at/all' });
    assert.deepEqual(
      services?.map(({ ref }) => ref.id),
      manifest.provides,
    );
    assert.deepEqual(manifest.provides, [pluginServices.storageProvider.id, pluginServices.storageFactory.id]);
  });

  it('touches nothing until it is used', async () => {
    await create({ path: '~/grit-store-that-is-never-made' });
    await assert.rejects(stat(join(homedir(), 'grit-store-that-is-never-made')));
  });

  it('refuses a path that depends on the working directory', async () => {
    await assert.rejects(
      create({ path: 'store' }),
      (error) => isGritError(error) && error.code === 'GRIT_CONFIG_INVALID',
    );
  });

  it('needs a path and knows its keys', async () => {
    for (const config of [{}, { path: 1 }, { path: '/x', pth: '/y' }]) {
      assert.ok((await plugin.config!['~standard'].validate(config)).issues, JSON.stringify(config));
    }
  });
});
