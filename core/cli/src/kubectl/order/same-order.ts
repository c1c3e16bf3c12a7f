// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';

/** What a spec has where nothing was said. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  strategy: 'stop-and-copy',
  fallback: 'none',
  retries: 3,
  parallelism: 10,
  autoMigration: false,
  afterCheckpoint: 'resume',
};
/** Whoever asks again has another clock, and may want to keep it for another time. */
const FREE = new Set(['deadline', 'ttl', 'timeouts']);

/** The fields in which two specs ask for different things. */
export function differences(there: object, wanted: object): readonly string[] {
  const [left, right] = [there, wanted].map((spec) => ({ ...DEFAULTS, ...spec }));
  const keys = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  return [...keys].filter((key) => !FREE.has(key) && !isDeepStrictEqual(left?.[key], right?.[key])).sort();
}
