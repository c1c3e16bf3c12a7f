// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ErrorCode } from '@grit/plugin-api';
import { ConfigFolder } from './config-folder.js';
import { expectRefusal } from './expect-error.js';

interface Case {
  readonly name: string;
  readonly yaml: string;
  readonly message: string | RegExp;
  readonly code?: ErrorCode;
}

const CASES: readonly Case[] = [
  { name: 'unknown key', yaml: 'nodee: {}', message: 'grit.yaml:1:1 nodee: unknown key (did you mean "node"?)' },
  {
    name: 'unknown key that resembles nothing',
    yaml: 'log:\n  colour: red\n',
    message: 'grit.yaml:2:3 log.colour: unknown key; known are: level',
  },
  {
    name: 'wrong type',
    yaml: 'plugins:\n  store:\n    use: 5\n',
    message: 'grit.yaml:3:10 plugins.store.use: expected string, received number',
  },
  {
    name: 'a list for an object',
    yaml: 'plugins: [a]\n',
    message: 'grit.yaml:1:10 plugins: expected an object, received a list',
  },
  {
    name: 'one of some words',
    yaml: 'defaults: { afterCheckpoint: resum }',
    message: 'grit.yaml:1:30 defaults.afterCheckpoint: expected one of: resume, stop, hold (did you mean "resume"?)',
  },
  {
    name: 'no number of threads',
    yaml: 'node: { dataPlane: { threads: 0.5 } }',
    message: 'grit.yaml:1:31 node.dataPlane.threads: expected a whole number from 1 to 64',
  },
  {
    name: 'too little memory',
    yaml: 'node: { dataPlane: { memoryMiB: 15 } }',
    message: 'grit.yaml:1:33 node.dataPlane.memoryMiB: expected a whole number from 16 to 4096',
  },
  {
    name: 'a period without a unit',
    yaml: 'plugins:\n  store:\n    retention: { ttl: "30" }\n',
    message: 'grit.yaml:3:23 plugins.store.retention.ttl: expected a whole number of s, m, h, d or w, like 30d',
  },
  {
    name: 'an amount in units of thousands',
    yaml: 'plugins: { store: { retention: { maxBytes: 2TB } } }',
    message: 'grit.yaml:1:44 plugins.store.retention.maxBytes: expected an amount like 500GiB or 2TiB',
  },
  {
    name: 'a key in the file itself',
    yaml: 'plugins:\n  store:\n    encryption:\n      current: k1\n      keys: { k1: { key: abc } }\n',
    message: /^grit\.yaml:5:21 plugins\.store\.encryption\.keys\.k1\.key: unknown key/m,
  },
  {
    name: 'a key from nowhere',
    yaml: 'plugins: { store: { encryption: { current: k1, keys: { k1: { keyFrom: {} } } } } }',
    message: /plugins\.store\.encryption\.keys\.k1\.keyFrom: expected \{ file: … \} or \{ env: … \}/,
  },
  {
    name: 'no current key',
    yaml: 'plugins: { store: { encryption: { keys: {} } } }',
    message: /plugins\.store\.encryption\.current: required: Name of the key/,
  },
  {
    name: 'a current key that is none of the keys',
    yaml: 'plugins: { store: { encryption: { current: k2, keys: {} } } }',
    message: 'grit.yaml:1:44 plugins.store.encryption.current: no key has the name "k2"; keys are: none',
  },
  {
    name: 'a retention that keeps nothing',
    yaml: 'plugins: { store: { retention: { keepLast: 0 } } }',
    message: 'grit.yaml:1:44 plugins.store.retention.keepLast: expected a whole number from 1',
  },
  {
    name: 'something missing, at what it is missing in',
    yaml: 'plugins:\n  extra:\n    config: {}\n',
    message: /^grit\.yaml:2:3 plugins\.extra\.use: required: /,
  },
  {
    name: 'a plugin without content',
    yaml: 'plugins:\n  extra:\n',
    message: /^grit\.yaml:2:3 plugins\.extra\.use: required/,
  },
  {
    name: 'a bad name',
    yaml: 'plugins:\n  Store_1: { use: x }\n',
    message: /^grit\.yaml:2:3 plugins\.Store_1: expected a kebab-case name/,
  },
  {
    name: 'no such redis',
    yaml: 'queue: { redis: embeded }',
    message:
      'grit.yaml:1:17 queue.redis: expected "embedded" or an object with url, username, passwordFrom, tls; received string',
  },
  {
    name: 'a password in a URL',
    yaml: 'queue: { redis: { url: "redis://u:geheim@h" } }',
    message: /^grit\.yaml:1:24 queue\.redis\.url: expected .*passwordFrom is for$/,
  },
  {
    name: 'a password in clear text',
    yaml: 'queue: { redis: { url: redis://h, password: geheim } }',
    message: 'grit.yaml:1:35 queue.redis.password: unknown key (did you mean "passwordFrom"?)',
  },
  {
    name: 'a reference to two secrets',
    yaml: 'queue: { redis: { url: redis://h, passwordFrom: { file: a, env: B } } }',
    message: /^grit\.yaml:1:49 queue\.redis\.passwordFrom: expected \{ file: … \} or \{ env: … \}$/,
  },
  {
    name: 'a storage that is not there',
    yaml: 'defaults: { storage: sotre }',
    message: /^grit\.yaml:1:22 defaults\.storage: no plugin has the name "sotre"/,
  },
  {
    name: 'a variable that is not set',
    yaml: 'node: { name: "${NO_SUCH}" }',
    message: 'grit.yaml:1:15: the environment variable NO_SUCH is not set; ${NO_SUCH:-default} gives it a default',
  },
  {
    name: 'a variable that is none',
    yaml: 'node: { name: "${a.b}" }',
    message: /^grit\.yaml:1:15: "\$\{a\.b\}" is no variable/,
  },
  { name: 'a duplicate key', yaml: 'node: {}\nnode: {}\n', message: /^grit\.yaml:2:1: Map keys must be unique/ },
  { name: 'no YAML', yaml: 'node: {\n', message: /^grit\.yaml:2:1: / },
  { name: 'two documents', yaml: 'node: {}\n---\nnode: {}\n', message: /^grit\.yaml:2:1: .*multiple documents/ },
  { name: 'an unknown tag', yaml: 'node: !!js/function x\n', message: /^grit\.yaml:1:7: Unresolved tag/ },
  { name: 'a list at the top', yaml: '- a\n', message: 'grit.yaml:1:1: expected an object at the top of the file' },
  { name: '__proto__', yaml: 'node: { __proto__: { name: x } }', message: 'grit.yaml:1:9: key not allowed' },
  { name: 'a bomb of aliases', yaml: bomb(), message: /^grit\.yaml:1:1: .*alias/i },
  {
    name: 'nesting without end',
    yaml: '['.repeat(1_000),
    message: /^\d+ problems in the configuration:\n(.*\n){20}… and \d+ more$/,
  },
  {
    name: 'a file that is too large',
    yaml: `# ${'x'.repeat(300_000)}\n`,
    message: /grit\.yaml is larger than 256 KiB$/,
  },
  {
    name: 'a secret that is not there',
    yaml: 'queue:\n  redis:\n    url: redis://h\n    passwordFrom: { file: /nonexistent/pw }\n',
    message: 'grit.yaml:4:19 queue.redis.passwordFrom: cannot read /nonexistent/pw: ENOENT',
    code: 'GRIT_SECRET_UNREADABLE',
  },
  {
    name: 'a secret in a variable that is not set',
    yaml: 'plugins:\n  store:\n    config:\n      keyFrom: { env: NO_SUCH }\n',
    message: 'grit.yaml:4:16 plugins.store.config.keyFrom: the environment variable NO_SUCH is not set',
    code: 'GRIT_SECRET_UNREADABLE',
  },
  {
    name: 'a secret beside its key',
    yaml: 'plugins: { store: { config: { key: a, keyFrom: { env: HOME } } } }',
    message: 'grit.yaml:1:39 plugins.store.config.keyFrom: give either key or keyFrom, not both',
  },
];

