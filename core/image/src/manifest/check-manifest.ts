// SPDX-License-Identifier: Apache-2.0
import { NAME_PATTERN, checkPartName, type PartKind } from '@grit/plugin-api';
import { isImageId } from '../check-image-id.js';
import { DIGEST_BYTES, blockCount, treeDigest } from '../digest/block-digest.js';
import { MANIFEST_VERSION, type ImageManifest, type ManifestPart } from './image-manifest.js';

const KINDS: readonly PartKind[] = ['memory', 'runtime', 'rootfs', 'log', 'volume', 'device'];
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Fields = Readonly<Record<string, unknown>>;

/** Checks a parsed manifest; throws an Error that says what is wrong. */
export function checkManifest(value: unknown): ImageManifest {
  const version = isObject(value) ? value.version : undefined;
  if (version !== MANIFEST_VERSION) throw new Error(`version ${JSON.stringify(version)} is not known`);
  const manifest = fields(value, 'manifest', MANIFEST_FIELDS, ['parent']);
  need(isImageId(manifest.checkpoint), 'checkpoint');
  need(manifest.parent === undefined || isImageId(manifest.parent), 'parent');
  need(isName(manifest.node), 'node');
  need(isCount(manifest.createdAt), 'createdAt');

  const workload = fields(manifest.workload, 'workload', ['kind', 'name'], ['namespace']);
  need(isName(workload.kind), 'workload.kind');
  need(isName(workload.name), 'workload.name');
  need(workload.namespace === undefined || isName(workload.namespace), 'workload.namespace');

  const runtime = fields(manifest.runtime, 'runtime', ['driver', 'version', 'data'], []);
  need(isName(runtime.driver), 'runtime.driver');
  need(isCount(runtime.version), 'runtime.version');

  const { facts, timings, parts } = manifest;
  need(isObject(facts) && Object.values(facts).every((fact) => typeof fact === 'string'), 'facts');
  need(Array.isArray(timings), 'timings');
  for (const entry of timings as readonly unknown[]) {
    const timing = fields(entry, 'timings', ['phase', 'ms'], []);
    need(typeof timing.phase === 'string' && typeof timing.ms === 'number' && timing.ms >= 0, 'timings');
  }
  need(Array.isArray(parts), 'parts');
  checkNames((parts as readonly unknown[]).map(checkPart));
  return value as ImageManifest;
}

const MANIFEST_FIELDS = [
  'version',
  'checkpoint',
  'workload',
  'node',
  'createdAt',
  'runtime',
  'facts',
  'timings',
  'parts',
] as const;

function checkPart(value: unknown): ManifestPart {
  const part = fields(value, 'parts', ['name', 'kind', 'size', 'digest', 'blocks'], []);
  const name = checkPartName(part.name);
  need(KINDS.includes(part.kind as PartKind), `kind of part ${name}`);
  need(isCount(part.size), `size of part ${name}`);
  need(typeof part.blocks === 'string' && BASE64.test(part.blocks), `blocks of part ${name}`);
  const blocks = Buffer.from(part.blocks as string, 'base64');
  const whole = blocks.length === blockCount(part.size as number) * DIGEST_BYTES;
  need(whole && blocks.toString('base64') === part.blocks, `blocks of part ${name}`);
  need(part.digest === treeDigest(blocks), `digest of part ${name}`);
  return value as ManifestPart;
}

/** Names become paths: no two the same, and none of them the directory of another. */
function checkNames(parts: readonly ManifestPart[]): void {
  const names = new Set(parts.map(({ name }) => name));
  if (names.size < parts.length) throw new Error('two parts have one name');
  for (const name of names) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      if (names.has(name.slice(0, end))) throw new Error(`part ${name} lies below part ${name.slice(0, end)}`);
    }
  }
}

function fields<N extends string, O extends string>(
  value: unknown,
  what: string,
  needed: readonly N[],
  optional: readonly O[],
): Readonly<Record<N | O, unknown>> {
  if (!isObject(value)) throw new Error(`${what} is no object`);
  const missing = needed.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) throw new Error(`${what} has no ${missing}`);
  const known: readonly string[] = [...needed, ...optional];
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${what} has an unknown field ${JSON.stringify(unknown)}`);
  return value;
}

function need(condition: boolean, what: string): void {
  if (!condition) throw new Error(`${what} is wrong`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME_PATTERN.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
