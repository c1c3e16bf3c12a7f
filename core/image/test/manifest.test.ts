// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isGritError, type PartKind } from '@grit/plugin-api';
import { encodeManifest, manifestDigest } from '../src/manifest/encode-manifest.js';
import type { ImageManifest, ManifestPart } from '../src/manifest/image-manifest.js';
import { parseManifest } from '../src/manifest/parse-manifest.js';
import { FACTS } from './facts.js';

const KINDS: readonly PartKind[] = ['memory', 'runtime', 'rootfs', 'log', 'volume', 'device'];
const MIB = 1024 * 1024;

function partOf(name: string, size: number, seed = 1, kind: PartKind = 'memory'): ManifestPart {
  const blocks = Buffer.alloc(Math.ceil(size / MIB) * 32, seed);
  const digest = `sha256:${createHash('sha256').update(blocks).digest('hex')}`;
  return { name, kind, size, digest, blocks: blocks.toString('base64') };
}

const manifests: fc.Arbitrary<ImageManifest> = fc
  .record({
    checkpoint: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$/),
    workload: fc.record(
      { kind: fc.constant('pod'), name: fc.constant('train-1'), namespace: fc.constant('jobs') },
      { requiredKeys: ['kind', 'name'] },
    ),
    node: fc.constantFrom('a', 'node-7'),
    createdAt: fc.maxSafeNat(),
    runtime: fc.record({ driver: fc.constant('criu'), version: fc.nat(), data: fc.jsonValue() }),
    facts: fc.dictionary(fc.string(), fc.string()),
    timings: fc.array(fc.record({ phase: fc.string(), ms: fc.double({ min: 0, max: 1e9, noNaN: true }) })),
    sizes: fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,6}(\/[a-z0-9.-]{0,3}x)?$/),
        size: fc.nat(5 * MIB),
        seed: fc.nat(255),
      }),
      {
        selector: ({ name }) => name.split('/')[0],
      },
    ),
  })
  .map(({ sizes, ...facts }) => ({
    version: 1,
    ...facts,
    parts: sizes
      .filter(({ name }) => !name.includes('/-') && !name.includes('/.'))
      .map(({ name, size, seed }) => partOf(name, size, seed, KINDS[seed % KINDS.length])),
  }));

describe('image: manifest', () => {
  it('comes back as it was written, with the same bytes for the same content', () => {
    fc.assert(
      fc.property(manifests, fc.boolean(), (manifest, turned) => {
        const parts = turned ? [...manifest.parts].reverse() : manifest.parts;
        const bytes = encodeManifest({ ...manifest, parts });
        const parsed = parseManifest(bytes);
        assert.deepEqual(encodeManifest(parsed), bytes);
        assert.equal(manifestDigest(encodeManifest(parsed)), manifestDigest(bytes));
        assert.deepEqual(
          parsed.parts.map(({ name }) => name),
          parts.map(({ name }) => name).sort(),
        );
        assert.equal(
          JSON.stringify(parsed.runtime.data),
          JSON.stringify(JSON.parse(JSON.stringify(parsed.runtime.data))),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('is refused with its code, whatever was done to its bytes', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.nat(255), (manifest, at, noise) => {
        const bytes = Buffer.from(encodeManifest(manifest));
        const damaged = Buffer.from(bytes);
        damaged[at % damaged.length] = noise;
        const parsed = attempt(damaged);
        // A changed fact may be as good as the one before; then the digest of the manifest tells.
        if (parsed !== undefined)
          assert.equal(manifestDigest(damaged) === manifestDigest(bytes), damaged.equals(bytes));
        assert.equal(attempt(bytes.subarray(0, at % bytes.length)), undefined);
      }),
      { numRuns: 200 },
    );
  });

  it('is never something else than a manifest', () => {
    fc.assert(fc.property(fc.json(), (json) => assert.equal(attempt(Buffer.from(json)), undefined)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(attempt(bytes), undefined)));
    assert.equal(attempt(Buffer.from('['.repeat(200_000))), undefined);
    assert.equal(attempt(Buffer.from(`{"version":1,"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)), undefined);
  });

  const good: ImageManifest = { version: 1, ...FACTS, parts: [partOf('a/b', 10), partOf('c', 0)] };
  const wrong: Readonly<Record<string, unknown>> = {
    'a later version': { ...good, version: 2 },
    'an unknown field': { ...good, extra: 1 },
    'a missing field': { ...good, node: undefined },
    'an id that is a path': { ...good, checkpoint: '../c' },
    'a parent that is a path': { ...good, parent: 'a/b' },
    'a node that is no name': { ...good, node: 'Node A' },
    'a workload that is no name': { ...good, workload: { kind: 'container', name: '-rf' } },
    'a time that is none': { ...good, createdAt: -1 },
    'facts that are no strings': { ...good, facts: { a: 1 } },
    'timings without time': { ...good, timings: [{ phase: 'dump' }] },
    'a part above the root': { ...good, parts: [partOf('../../etc/passwd', 1)] },
    'an absolute part': { ...good, parts: [partOf('/etc/passwd', 1)] },
    'two parts of one name': { ...good, parts: [partOf('a', 1), partOf('a', 1)] },
    'a part below another': { ...good, parts: [partOf('a', 1), partOf('a/b/c', 1)] },
    'a part of unknown kind': { ...good, parts: [{ ...partOf('a', 1), kind: 'code' }] },
    'a part of negative size': { ...good, parts: [{ ...partOf('a', 1), size: -1 }] },
    'too few blocks': { ...good, parts: [{ ...partOf('a', MIB), size: MIB + 1 }] },
    'too many blocks': { ...good, parts: [{ ...partOf('a', 1), size: 0 }] },
    'blocks that are no base64': { ...good, parts: [{ ...partOf('a', 1), blocks: '%' }] },
    'a digest that is not of the blocks': {
      ...good,
      parts: [{ ...partOf('a', 1, 1), digest: partOf('a', 1, 2).digest }],
    },
    'an unknown field in a part': { ...good, parts: [{ ...partOf('a', 1), path: '/etc' }] },
  };
  for (const [title, manifest] of Object.entries(wrong)) {
    it(`refuses ${title}`, () => {
      assert.ok(attempt(encodeManifest(good)));
      assert.equal(attempt(encodeManifest(manifest as ImageManifest)), undefined);
    });
  }

  it('refuses another form of the same content', () => {
    assert.equal(attempt(Buffer.from(JSON.stringify(good, undefined, 2))), undefined);
  });
});

/** Undefined when it is refused; any other error than the right one fails the test. */
function attempt(bytes: Uint8Array): ImageManifest | undefined {
  try {
    return parseManifest(bytes);
  } catch (error) {
    assert.ok(isGritError(error) && error.code === 'GRIT_IMAGE_MANIFEST_INVALID', String(error));
    return undefined;
  }
}
