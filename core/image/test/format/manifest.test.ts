// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isGritError, type GritError, type PartKind } from '@grit/plugin-api';
import { canonicalJson } from '../../src/format/canonical-json.js';
import { encodeManifest, manifestDigest } from '../../src/format/encode-manifest.js';
import type { HashName, ImageManifest, ManifestPart } from '../../src/format/image-manifest.js';
import { parseManifest } from '../../src/format/parse-manifest.js';
import { SEED } from './seeded.js';

const KINDS: readonly PartKind[] = ['memory', 'runtime', 'rootfs', 'log', 'volume', 'device'];
const KIB128 = 128 * 1024;

function digest(hash: HashName, seed = 1): string {
  return `${hash}:${Buffer.alloc(32, seed).toString('hex')}`;
}

function manifestOf(hash: HashName, sizes: readonly { name: string; size: number; seed: number }[]): ImageManifest {
  let first = 0;
  const sorted = [...sizes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = sorted.map(({ name, size, seed }): ManifestPart => {
    const rows: [number, number] = [first, Math.ceil(size / KIB128)];
    first += rows[1];
    return { name, kind: KINDS[seed % KINDS.length]!, size, rows, digest: digest(hash, seed) };
  });
  return {
    version: 2,
    hash,
    requires: [],
    encryption: null,
    checkpoint: 'c-1',
    workload: { kind: 'container', name: 'train' },
    node: 'local',
    createdAt: 1_700_000_000_000,
    runtime: { driver: 'criu', version: 1, data: { pids: [1, 2], tcp: null } },
    facts: { arch: 'x64' },
    timings: [{ phase: 'dump', ms: 12.5 }],
    bytes: { data: 1, fresh: 1, stored: 1 },
    table: { rows: first, digest: digest(hash) },
    packs: [{ name: 'pk-0123456789abcdefghjkmnpqrs', size: 8192, index: digest(hash) }],
    parts,
  };
}

const manifests: fc.Arbitrary<ImageManifest> = fc
  .record({
    hash: fc.constantFrom<HashName>('blake3', 'sha256'),
    data: fc.jsonValue(),
    facts: fc.dictionary(fc.string(), fc.string()),
    timings: fc.array(fc.record({ phase: fc.string(), ms: fc.double({ min: 0, max: 1e9, noNaN: true }) })),
    extra: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,5}$/), fc.jsonValue()),
    sizes: fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,6}(\/[a-z0-9][a-z0-9.-]{0,3}x)?$/),
        size: fc.nat(5 * KIB128),
        seed: fc.nat(255),
      }),
      { selector: ({ name }) => name.split('/')[0] },
    ),
  })
  .map(({ hash, data, sizes, extra, ...facts }) => {
    const manifest = manifestOf(hash, sizes);
    return { ...extra, ...manifest, ...facts, runtime: { ...manifest.runtime, data } };
  });

const GOOD = manifestOf('blake3', [
  { name: 'a/b', size: 10, seed: 1 },
  { name: 'c', size: 0, seed: 2 },
  { name: 'd', size: 3 * KIB128, seed: 3 },
]);
const [AB, C, D] = GOOD.parts as readonly [ManifestPart, ManifestPart, ManifestPart];
const [PACK] = GOOD.packs;

