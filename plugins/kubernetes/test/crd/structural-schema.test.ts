// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { z } from 'zod';
import { checkedBy, keyedBy } from '../../src/api/schema-marks.js';
import { structuralSchema } from '../../src/crd/structural-schema.js';

function property(schema: z.ZodType): unknown {
  return structuralSchema(z.strictObject({ it: schema })).properties?.['it'];
}

describe('structural schema', () => {
  it('says nothing about unknown fields beside properties', () => {
    const schema = structuralSchema(
      z.strictObject({ a: z.strictObject({ b: z.boolean() }), c: z.string().optional() }),
    );
    assert.deepEqual(schema, {
      type: 'object',
      properties: {
        a: { type: 'object', properties: { b: { type: 'boolean' } }, required: ['b'] },
        c: { type: 'string' },
      },
      required: ['a'],
    });
  });

  it('keeps the fields of free objects alone', () => {
    const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    assert.deepEqual(property(z.record(z.string(), z.unknown())), free);
    assert.deepEqual(property(z.record(z.string(), z.string().max(63))), {
      type: 'object',
      additionalProperties: { type: 'string', maxLength: 63 },
    });
    assert.deepEqual(property(z.strictObject({})), { type: 'object' });
  });

  it('gives integers 64 bits, and only the bounds that were asked for', () => {
    assert.deepEqual(property(z.int().min(0)), { type: 'integer', format: 'int64', minimum: 0 });
    assert.deepEqual(property(z.int()), { type: 'integer', format: 'int64' });
    assert.deepEqual(property(z.int().min(1).max(9)), { type: 'integer', format: 'int64', minimum: 1, maximum: 9 });
    assert.deepEqual(property(z.number().min(0)), { type: 'number', minimum: 0 });
  });

  it('checks a time by its format, so that any offset is taken', () => {
    assert.deepEqual(property(z.iso.datetime()), { type: 'string', format: 'date-time' });
  });

  it('makes fields with a default optional', () => {
    const schema = structuralSchema(z.strictObject({ tries: z.int().min(0).default(3) }));
    assert.deepEqual(schema.required, undefined);
    assert.deepEqual(schema.properties?.['tries'], { type: 'integer', format: 'int64', default: 3, minimum: 0 });
  });

  it('takes lists as a whole unless they have a key', () => {
    const list = { type: 'array', maxItems: 2 };
    const items = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const schema = z.array(z.strictObject({ name: z.string() })).max(2);
    assert.deepEqual(property(schema), { ...list, items, 'x-kubernetes-list-type': 'atomic' });
    assert.deepEqual(property(schema.meta(keyedBy('name')).optional().describe('Words.')), {
      ...list,
      items,
      description: 'Words.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    });
  });

  it('lets a rule stand for a pattern', () => {
    const rule = { rule: "self.matches('^a$')", message: 'is not a' };
    assert.deepEqual(property(z.string().regex(/^a$/).meta(checkedBy(rule))), {
      type: 'string',
      'x-kubernetes-validations': [rule],
    });
    assert.deepEqual(property(z.string().regex(/^a$/)), { type: 'string', pattern: '^a$' });
  });

  it('refuses what has no structural form, and says where it is', () => {
    const choice = z.strictObject({ deep: z.array(z.union([z.string(), z.number()])) });
    assert.throws(() => structuralSchema(choice), /^Error: \.deep\[\]: anyOf has no structural form$/);
    assert.throws(() => structuralSchema(z.strictObject({ any: z.unknown() })), /^Error: \.any: has no type$/);
    assert.throws(() => structuralSchema(z.strictObject({ none: z.string().nullable() })), /^Error: \.none: nullable/);
  });
});
