// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pluginServices } from '@grit/plugin-api';
import { validateConfigWithoutStarting } from '../../src/host/validate-config.js';
import { expectRefusal } from '../config/expect-error.js';
import { GRIT_PACKAGE_VERSION, PluginFolder } from './plugin-folder.js';

const { signal } = new AbortController();

describe('plugins that cannot be used', () => {
  let folder: PluginFolder;
  beforeEach(() => {
    folder = new PluginFolder();
  });
  afterEach(async () => {
    assert.deepEqual(folder.events, [], 'something was started');
    await folder.end();
  });

  it('a package that is not installed', async () => {
    const host = await folder.host(['no-such-plugin']);
    const error = await expectRefusal('GRIT_PLUGIN_NOT_FOUND', host.start(signal));
    assert.match(error.message, /^grit\.yaml:4:26 plugins\.no-such-plugin\.use: no package "no-such-plugin" in /);
    assert.ok(error.message.includes(folder.path) && error.message.includes(join(folder.path, 'mounted')));
    assert.match(error.hint, /npm install/);
  });

  it('a path where nothing is', async () => {
    const host = await folder.host('  x: { use: ./nothing }\n');
    const error = await expectRefusal('GRIT_PLUGIN_NOT_FOUND', host.start(signal));
    assert.ok(error.message.includes(join(folder.path, 'nothing')));
  });

  it('a package that is no plugin', async () => {
    const path = folder.plugin('plain', { manifest: null });
    const host = await folder.host(['plain']);
    const error = await expectRefusal('GRIT_PLUGIN_MANIFEST_INVALID', host.start(signal));
    assert.ok(error.message.includes(`${path}/package.json: "grit" is missing`), error.message);
  });

  it('a manifest with wrong fields, all of them named', async () => {
    folder.plugin('odd', { manifest: { kind: 'storrage', runsIn: ['moon'] } });
    const host = await folder.host(['odd']);
    const error = await expectRefusal('GRIT_PLUGIN_MANIFEST_INVALID', host.start(signal));
    assert.match(error.message, /grit\.kind: .*grit\.runsIn: /);
  });

  it('a package.json that is no JSON, and an entry that leaves the package', async () => {
    folder.plugin('broken');
    folder.write('node_modules/broken/package.json', '{');
    folder.plugin('outside', { packageJson: { exports: '../broken/i.js' } });
    const host = await folder.host(['broken', 'outside']);
    const error = await expectRefusal('GRIT_PLUGIN_MANIFEST_INVALID', host.start(signal));
    assert.match(error.message, /plugins\.broken\.use: .*is no JSON/);
    assert.match(error.message, /plugins\.outside\.use: .*name no file of the package/);
  });

  it('another version of the contract', async () => {
    const path = folder.plugin('later', { manifest: { kind: 'trigger', apiVersion: 'trigger/v2' } });
    const host = await folder.host(['later']);
    const error = await expectRefusal('GRIT_PLUGIN_API_MISMATCH', host.start(signal));
    assert.equal(
      error.message,
      `grit.yaml:4:17 plugins.later.use: plugin "later" (later@1.2.3, ${path}) is written for trigger/v2; this GRIT has trigger/v1`,
    );
  });

  it('keys or a policy for something that is no storage', async () => {
    folder.plugin('bell', { manifest: { kind: 'trigger', apiVersion: 'trigger/v1' } });
    const keys = 'encryption: { current: k1, keys: { k1: { keyFrom: { env: KEY } } } }';
    const env = { KEY: Buffer.alloc(32, 1).toString('base64') };
    const host = await folder.host(`  bell: { use: bell, retention: { keepLast: 2 }, ${keys} }\n`, { env });
    const { message } = await expectRefusal('GRIT_CONFIG_INVALID', host.start(signal));
    assert.match(
      message,
      /^grit\.yaml:\d+:22 plugins\.bell\.retention: .* is no storage: it has nothing to keep or delete$/m,
    );
    assert.match(
      message,
      /^grit\.yaml:\d+:50 plugins\.bell\.encryption: .* is no storage: it has nothing to encrypt$/m,
    );
  });

  it('another version of GRIT', async () => {
    folder.plugin('later', { manifest: { gritRange: '^99.0.0' } });
    const host = await folder.host(['later']);
    const error = await expectRefusal('GRIT_PLUGIN_API_MISMATCH', host.start(signal));
    assert.ok(error.message.endsWith(`is written for GRIT ^99.0.0; this is ${GRIT_PACKAGE_VERSION}`), error.message);
  });

  it('two that provide the same, both named', async () => {
    const provides = [pluginServices.runtimeDriver.id];
    const manifest = { kind: 'runtime', apiVersion: 'runtime/v1', provides };
    const a = folder.plugin('runtime-a', { manifest });
    const b = folder.plugin('runtime-b', { manifest });
    const host = await folder.host(['runtime-a', 'runtime-b']);
    const error = await expectRefusal('GRIT_PLUGIN_CONFLICT', host.start(signal));
    assert.equal(
      error.message,
      `grit.yaml:5:3 plugins.runtime-b: plugin "runtime-a" (runtime-a@1.2.3, ${a}) and plugin "runtime-b" (runtime-b@1.2.3, ${b}) both provide grit.runtime-driver`,
    );
  });

  it('one that requires what nobody provides', async () => {
    folder.plugin('needy', { manifest: { requires: ['x.service'] } });
    const host = await folder.host(['needy']);
    const error = await expectRefusal('GRIT_PLUGIN_DEPENDENCY_MISSING', host.start(signal));
    assert.match(error.message, /plugin "needy" .* requires x\.service, which no plugin provides$/);
  });

  it('one that requires what is only in the other process', async () => {
    folder.plugin('far', { manifest: { provides: ['x.service'], runsIn: ['agent'] } });
    folder.plugin('needy', { manifest: { requires: ['x.service'] } });
    const host = await folder.host(['far', 'needy']);
    const error = await expectRefusal('GRIT_PLUGIN_DEPENDENCY_MISSING', host.start(signal));
    assert.match(error.message, /provides only in the agent, not in the server$/);
  });

  it('a circle', async () => {
    for (const [name, next] of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
    ] as const) {
      folder.plugin(name, { manifest: { provides: [`x.${name}`], requires: [`x.${next}`] } });
    }
    const host = await folder.host(['a', 'b', 'c']);
    const error = await expectRefusal('GRIT_PLUGIN_DEPENDENCY_MISSING', host.start(signal));
    assert.match(error.message, /plugins require each other in a circle: a → b → c → a$/);
  });

  it('no import before all manifests are good', async () => {
    folder.plugin('eager', { code: `globalThis[${JSON.stringify(folder.path)}].push('imported')` });
    folder.plugin('later', { manifest: { apiVersion: 'service/v9' } });
    const host = await folder.host(['eager', 'later']);
    await expectRefusal('GRIT_PLUGIN_API_MISMATCH', host.start(signal));
  });

  it('a module whose default export is no plugin', async () => {
    folder.plugin('hollow', { code: 'export default {}' });
    const host = await folder.host(['hollow']);
    const error = await expectRefusal('GRIT_PLUGIN_MANIFEST_INVALID', host.start(signal));
    assert.match(error.message, /has no default export made by definePlugin/);
  });

  it('a dependency that the manifest does not name', async () => {
    folder.plugin('sly', { deps: ['x.secretly'] });
    const host = await folder.host(['sly']);
    const error = await expectRefusal('GRIT_PLUGIN_MANIFEST_INVALID', host.start(signal));
    assert.match(error.message, /depends on x\.secretly, which its manifest does not require$/);
  });

  it('configuration that a schema refuses, each with its place', async () => {
    const options = `directory: { type: 'string', description: 'd' }, every: { type: 'number', description: 'e', default: 1 }`;
    folder.plugin('drop', { options });
    folder.plugin('plain', { code: bare() });
    const host = await folder.host(
      '  drop:\n    use: drop\n    config:\n      directry: x\n      every: often\n  plain: { use: plain, config: { a: 1 } }\n',
    );
    const error = await expectRefusal('GRIT_CONFIG_INVALID', host.start(signal));
    assert.deepEqual(error.message.split('\n').sort(), [
      '4 problems in the configuration:',
      'grit.yaml:6:5 plugins.drop.config.directory: required: d',
      'grit.yaml:7:7 plugins.drop.config.directry: unknown key (did you mean "directory"?)',
      'grit.yaml:8:14 plugins.drop.config.every: expected number, received string',
      'grit.yaml:9:34 plugins.plain.config.a: this plugin has no configuration',
    ]);
  });

  it('a default storage that is none', async () => {
    folder.storeFixture = { manifest: { kind: 'trigger', apiVersion: 'trigger/v1' } };
    const host = await folder.host([]);
    const error = await expectRefusal('GRIT_CONFIG_INVALID', host.start(signal));
    assert.match(error.message, /defaults\.storage: plugin "store" .* is no storage but a trigger$/);
  });

  it('are found by a check that starts nothing, whatever process they belong to', async () => {
    folder.plugin('far', { manifest: { runsIn: ['agent'] }, options: `n: { type: 'number', description: 'n' }` });
    await folder.config('  far: { use: far, config: { n: x } }\n');
    await expectRefusal('GRIT_CONFIG_INVALID', validateConfigWithoutStarting(folder.options()));
    await folder.config('  far: { use: far, config: { n: 1 } }\n');
    const { plugins } = await validateConfigWithoutStarting(folder.options());
    assert.deepEqual(
      plugins.map(({ name }) => name),
      ['store', 'far'],
    );
  });

  it('the built-in one is named as the one to leave out', async () => {
    const manifest = { kind: 'runtime', apiVersion: 'runtime/v1', provides: [pluginServices.runtimeDriver.id] };
    folder.plugin('mine', { manifest });
    folder.plugin('builtin', { manifest });
    const host = await folder.host('  runtime-criu: { use: builtin }\n  mine: { use: mine }\n');
    const error = await expectRefusal('GRIT_PLUGIN_CONFLICT', host.start(signal));
    assert.match(error.message, /plugins\.mine: .*"plugins: \{ runtime-criu: null \}" leaves the built-in one out$/);
  });
});

function bare(): string {
  return `import { definePlugin } from '@grit/plugin-api'; export default definePlugin({ create: () => ({}) });`;
}
