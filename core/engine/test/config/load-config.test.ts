// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config.js';
import { ConfigFolder } from './config-folder.js';

describe('loadConfig', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  it('needs no file', async () => {
    const loaded = await loadConfig(folder.options());
    assert.deepEqual(loaded.files, []);
    assert.equal(loaded.locate(['plugins', 'store']), 'built-in configuration');
    assert.deepEqual(loaded.config, {
      queue: { redis: 'embedded' },
      catalog: { use: '@grit/core/sqlite', path: '/state/catalog.db' },
      node: { name: 'local', dataPlane: { memoryMiB: 64 }, imageCache: { keepMiB: 20_480 } },
      plugins: {
        'runtime-criu': { use: '@grit/runtime-criu', config: {}, onBootFailure: 'fail' },
        store: { use: '@grit/storage-pvc', config: { path: '/state/store' }, onBootFailure: 'fail' },
      },
      defaults: { storage: 'store', afterCheckpoint: 'resume', tcp: 'refuse' },
      log: { level: 'info' },
    });
  });

  it('takes --config before $GRIT_CONFIG before ./grit.yaml', async () => {
    const named = (name: string): string => `node: { name: ${name} }`;
    folder.write('a.yaml', named('a'));
    folder.write('sub/b.yaml', named('b'));
    const env = { GRIT_CONFIG: 'sub/b.yaml' };
    const first = await folder.load(named('c'), { path: 'a.yaml', env });
    const second = await folder.load(named('c'), { env });
    const third = await folder.load(named('c'));
    assert.deepEqual(
      [first, second, third].map(({ config }) => config.node.name),
      ['a', 'b', 'c'],
    );
    assert.equal(second.directory, join(folder.path, 'sub'));
    assert.equal(second.locate(['node', 'name']), 'sub/b.yaml:1:15');
  });

  it('keeps the built-in plugins beside those of a file, unless they are taken out', async () => {
    const four = 'plugins:\n  drop:\n    use: grit-plugin-filedrop\n    config: { directory: ./requests }\n';
    const { config } = await folder.load(four);
    assert.deepEqual(Object.keys(config.plugins), ['runtime-criu', 'store', 'drop']);
    assert.deepEqual(config.plugins.drop?.config, { directory: join(folder.path, 'requests') });
    const without = await folder.load('plugins: { runtime-criu: null, mine: { use: mine } }');
    assert.deepEqual(Object.keys(without.config.plugins), ['store', 'mine']);
  });

  it('takes an empty section as none', async () => {
    const { config } = await folder.load('plugins:\nqueue:\nlog: {}\n');
    assert.deepEqual(Object.keys(config.plugins), ['runtime-criu', 'store']);
  });

  it('lays overlays over each other by name and by path, and knows where each value is from', async () => {
    folder.write('grit.dev.yaml', 'plugins:\n  a:\n    config: { y: { z: 3 } }\nlog: { level: debug }\n');
    folder.write(
      'more/last.yaml',
      'plugins:\n  store:\n    use: other\n  a:\n    config:\n      x: null\n      list: [9]\n',
    );
    const base = 'plugins:\n  a:\n    use: a\n    config: { x: 1, y: { z: 2, w: 2 }, list: [1, 2] }\n';
    const loaded = await folder.load(base, { overlays: ['dev', 'more/last.yaml'] });
    assert.deepEqual(loaded.config.plugins.a?.config, { y: { z: 3, w: 2 }, list: [9] });
    assert.equal(loaded.config.log.level, 'debug');
    // The path of the built-in store means nothing to another plugin.
    assert.deepEqual(loaded.config.plugins.store, { use: 'other', config: {}, onBootFailure: 'fail' });
    assert.equal(loaded.locate(['plugins', 'a', 'config', 'y', 'z']), 'grit.dev.yaml:3:23');
    assert.equal(loaded.locate(['plugins', 'a', 'config', 'y', 'w']), 'grit.yaml:4:35');
    assert.equal(loaded.locate(['plugins', 'a', 'use']), 'grit.yaml:3:10');
    assert.equal(loaded.locate(['plugins', 'a', 'config', 'list', '0']), 'more/last.yaml:7:14');
    assert.equal(loaded.files.length, 3);
  });

  it('fills in variables, paths and a home directory', async () => {
    const env = { HOME: '/home/me', NAME: 'n1', COUNT: '12', ON: 'true', EMPTY: '', EVIL: 'x, y: {}' };
    const { config } = await folder.load(
      `node: { name: "\${NAME}" }
catalog: { path: ~/catalog.db }
plugins:
  a:
    use: ./a
    config:
      text: "\${COUNT}"
      number: \${COUNT}
      on: \${ON}
      fallback: "\${EMPTY:-f}/\${UNSET:-}"
      literal: "$\${NAME}"
      one: &one "\${EVIL}"
      two: *one
      up: ../up
`,
      { env },
    );
    assert.equal(config.node.name, 'n1');
    assert.equal(config.catalog.path, '/home/me/catalog.db');
    assert.equal(config.plugins.a?.use, join(folder.path, 'a'));
    assert.deepEqual(config.plugins.a.config, {
      text: '12',
      number: 12,
      on: true,
      fallback: 'f/',
      literal: '${NAME}',
      one: 'x, y: {}',
      two: 'x, y: {}',
      up: join(folder.path, '..', 'up'),
    });
  });

  it('reads secrets and never shows them', async () => {
    folder.write('secrets/pw', 'hunter22\n');
    const loaded = await folder.load(
      `queue: { redis: { url: "rediss://h:6380/1", username: grit, passwordFrom: { file: secrets/pw } } }
plugins:
  a: { use: a, config: { deep: [{ tokenFrom: { env: TOKEN } }], startFrom: beginning, sourceFrom: { file: x, line: 1 } } }
`,
      { env: { TOKEN: 't0k3n' } },
    );
    assert.deepEqual(loaded.config.queue.redis, { url: 'rediss://h:6380/1', username: 'grit', password: 'hunter22' });
    assert.deepEqual(loaded.config.plugins.a?.config, {
      deep: [{ token: 't0k3n' }],
      startFrom: 'beginning',
      sourceFrom: { file: 'x', line: 1 },
    });
    const shown = JSON.stringify(loaded.show());
    assert.ok(!shown.includes('hunter22') && !shown.includes('t0k3n'), shown);
    assert.ok(shown.includes('(secret)'));
    assert.equal(loaded.redact('login with hunter22 failed'), 'login with (secret) failed');
    const told = loaded.error([{ path: ['plugins', 'a', 'config', 'deep', '0', 'token'], message: 'bad: t0k3n' }]);
    assert.equal(told.message, 'grit.yaml:3:46 plugins.a.config.deep.0.token: bad: (secret)');
  });
});
