// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@grit/plugin-api';
import { StoreSecrets } from '../../src/node/store-secrets.js';

describe('the Secrets that a CheckpointStore refers to', () => {
  let directory: string;
  let secrets: StoreSecrets;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-secrets-'));
    await mkdir(join(directory, 's3'));
    await writeFile(join(directory, 's3', 'id'), 'AKIA\n');
    await writeFile(join(directory, 's3', 'secret'), 'x y');
    await writeFile(join(directory, 'outside'), 'not for stores');
    secrets = new StoreSecrets(directory);
  });

  afterEach(() => rm(directory, { recursive: true }));

  const reference = (name: string, key: string): JsonObject => ({ secret: { name, key } });
  const refused = (config: JsonObject, code: string, message: RegExp): Promise<void> =>
    assert.rejects(secrets.resolve(config), { code, message });

  it('are read where references stand, and nothing else is changed', async () => {
    const config = {
      s3: { bucket: 'b', accessKeyIdFrom: reference('s3', 'id'), more: [{ secretFrom: reference('s3', 'secret') }] },
      copyFrom: 'a text',
      From: { a: 1 },
      none: null,
    };
    assert.deepEqual(await secrets.resolve(config), {
      s3: { bucket: 'b', accessKeyId: 'AKIA', more: [{ secret: 'x y' }] },
      copyFrom: 'a text',
      From: { a: 1 },
      none: null,
    });
  });

  it('are read anew each time', async () => {
    const config = { tokenFrom: reference('s3', 'id') };
    await secrets.resolve(config);
    await writeFile(join(directory, 's3', 'id'), 'new');
    assert.deepEqual(await secrets.resolve(config), { token: 'new' });
  });

  it('no path leads out of them', async () => {
    for (const [name, key] of [
      ['..', 'outside'],
      ['s3', '../outside'],
      ['s3', '..'],
      ['s3/..', 'outside'],
      ['', 'outside'],
      ['s3', ''],
    ] as const) {
      await refused({ tokenFrom: reference(name, key) }, 'GRIT_CONFIG_INVALID', /spec\.config\.tokenFrom: .* is no /);
    }
  });

  it('no file of the node and no variable is read', async () => {
    for (const other of [
      { file: '/etc/passwd' },
      { env: 'HOME' },
      { secret: 's3' },
      { ...reference('s3', 'id'), x: 1 },
    ]) {
      await refused({ tokenFrom: other }, 'GRIT_CONFIG_INVALID', /tokenFrom: expected \{ secret/);
    }
  });

  it('what is not mounted, empty or given twice is said by its place', async () => {
    await writeFile(join(directory, 's3', 'empty'), '\n');
    await refused(
      { aFrom: reference('s3', 'none') },
      'GRIT_SECRET_UNREADABLE',
      /spec\.config\.aFrom: Secret s3: its key none/,
    );
    await refused({ aFrom: reference('s3', 'empty') }, 'GRIT_SECRET_UNREADABLE', /its key empty is empty/);
    await refused({ a: 1, aFrom: reference('s3', 'id') }, 'GRIT_CONFIG_INVALID', /either a or aFrom/);
    await assert.rejects(new StoreSecrets(undefined).resolve({ aFrom: reference('s3', 'id') }), {
      code: 'GRIT_SECRET_UNREADABLE',
      hint: /agent\.storeSecrets/,
    });
  });

  it('the keys of images are texts by their names', async () => {
    const keyFrom = { secret: { name: 's3', key: 'secret' } };
    const encryption = {
      current: 'k2',
      keys: [
        { id: 'k1', keyFrom },
        { id: 'k2', keyFrom },
      ],
    };
    const keys = await secrets.keysOf({ plugin: 'storage-blob', encryption });
    assert.deepEqual(keys, { current: 'k2', keys: { k1: 'x y', k2: 'x y' } });
    assert.equal(await secrets.keysOf({ plugin: 'storage-blob' }), undefined);
  });
});