describe('a bad configuration', function () {
  // Nesting without end takes a parser seconds on a busy machine.
  this.timeout(120_000);
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  for (const { name, yaml, message, code = 'GRIT_CONFIG_INVALID' } of CASES) {
    it(`is refused: ${name}`, async () => {
      const error = await expectRefusal(code, folder.load(yaml, { env: { HOME: '/h' } }));
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      assert.ok(!error.message.includes('geheim'));
    });
  }

  it('is told as a whole, with all places', async () => {
    const error = await expectRefusal(
      'GRIT_CONFIG_INVALID',
      folder.load('nodee: 1\nlog: { level: loud }\nplugins: { x: { use: 1 } }\n'),
    );
    assert.deepEqual(error.message.split('\n'), [
      '3 problems in the configuration:',
      'grit.yaml:1:1 nodee: unknown key (did you mean "node"?)',
      'grit.yaml:3:22 plugins.x.use: expected string, received number',
      'grit.yaml:2:15 log.level: expected one of: debug, info, warn, error',
    ]);
    assert.deepEqual(
      (error.details?.problems as { place: string }[]).map(({ place }) => place),
      ['grit.yaml:1:1', 'grit.yaml:3:22', 'grit.yaml:2:15'],
    );
  });

  it('is told with the whole path by a server, whose directory is the root', async () => {
    const path = folder.write('grit.yaml', 'nodee: 1\n');
    const error = await expectRefusal('GRIT_CONFIG_INVALID', folder.load('nodee: 1\n', { path, cwd: '/' }));
    assert.ok(error.message.includes(`${path}:1:1 nodee:`), error.message);
  });

  it('is refused when the file is missing', async () => {
    await expectRefusal('GRIT_CONFIG_NOT_FOUND', folder.load('', { path: 'other.yaml' }));
    await expectRefusal('GRIT_CONFIG_NOT_FOUND', folder.load('', { path: '.' }));
  });
});

function bomb(): string {
  const level = (n: number): string => `  l${n}: &l${n} [${Array.from({ length: 10 }, () => `*l${n - 1}`).join(', ')}]`;
  return ['plugins:', '  l0: &l0 [a, a, a, a, a, a, a, a, a, a]', ...[1, 2, 3, 4, 5, 6, 7, 8].map(level)].join('\n');
}
