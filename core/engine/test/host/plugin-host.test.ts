// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  createServiceRef,
  definePlugin,
  isGritError,
  pluginServices,
  provide,
  type HostInfo,
  type PluginContext,
} from '@grit/plugin-api';
import { GRIT_VERSION } from '../../src/host/grit-version.js';
import { expectError } from '../config/expect-error.js';
import { effectiveConfig } from '../../src/host/effective-config.js';
import { PluginFolder } from './plugin-folder.js';

interface Probe {
  readonly from: string;
  readonly context: Omit<PluginContext<unknown, never>, 'deps'> & { readonly deps: Readonly<Record<string, unknown>> };
}

const STORE_STARTED = `while (!events.includes('started store-plugin')) await new Promise((resolve) => setImmediate(resolve));`;
const NEVER = 'await new Promise(() => {});';
const { signal } = new AbortController();
const ref = (id: string) => createServiceRef<Probe>({ id });

describe('PluginHost', () => {
  let folder: PluginFolder;
  beforeEach(() => {
    folder = new PluginFolder();
  });
  afterEach(async () => {
    await folder.end();
  });

  it('the built-in one makes room for another that a file names alone', async () => {
    const manifest = { kind: 'runtime', apiVersion: 'runtime/v1', provides: [pluginServices.runtimeDriver.id] };
    folder.plugin('mine', { manifest });
    folder.plugin('@grit/runtime-criu', { manifest });
    // The mention in a comment keeps the folder from leaving it out.
    await folder.start('  mine: { use: mine } # instead of runtime-criu: the default\n', { role: 'agent' });
    assert.deepEqual(folder.events.filter((event) => event.startsWith('started')).sort(), [
      'started mine',
      'started store-plugin',
    ]);
    const shown = (await effectiveConfig(folder.options())) as { readonly plugins: object };
    assert.deepEqual(Object.keys(shown.plugins).sort(), ['mine', 'store']);
  });

  it('finds plugins beside the configuration, by path, and in the mounted folder', async () => {
    folder.plugin('by-name');
    folder.plugin('./local/by-path');
    const mounted = folder.plugin('./mounted/grit-plugin-mounted');
    const text = '  a: { use: by-name }\n  b: { use: ./local/by-path }\n  c: { use: grit-plugin-mounted }\n';
    const host = await folder.start(text);
    assert.deepEqual(
      host.reports().map(({ name, id, state, host: where }) => `${name} ${id} ${state} ${where}`),
      [
        'store store-plugin started server',
        'a by-name started server',
        'b by-path started server',
        'c grit-plugin-mounted started server',
      ],
    );
    assert.equal(host.reports()[3]?.source, `grit-plugin-mounted ${mounted}`);
  });

  it('gives a plugin its name, configuration, services and a private folder', async () => {
    folder.plugin('base', { manifest: { provides: ['x.base'] } });
    folder.plugin('top', {
      manifest: { provides: ['x.top'], requires: ['x.base'] },
      deps: ['x.base'],
      options: `n: { type: 'number', description: 'n', default: 7 }, key: { type: 'string', description: 'k' }`,
      onCreate: `context.deps.logger.info('hello with ' + context.config.key);`,
    });
    const text = '  mine: { use: top, config: { keyFrom: { env: KEY } } }\n  base: { use: base }\n';
    const host = await folder.start(text, { env: { KEY: 'geheim' } });
    const { context, from } = host.get(ref('x.top'));
    assert.equal(from, 'mine');
    assert.deepEqual(context.config, { n: 7, key: 'geheim' });
    assert.equal((context.deps['x.base'] as Probe).from, 'base');
    const info = context.deps.host as HostInfo;
    assert.deepEqual(info, {
      role: 'server',
      node: 'local',
      version: GRIT_VERSION,
      plugins: host.reports().map(({ id }) => id),
      stateDirectory: join(folder.path, 'state/plugins/mine'),
    });
    assert.equal(statSync(info.stateDirectory).mode & 0o777, 0o700);
    const report = host.reports().find(({ name }) => name === 'mine');
    assert.deepEqual(report?.config, { n: 7, key: '(secret)' });
    assert.ok(folder.lines.some((line) => line.includes('"plugin":"mine"') && line.includes('hello with (secret)')));
    assert.ok(!folder.lines.join('').includes('geheim'));
  });

  it('loads only the plugins of its role', async () => {
    folder.plugin('far', { manifest: { runsIn: ['agent'] } });
    folder.plugin('near', { manifest: { runsIn: ['server'] } });
    const server = await folder.start(['far', 'near']);
    assert.deepEqual(
      server.reports().map(({ name }) => name),
      ['store', 'near'],
    );
    const agent = await folder.start(['far', 'near'], { role: 'agent', node: 'b' });
    assert.deepEqual(
      agent.reports().map(({ name, host }) => `${name} ${host}`),
      ['store agent b', 'far agent b'],
    );
  });

  it('hands out one service, all of a kind by name, and says what is missing', async () => {
    folder.plugin('second', {
      manifest: { kind: 'storage', apiVersion: 'storage/v1', provides: [pluginServices.storageProvider.id] },
    });
    const host = await folder.start(['second']);
    assert.deepEqual([...host.all(pluginServices.storageProvider).keys()], ['store', 'second']);
    assert.equal(host.find(pluginServices.runtimeDriver), undefined);
    assert.throws(() => host.get(pluginServices.runtimeDriver), { code: 'GRIT_UNSUPPORTED' });
  });

  it('starts what does not depend on each other side by side, the rest in order, and stops in reverse', async () => {
    // Each of the two waits for the other: one after the other they would never start.
    const meet = (id: string): string => `
      const met = (globalThis[${JSON.stringify(folder.path)}].met ??= {});
      met.${id} = true;
      while (!(met.left && met.right)) await new Promise((resolve) => setImmediate(resolve));`;
    folder.plugin('left', { manifest: { provides: ['x.left'] }, onCreate: meet('left') });
    folder.plugin('right', { manifest: { provides: ['x.right'] }, onCreate: meet('right') });
    folder.plugin('top', { manifest: { requires: ['x.left', 'x.right'], provides: ['x.top'] } });
    folder.plugin('roof', { manifest: { requires: ['x.top'] } });
    const host = await folder.start(['roof', 'top', 'left', 'right']);
    const started = folder.events.filter((event) => event.startsWith('started') && event !== 'started store-plugin');
    assert.deepEqual(started.slice(-2), ['started top', 'started roof']);
    folder.events.length = 0;
    await Promise.all([host.stop(), host.stop()]);
    assert.deepEqual(
      folder.events.filter((event) => event !== 'stop store-plugin'),
      started.reverse().map((event) => event.replace('started', 'stop')),
    );
    assert.equal(host.find(ref('x.top')), undefined);
  });

  it('gives the engine’s own services to plugins that require them', async () => {
    folder.plugin('user', { manifest: { provides: ['x.user'], requires: ['x.engine'] }, deps: ['x.engine'] });
    const given = provide(createServiceRef<string>({ id: 'x.engine' }), 'from the engine');
    const host = await folder.start(['user'], { services: [given] });
    assert.equal(host.get(ref('x.user')).context.deps['x.engine'], 'from the engine');
  });

  describe('when a plugin fails', () => {
    it('stops the others and names it, with its own error', async () => {
      folder.plugin('fine', { manifest: { provides: ['x.fine'] } });
      folder.plugin('bad', {
        manifest: { requires: ['x.fine'] },
        onCreate: `
          ${STORE_STARTED}
          throw new Error('no luck with ' + 1);`,
      });
      const host = await folder.host(['fine', 'bad']);
      const error = await expectError('GRIT_PLUGIN_BOOT_FAILED', host.start(signal));
      assert.match(error.message, /^plugin "bad" \(bad@1\.2\.3, .*\): no luck with 1$/);
      assert.ok(error.cause instanceof Error);
      const states = (error.details?.plugins as { name: string; state: string }[]).map((p) => `${p.name} ${p.state}`);
      assert.deepEqual(states, ['store started', 'fine started', 'bad failed']);
      assert.deepEqual(folder.events.filter((event) => event.startsWith('stop')).sort(), [
        'stop fine',
        'stop store-plugin',
      ]);
    });

    it('goes on without it if it may, and without those that need it', async () => {
      folder.plugin('bad', { manifest: { provides: ['x.bad'] }, onCreate: `throw new Error('no luck');` });
      folder.plugin('needy', { manifest: { requires: ['x.bad'] } });
      folder.plugin('syntax', { code: 'export default {' });
      folder.plugin('fine');
      const may = (name: string): string => `  ${name}: { use: ${name}, onBootFailure: continue }\n`;
      const host = await folder.start(`${may('bad')}${may('needy')}${may('syntax')}  fine: { use: fine }\n`);
      assert.deepEqual(
        host.reports().map(({ name, state }) => `${name} ${state}`),
        ['store started', 'bad failed', 'needy skipped', 'syntax failed', 'fine started'],
      );
      const [, bad, needy] = host.reports();
      assert.match(bad?.error?.message ?? '', /no luck$/);
      assert.match(needy?.error?.message ?? '', /because plugin "bad" failed$/);
      assert.equal(folder.lines.filter((line) => line.includes('plugin not started')).length, 3);
    });

    it('does not go on without a runtime', async () => {
      const may = (name: string): string => `  ${name}: { use: ${name}, onBootFailure: continue }\n`;
      folder.plugin('engine', {
        manifest: { kind: 'runtime', apiVersion: 'runtime/v1', provides: ['grit.runtime-driver'] },
        onCreate: `throw new Error('no criu');`,
      });
      const agent = await folder.host(may('engine'), { role: 'agent' });
      assert.match((await expectError('GRIT_PLUGIN_BOOT_FAILED', agent.start(signal))).message, /no criu$/);
    });

    it('does not go on without the default storage', async () => {
      folder.storeFixture = { onCreate: `throw new Error('no disk');` };
      const text = '  archive: { use: store-plugin, onBootFailure: continue }\n';
      const server = await folder.host(text);
      assert.match(
        (await expectError('GRIT_PLUGIN_BOOT_FAILED', server.start(signal))).message,
        /plugin "store".*no disk$/,
      );
    });

    it('keeps the code and hint of a coded error, and no secret', async () => {
      folder.plugin('bad', {
        options: `key: { type: 'string', description: 'k' }`,
        onCreate: `
          const { GritError } = await import('@grit/plugin-api');
          throw new GritError('GRIT_STORAGE_READ_ONLY', 'key ' + context.config.key + ' may not write');`,
      });
      const host = await folder.host('  bad: { use: bad, config: { keyFrom: { env: KEY } } }\n', {
        env: { KEY: 'geheim' },
      });
      const error = await expectError('GRIT_PLUGIN_BOOT_FAILED', host.start(signal));
      assert.match(error.message, /GRIT_STORAGE_READ_ONLY: key \(secret\) may not write$/);
      assert.match(error.hint, /mount options/);
      assert.ok(!JSON.stringify(error).includes('geheim'));
    });

    it('does not wait for a start that never ends', async () => {
      folder.plugin('slow', { onCreate: NEVER });
      const host = await folder.host(['slow'], { startDeadlineMs: 50 });
      const error = await expectError('GRIT_PLUGIN_BOOT_FAILED', host.start(signal));
      assert.ok(isGritError(error.cause) && error.cause.code === 'GRIT_TIMEOUT');
    });

    it('ends a plugin that comes too late', async () => {
      const late =
        'await new Promise((resolve) => context.signal.addEventListener("abort", () => setImmediate(resolve)));';
      let stopped = (): void => undefined;
      const seen = new Promise<void>((resolve) => (stopped = resolve));
      Object.assign(folder.events, { stopped });
      folder.plugin('late', { onCreate: late, onStop: 'events.stopped();' });
      const host = await folder.host('  late: { use: late, onBootFailure: continue }\n', { startDeadlineMs: 50 });
      await host.start(signal);
      await seen;
      assert.equal(host.reports()[1]?.state, 'failed');
    });

    it('blames the plugin that broke, not those that were told to give up', async () => {
      folder.plugin('patient', {
        onCreate:
          'await new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));',
      });
      folder.plugin('zbad', { onCreate: `throw new Error('it was me');` });
      const host = await folder.host(['patient', 'zbad']);
      assert.match((await expectError('GRIT_PLUGIN_BOOT_FAILED', host.start(signal))).message, /it was me$/);
    });

    it('refuses services that the manifest does not promise, and missing ones', async () => {
      const code = (services: string): string => `
        import { createServiceRef, definePlugin, provide } from '@grit/plugin-api';
        export default definePlugin({ create: () => ({ services: ${services} }) });`;
      folder.plugin('more', { code: code(`[provide(createServiceRef({ id: 'x.more' }), 1)]`) });
      folder.plugin('less', { manifest: { provides: ['x.less'] }, code: code('[]') });
      const may = (name: string): string => `  ${name}: { use: ${name}, onBootFailure: continue }\n`;
      const host = await folder.start(may('more') + may('less'));
      const [, more, less] = host.reports();
      assert.match(more?.error?.message ?? '', /provides x\.more, which its manifest does not mention$/);
      assert.match(less?.error?.message ?? '', /does not provide x\.less, which its manifest promises$/);
      assert.equal(host.find(ref('x.more')), undefined);
    });
  });

  it('gives up when it is told to, and leaves nothing running', async () => {
    folder.plugin('slow', { onCreate: `${STORE_STARTED} events.waiting?.(); ${NEVER}` });
    const giveUp = new AbortController();
    Object.assign(folder.events, { waiting: () => giveUp.abort() });
    const host = await folder.host(['slow']);
    await assert.rejects(host.start(giveUp.signal), { name: 'AbortError' });
    assert.deepEqual(
      folder.events.filter((event) => event.startsWith('stop')),
      ['stop store-plugin'],
    );
  });

  it('is stopped while it starts', async () => {
    folder.plugin('slow', { onCreate: `${STORE_STARTED} events.waiting?.(); ${NEVER}` });
    const host = await folder.host(['slow']);
    const stopped = new Promise<void>((resolve) => {
      Object.assign(folder.events, { waiting: () => void host.stop().then(resolve) });
    });
    await assert.rejects(host.start(signal), isGritError);
    await stopped;
    assert.deepEqual(
      folder.events.filter((event) => event.startsWith('stop')),
      ['stop store-plugin'],
    );
  });

  it('stops the others when one hangs or throws', async () => {
    folder.plugin('a', { manifest: { provides: ['x.a'] } });
    folder.plugin('hangs', { manifest: { provides: ['x.hangs'], requires: ['x.a'] }, onStop: NEVER });
    folder.plugin('throws', { manifest: { requires: ['x.hangs'] }, onStop: `throw new Error('stuck');` });
    const host = await folder.start(['a', 'hangs', 'throws'], { stopDeadlineMs: 50 });
    folder.events.length = 0;
    await host.stop();
    assert.deepEqual(
      folder.events.filter((event) => event !== 'stop store-plugin'),
      ['stop throws', 'stop hangs', 'stop a'],
    );
    assert.equal(folder.lines.filter((line) => line.includes('plugin did not stop well')).length, 2);
  });

  it('works with plugins that have their own copy of plugin-api', async () => {
    const other = new PluginFolder(true);
    try {
      other.plugin('copy', {
        manifest: { kind: 'trigger', apiVersion: 'trigger/v1', provides: ['grit.trigger'], requires: ['x.engine'] },
        options: `n: { type: 'number', description: 'n' }`,
        deps: ['x.engine'],
        onCreate: `events.copy = definePlugin; const { GritError } = await import('@grit/plugin-api'); if (context.config.n > 1) throw new GritError('GRIT_STORAGE_FULL', 'full');`,
      });
      const services = [provide(createServiceRef<string>({ id: 'x.engine' }), 'ours')];
      const host = await other.start('  copy: { use: copy, config: { n: 1 } }\n', { services });
      const trigger = host.all(pluginServices.trigger).get('copy') as unknown as Probe;
      assert.equal(trigger.context.deps['x.engine'], 'ours');
      assert.notEqual((other.events as { copy?: unknown }).copy, definePlugin);
      const failing = await other.host('  copy: { use: copy, config: { n: 2 } }\n', { services });
      const error = await expectError('GRIT_PLUGIN_BOOT_FAILED', failing.start(signal));
      assert.ok(isGritError(error.cause) && error.cause.code === 'GRIT_STORAGE_FULL');
    } finally {
      await other.end();
    }
  });
});
