// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  isGritError,
  isGritPlugin,
  parsePluginManifest,
  type PluginInstance,
  type StorageProvider,
} from '@grit/plugin-api';
import { blobFactory } from '../src/blob-factory.js';
import plugin from '../src/index.js';

const SECRET = 'very-secret-indeed';

async function create(config: unknown): Promise<PluginInstance> {
  const result = await plugin.config!['~standard'].validate(config);
  assert.equal(result.issues, undefined);
  const { value } = result as { readonly value: unknown };
  return plugin.create({ name: 'store', config: value, deps: {}, signal: new AbortController().signal });
}

describe('storage-blob: the plugin', () => {
  it('has a manifest that fits what it provides, and reaches for nothing until it is used', async () => {
    const file = new URL('../package.json', import.meta.url);
    const { grit } = JSON.parse(await readFile(file, 'utf8')) as { readonly grit: unknown };
    const manifest = parsePluginManifest(grit, 'package.json');
    assert.ok(isGritPlugin(plugin));
    for (const config of [{ s3: { bucket: 'no-such' } }, { azure: { account: 'nosuch', container: 'none' } }]) {
      const { services } = await create(config);
      assert.deepEqual(
        services?.map(({ ref }) => ref.id),
        manifest.provides,
      );
      await blobFactory.open(config, {});
    }
  });

  const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
    ['null', null, /either s3 or azure/],
    ['both', { s3: { bucket: 'b' }, azure: { container: 'c' } }, /either s3 or azure/],
    ['no bucket', { s3: {} }, /required/],
    ['half credentials', { s3: { bucket: 'b', credentials: { accessKeyId: SECRET } } }, /required/],
    ['an unknown key', { s3: { bucket: 'b', buckt: SECRET } }, /unknown key; known are: bucket/],
    ['an unknown block', { gcs: {} }, /unknown key/],
    ['a wrong type', { azure: { container: 'c', accountKey: [SECRET] } }, /expected string/],
    ['no object', { s3: SECRET }, /expected an object/],
  ];
  for (const [what, config, message] of REFUSED) {
    it(`refuses ${what}, without telling secrets`, async () => {
      const { issues } = await plugin.config!['~standard'].validate(config);
      assert.match(JSON.stringify(issues), message);
      assert.doesNotMatch(JSON.stringify(issues), new RegExp(SECRET));
      await assert.rejects(blobFactory.open(config as never, {}), (error) => {
        assert.ok(isGritError(error) && error.code === 'GRIT_CONFIG_INVALID');
        assert.match(error.message, message);
        return !error.message.includes(SECRET);
      });
    });
  }

  it('without a bucket opens the stores of a cluster only, which need one', async () => {
    for (const config of [{}, undefined]) {
      const { services = [] } = await create(config);
      assert.equal(services.length, 2);
      const provider = services[0]?.service as StorageProvider;
      const isRefused = (error: unknown): boolean => isGritError(error) && error.code === 'GRIT_CONFIG_INVALID';
      await assert.rejects(provider.check(new AbortController().signal), isRefused);
    }
    await assert.rejects(blobFactory.open({}, {}), /either s3 or azure/);
  });

  it('is in no claim', async () => {
    await assert.rejects(blobFactory.open({ s3: { bucket: 'b' } }, { path: '/claim' }), /in no claim/);
  });
});
