// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ApiCalls } from './api-calls.js';
import { readFolder, type Manifest } from './manifests.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/kubernetes');

/** Objects as earlier versions wrote them are taken by the definitions of today, and nothing of them is lost. */
export function describeCompatibility(admin: () => ApiCalls): void {
  describe('objects of earlier versions', () => {
    for (const version of ['v0']) {
      for (const { file, objects } of readFolder(join(FIXTURES, version))) {
        for (const object of objects) {
          it(`${version}/${file}: ${object.kind} ${object.metadata.name}`, async () => {
            const stored = await store(admin(), object);
            assert.partialDeepStrictEqual(stored, object);
          });
        }
      }
    }
  });
}

/** What is stored of it. */
async function store(admin: ApiCalls, { status, ...object }: Manifest): Promise<unknown> {
  await admin.create(object);
  if (status !== undefined) await admin.patch(object, { status }, '/status');
  // What controllers do to it: a label, which makes the API server check all of it once more.
  await admin.patch(object, { metadata: { labels: { touched: 'yes' } } });
  return admin.get(object);
}
