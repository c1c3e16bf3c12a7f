// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isWriterPrefix, parseCondemned } from '../../src/collect/condemned.js';
import { objectKey, parseObjectKey, writerPrefix, type ObjectKey } from '../../src/store/object-key.js';
import { encodeRecord, parseRecord, type ImageRecord, type RecordedObject } from '../../src/store/record.js';

const SEED = Number(process.env.GRIT_SEED ?? 20_261_128);
const RUNS = { seed: SEED, numRuns: Number(process.env.GRIT_RUNS ?? 300) };

const letters = (alphabet: string, most: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength: 1, maxLength: most });
const token = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 32, maxLength: 32 });
const id = letters('abcXYZ019_-', 20).map((text) => `c${text}`);
const name = fc.oneof(
  fc.array(letters('abz_09', 12), { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/')),
  fc.constantFrom('__proto__', 'constructor', 'a/__proto__'),
);
const identity = fc.option(letters('abz019:_-', 128), { nil: undefined });
const key: fc.Arbitrary<ObjectKey> = fc.record({ id, token, identity, name }, { noNullPrototype: true });
const objects = fc
  .array(fc.tuple(key, fc.maxSafeNat()), { maxLength: 5 })
  .map((list) => new Map<string, RecordedObject>(list.map(([k, size]) => [k.name, { key: objectKey(k), size }])));
const record: fc.Arbitrary<ImageRecord> = fc.oneof(
  fc.record({ state: fc.constant('vacant' as const), token }),
  fc.record({
    state: fc.constant('writing' as const),
    token,
    startedAt: fc.maxSafeNat(),
    renewedAt: fc.maxSafeNat(),
    adopted: objects,
  }),
  fc.record({
    state: fc.constant('committed' as const),
    token,
    committedAt: fc.maxSafeNat(),
    objects,
    manifest: fc.uint8Array({ maxLength: 200 }),
  }),
);

describe('storage-blob: what is read from a bucket', () => {
  it('keys of objects come back as they were, and no two are one', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        assert.deepEqual(parseObjectKey(objectKey(one)), one);
        const same = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(objectKey(one) === objectKey(other), same);
        assert.ok(isWriterPrefix(writerPrefix(one.id, one.token)));
      }),
      RUNS,
    );
  });

  it('a record comes back as it was', () => {
    fc.assert(
      fc.property(record, (given) => {
        const parsed = parseRecord(encodeRecord(given));
        assert.ok(parsed);
        assert.deepEqual(Buffer.from(encodeRecord(parsed)), Buffer.from(encodeRecord(given)));
      }),
      RUNS,
    );
  });

  it('a record that was cut is none, or has lost its manifest', () => {
    fc.assert(
      fc.property(record, fc.nat(), (given, at) => {
        const bytes = encodeRecord(given);
        const parsed = parseRecord(bytes.subarray(0, at % bytes.length));
        if (parsed !== undefined) assert.ok(parsed.state === 'committed' && parsed.manifest === undefined);
      }),
      RUNS,
    );
  });

  it('damaged and foreign bytes never throw, and never name what is no object of ours', () => {
    fc.assert(
      fc.property(record, fc.nat(), fc.uint8Array({ maxLength: 12 }), fc.anything(), (given, at, noise, value) => {
        const bytes = Buffer.from(encodeRecord(given));
        bytes.set(
          noise.subarray(0, bytes.length),
          Math.min(at % bytes.length, Math.max(0, bytes.length - noise.length)),
        );
        const texts = [bytes, noise, Buffer.from(`${JSON.stringify(value)}\n`), Buffer.alloc(0)];
        for (const each of texts) {
          parseCondemned(each);
          const parsed = parseRecord(each);
          const named = parsed === undefined || parsed.state === 'vacant' ? [] : namesOf(parsed);
          for (const [part, stored] of named) assert.equal(parseObjectKey(stored)?.name, part);
        }
      }),
      RUNS,
    );
  });

  it('a record of fields that are not what they should be is none', () => {
    const good = {
      format: 'grit-record/1',
      state: 'committed',
      token: 'a'.repeat(32),
      committedAt: 1,
      manifest: 0,
      objects: {},
    };
    const key = `objects/c-1/${'a'.repeat(32)}/plain/rows`;
    const of = (fields: object): unknown => parseRecord(Buffer.from(`${JSON.stringify({ ...good, ...fields })}\n`));
    assert.ok(of({}));
    assert.ok(of({ objects: { rows: { key, size: 1 } } }));
    const bad: readonly object[] = [
      { format: 'grit-record/2' },
      { state: 'other' },
      { token: 'A'.repeat(32) },
      { committedAt: -1 },
      { committedAt: 1.5 },
      { manifest: '0' },
      { objects: [] },
      { objects: { rows: null } },
      { objects: { rows: { key, size: -1 } } },
      { objects: { other: { key, size: 1 } } },
      { objects: { '../rows': { key, size: 1 } } },
      { objects: { rows: { key: '../../other/bucket', size: 1 } } },
      { objects: { rows: { key: 'images/c-1', size: 1 } } },
    ];
    for (const fields of bad) assert.equal(of(fields), undefined, JSON.stringify(fields));
  });
});

function namesOf(parsed: Exclude<ImageRecord, { readonly state: 'vacant' }>): [string, string][] {
  const named = parsed.state === 'writing' ? parsed.adopted : parsed.objects;
  return [...named].map(([part, { key: stored }]) => [part, stored]);
}
