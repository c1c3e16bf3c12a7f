// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { API_VERSION } from '@grit/plugin-kubernetes';
import type { ApiCalls, ApiObject } from './api-calls.js';
import { CHANGES, CREATIONS, type CreationCase } from './refusals.js';
import { readSchemas, walk } from './schema-rules.js';

/** Every rule of the schemas refuses what it should, says where and why, and takes the nearest thing that is right. */
export function describeRules(admin: () => ApiCalls): void {
  let count = 0;
  const objectOf = (kind: string, spec: object): ApiObject => {
    const metadata = { name: `rule-${count++}`, ...(kind === 'CheckpointStore' ? {} : { namespace: 'default' }) };
    return { apiVersion: API_VERSION, kind, metadata, spec };
  };
  const refuses = async (attempt: Promise<unknown>, { path, message }: CreationCase): Promise<void> => {
    await assert.rejects(attempt, ({ message: said }: Error) => {
      assert.ok(said.includes(`${path}: Invalid value`), `names ${path}: ${said}`);
      assert.ok(said.includes(message), `says "${message}": ${said}`);
      return true;
    });
  };

  describe('rules', () => {
    for (const example of CREATIONS) {
      const { kind, refused, accepted } = example;
      it(`${kind}: not ${JSON.stringify(refused)}`, async () => {
        await refuses(admin().create(objectOf(kind, refused)), example);
        await admin().create(objectOf(kind, accepted));
      });
    }

    for (const example of CHANGES) {
      const { kind, from, refused, accepted } = example;
      it(`${kind}: ${JSON.stringify(from)} does not become ${JSON.stringify(refused)}`, async () => {
        const object = objectOf(kind, from);
        await admin().create(object);
        await refuses(admin().patch(object, { spec: refused }), example);
        await admin().patch(object, { spec: accepted });
      });
    }

    it('are all tried here', () => {
      const tried = new Set([...CREATIONS, ...CHANGES].map(({ kind, message }) => `${kind}: ${message}`));
      const there = [...readSchemas()].flatMap(([kind, schema]) =>
        walk(schema, kind).flatMap(({ schema: { 'x-kubernetes-validations': rules = [] } }) =>
          rules.map(({ message }) => `${kind}: ${message}`),
        ),
      );
      assert.deepEqual([...tried].sort(), [...new Set(there)].sort());
    });
  });
}