describe('image: manifest of format 2', () => {
  it('comes back as it was written, with the same bytes for the same content', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const bytes = encodeManifest(manifest);
        const parsed = parseManifest(bytes);
        assert.deepEqual(encodeManifest(parsed), bytes);
        assert.equal(canonicalJson(parsed), canonicalJson(manifest));
        const turned = Object.fromEntries(Object.entries(manifest).reverse()) as unknown as ImageManifest;
        assert.equal(manifestDigest(encodeManifest(turned)), manifestDigest(bytes));
      }),
      { numRuns: 200, seed: SEED },
    );
  });

  it('is refused with its code, whatever was done to its bytes', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.nat(255), (manifest, at, noise) => {
        const bytes = encodeManifest(manifest);
        const damaged = Buffer.from(bytes);
        damaged[at % damaged.length] = noise;
        // A changed fact may be as good as the one before; then the digest of the manifest tells.
        if (attempt(damaged) === undefined) {
          assert.equal(manifestDigest(damaged) === manifestDigest(bytes), damaged.equals(bytes));
        }
        assert.ok(attempt(bytes.subarray(0, at % bytes.length)));
      }),
      { numRuns: 200, seed: SEED },
    );
  });

  it('is never something else than a manifest', () => {
    fc.assert(
      fc.property(fc.json(), (json) => attempt(Buffer.from(json)) !== undefined),
      { seed: SEED },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => attempt(bytes) !== undefined),
      { seed: SEED },
    );
    assert.ok(attempt(Buffer.from('['.repeat(200_000))));
    assert.ok(attempt(Buffer.from(`{"version":2,"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)));
  });

  it('keeps fields that a later version added, and their place in the digest', () => {
    const later = { ...GOOD, signature: { over: ['rows'] } };
    const parsed = parseManifest(encodeManifest(later));
    assert.deepEqual((parsed as unknown as typeof later).signature, { over: ['rows'] });
    assert.notEqual(manifestDigest(encodeManifest(parsed)), manifestDigest(encodeManifest(GOOD)));
  });

  const newer: Readonly<Record<string, unknown>> = {
    'a later version': { ...GOOD, version: 3 },
    'a later version of which nothing else is known': { version: 7, body: 'x' },
    'a feature that is not known': { ...GOOD, requires: ['deltas'] },
    'a feature of which other fields look wrong': { ...GOOD, requires: ['deltas'], parts: 'elsewhere' },
    'an envelope of keys': { ...GOOD, encryption: { keys: [] } },
    'another hash': { ...GOOD, hash: 'blake4' },
  };
  for (const [title, manifest] of Object.entries(newer)) {
    it(`says that a newer version made ${title}`, () => {
      const error = attempt(encodeManifest(manifest as ImageManifest));
      assert.match(error?.message ?? '', /made by a newer version/);
      assert.match(error?.hint ?? '', /Upgrade GRIT/);
    });
  }

  const wrong: Readonly<Record<string, [what: RegExp, manifest: unknown]>> = {
    'an earlier version': [/version 1 /, { ...GOOD, version: 1 }],
    'a version that is none': [/version "2" /, { ...GOOD, version: '2' }],
    'a missing field': [/no node/, { ...GOOD, node: undefined }],
    'a missing list of features': [/no requires/, { ...GOOD, requires: undefined }],
    'features that are no names': [/requires/, { ...GOOD, requires: [1] }],
    'an id that is a path': [/checkpoint/, { ...GOOD, checkpoint: '../c' }],
    'a parent that is a path': [/parent/, { ...GOOD, parent: 'a/b' }],
    'a node that is no name': [/node/, { ...GOOD, node: 'Node A' }],
    'a workload that is no name': [/workload/, { ...GOOD, workload: { kind: 'container', name: '-rf' } }],
    'a time that is none': [/createdAt/, { ...GOOD, createdAt: -1 }],
    'facts that are no strings': [/facts/, { ...GOOD, facts: { a: 1 } }],
    'timings without time': [/timings/, { ...GOOD, timings: [{ phase: 'dump' }] }],
    'bytes that are none': [/bytes/, { ...GOOD, bytes: { ...GOOD.bytes, fresh: 0.5 } }],
    'a field of bytes that is not known': [/bytes/, { ...GOOD, bytes: { ...GOOD.bytes, saved: 1 } }],
    'more rows than any table': [/table.rows/, { ...GOOD, table: { ...GOOD.table, rows: 2 ** 40 } }],
    'rows that no part has': [/table.rows/, { ...GOOD, table: { ...GOOD.table, rows: 5 } }],
    'a digest with capitals': [
      /table.digest/,
      { ...GOOD, table: { rows: 4, digest: digest('blake3', 0xaa).toUpperCase() } },
    ],
    'a pack above the packs': [/name of a pack/, { ...GOOD, packs: [{ ...PACK, name: '../rows' }] }],
    'two packs of one name': [/two packs/, { ...GOOD, packs: [PACK, PACK] }],
    'a pack too small for an index': [/size of pack/, { ...GOOD, packs: [{ ...PACK, size: 4096 }] }],
    'a pack larger than any': [/size of pack/, { ...GOOD, packs: [{ ...PACK, size: 2 ** 40 }] }],
    'a pack with a digest of another hash': [
      /index of pack/,
      { ...GOOD, packs: [{ ...PACK, index: digest('sha256') }] },
    ],
    'a part above the root': [/not the name/, { ...GOOD, parts: [{ ...AB, name: '../../etc/passwd' }, C, D] }],
    'an absolute part': [/not the name/, { ...GOOD, parts: [{ ...AB, name: '/etc/passwd' }, C, D] }],
    'two parts of one name': [/two parts/, { ...GOOD, parts: [AB, { ...C, name: 'a/b' }, D] }],
    'parts that are not sorted': [/place of part/, { ...GOOD, parts: [AB, { ...C, name: 'a/a' }, D] }],
    'a part below another': [/lies below/, { ...GOOD, parts: [{ ...AB, name: 'a' }, { ...C, name: 'a/b/c' }, D] }],
    'a part of unknown kind': [/kind of part/, { ...GOOD, parts: [{ ...AB, kind: 'code' }, C, D] }],
    'a part of negative size': [/size of part/, { ...GOOD, parts: [{ ...AB, size: -1 }, C, D] }],
    'a part without the rows that it needs': [/rows of part/, { ...GOOD, parts: [{ ...AB, rows: [0, 0] }, C, D] }],
    'a part with more rows than bytes': [/rows of part/, { ...GOOD, parts: [{ ...AB, rows: [0, 11] }, C, D] }],
    'a part whose rows begin elsewhere': [/first row/, { ...GOOD, parts: [AB, { ...C, rows: [0, 0] }, D] }],
    'a field of a part that is not known': [/unknown field/, { ...GOOD, parts: [{ ...AB, path: '/etc' }, C, D] }],
  };
  for (const [title, [what, manifest]] of Object.entries(wrong)) {
    it(`refuses ${title}`, () => {
      assert.equal(attempt(encodeManifest(GOOD)), undefined);
      assert.match(attempt(encodeManifest(manifest as ImageManifest))?.message ?? '', what);
    });
  }

  it('refuses another form of the same content', () => {
    const pretty = `${JSON.stringify(JSON.parse(canonicalJson(GOOD)), undefined, 2)}\n`;
    assert.match(attempt(Buffer.from(pretty))?.message ?? '', /canonical/);
    const twice = canonicalJson(GOOD).replace('"node":"local"', '"node":"local","node":"local"');
    assert.match(attempt(Buffer.from(`${twice}\n`))?.message ?? '', /canonical/);
  });

  it('keeps its message short, however long what is wrong', () => {
    const long = { ...GOOD, parts: [{ ...AB, name: 'x'.repeat(1_000_000) }, C, D] };
    assert.ok((attempt(encodeManifest(long))?.message.length ?? Infinity) < 1000);
    const feature = { ...GOOD, requires: ['x'.repeat(1_000_000)] };
    assert.ok((attempt(encodeManifest(feature))?.message.length ?? Infinity) < 1000);
  });
});

/** The error when it is refused; any other error than the right one fails the test. */
function attempt(bytes: Uint8Array): GritError | undefined {
  try {
    parseManifest(bytes);
    return undefined;
  } catch (error) {
    assert.ok(isGritError(error) && error.code === 'GRIT_IMAGE_MANIFEST_INVALID', String(error));
    return error;
  }
}
