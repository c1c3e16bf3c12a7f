// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGritError, type JsonObject } from '@grit/plugin-api';
import { pvcFactory } from '../src/pvc-factory.js';

const NO_STOP = new AbortController().signal;

describe('storage-pvc: stores of a cluster', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-pvc-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('lie in a directory of their own in a claim, whose other files are left alone', async () => {
    await (await pvcFactory.open({}, { path: directory })).check(NO_STOP);
    assert.deepEqual(await readdir(directory), ['grit-images']);
  });

  it('lie where they say in a claim, or on every node', async () => {
    await (await pvcFactory.open({ path: 'a/b' }, { path: directory })).check(NO_STOP);
    assert.deepEqual(await readdir(join(directory, 'a')), ['b']);
    await (await pvcFactory.open({ path: join(directory, 'c') }, {})).check(NO_STOP);
    assert.deepEqual((await readdir(directory)).sort(), ['a', 'c']);
  });

  const REFUSED: readonly (readonly [string, JsonObject, { readonly path?: string }, RegExp])[] = [
    ['a way out of the claim', { path: '../other' }, { path: '/claim' }, /leaves the claim/],
    ['a hidden way out of the claim', { path: 'a/../../other' }, { path: '/claim' }, /leaves the claim/],
    ['an absolute path in a claim', { path: '/etc' }, { path: '/claim' }, /leaves the claim/],
    ['no path without a claim', {}, {}, /absolute path/],
    ['a relative path without a claim', { path: 'store' }, {}, /absolute path/],
    ['a path that is no string', { path: 1 }, {}, /string/],
    ['an unknown key', { pth: '/x' }, {}, /pth: unknown key; known are: path/],
  ];
  for (const [what, config, place, message] of REFUSED) {
    it(`refuse ${what}`, async () => {
      const open = async (): Promise<unknown> => pvcFactory.open(config, place);
      await assert.rejects(open, (error) => {
        assert.ok(isGritError(error) && error.code === 'GRIT_CONFIG_INVALID');
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
