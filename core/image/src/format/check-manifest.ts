// SPDX-License-Identifier: Apache-2.0
import { isImageId } from '../check-image-id.js';
import { checkPacks, checkParts } from './check-objects.js';
import { fields, isCount, isName, isObject, need, withFields } from './check-fields.js';
import { MAX_ROWS } from './format-limits.js';
import { ENCRYPTION_FEATURE, MANIFEST_VERSION, type HashName, type ImageManifest } from './image-manifest.js';
import { newerVersion } from './newer-version.js';
import { checkPackKeys, type SealedManifest } from './sealed-manifest.js';

const FIELDS = [
  'version',
  'requires',
  'encryption',
  'hash',
  'checkpoint',
  'workload',
  'node',
  'createdAt',
  'runtime',
  'facts',
  'timings',
  'bytes',
  'table',
  'packs',
  'parts',
] as const;

const HASHES: readonly string[] = ['blake3', 'sha256'] satisfies readonly HashName[];

/** Features that this version knows. */
const FEATURES: readonly string[] = [ENCRYPTION_FEATURE];

/**
 * Checks a parsed manifest that is not encrypted; throws an Error that says what is wrong, or the one of newerVersion. What a later
 * version means by the other fields is not known, so the fields that say so come first.
 */
export function checkManifest(value: unknown): ImageManifest {
  checkFeatures(value);
  const { requires, encryption } = withFields(value, 'manifest', FIELDS);
  if (encryption !== null) throw newerVersion('it is encrypted');
  need((requires as readonly unknown[]).length === 0, 'requires');
  return checkContents(value);
}

/** Checks what was in an envelope: the same, with the keys of the packs. */
export function checkSealed(value: unknown): SealedManifest {
  checkFeatures(value);
  const { requires, encryption } = withFields(value, 'manifest', FIELDS);
  need((requires as readonly unknown[]).includes(ENCRYPTION_FEATURE), 'requires');
  const manifest = checkContents(value);
  // Keys stay out of what is handed around.
  return { manifest: { ...manifest, encryption: null }, packKeys: checkPackKeys(encryption, manifest.packs.length) };
}

/** What is the same in every manifest. */
function checkContents(value: unknown): ImageManifest {
  const manifest = withFields(value, 'manifest', FIELDS);
  need(typeof manifest.hash === 'string', 'hash');
  const hash = manifest.hash as HashName;
  if (!HASHES.includes(hash)) throw newerVersion(`hash ${JSON.stringify(hash)}`);

  checkFacts(value as ImageManifest);
  const bytes = fields(manifest.bytes, 'bytes', ['data', 'fresh', 'stored']);
  need(Object.values(bytes).every(isCount), 'bytes');
  const table = fields(manifest.table, 'table', ['rows', 'digest']);
  need(isCount(table.rows) && table.rows <= MAX_ROWS, 'table.rows');
  need(isDigest(table.digest, hash), 'table.digest');
  checkPacks(manifest.packs, (digest) => isDigest(digest, hash));
  const rows = checkParts(manifest.parts, (digest) => isDigest(digest, hash));
  need(rows === table.rows, 'table.rows');
  return value as ImageManifest;
}

/** Throws the error of newerVersion for a version or feature that is not known. */
export function checkFeatures(value: unknown): void {
  const { version } = withFields(value, 'manifest', ['version']);
  if (isCount(version) && version > MANIFEST_VERSION) throw newerVersion(`version ${version} of the format`);
  if (version !== MANIFEST_VERSION) throw new Error(`version ${JSON.stringify(version)} is not known`);
  const { requires } = withFields(value, 'manifest', ['requires']);
  need(Array.isArray(requires), 'requires');
  for (const feature of requires as readonly unknown[]) {
    need(typeof feature === 'string', 'requires');
    if (!FEATURES.includes(feature as string)) throw newerVersion(`feature ${JSON.stringify(feature)}`);
  }
}

/** The fields that the caller of the writer gave. */
function checkFacts(manifest: Partial<Record<keyof ImageManifest, unknown>>): void {
  need(isImageId(manifest.checkpoint), 'checkpoint');
  need(manifest.parent === undefined || isImageId(manifest.parent), 'parent');
  need(isName(manifest.node), 'node');
  need(isCount(manifest.createdAt), 'createdAt');

  const workload = fields(manifest.workload, 'workload', ['kind', 'name'], ['namespace', 'uid']);
  need(isName(workload.kind), 'workload.kind');
  need(isName(workload.name), 'workload.name');
  need(workload.namespace === undefined || isName(workload.namespace), 'workload.namespace');
  need(workload.uid === undefined || isName(workload.uid), 'workload.uid');

  const runtime = fields(manifest.runtime, 'runtime', ['driver', 'version', 'data']);
  need(isName(runtime.driver), 'runtime.driver');
  need(isCount(runtime.version), 'runtime.version');

  const { facts, timings } = manifest;
  need(isObject(facts) && Object.values(facts).every((fact) => typeof fact === 'string'), 'facts');
  need(Array.isArray(timings), 'timings');
  for (const entry of timings as readonly unknown[]) {
    const timing = fields(entry, 'timings', ['phase', 'ms']);
    need(typeof timing.phase === 'string' && typeof timing.ms === 'number' && timing.ms >= 0, 'timings');
  }
}

function isDigest(value: unknown, hash: HashName): boolean {
  return (
    typeof value === 'string' && value.startsWith(`${hash}:`) && /^[0-9a-f]{64}$/.test(value.slice(hash.length + 1))
  );
}
