// SPDX-License-Identifier: Apache-2.0

/** What a store keeps; what is missing has no limit. */
export interface RetentionPolicy {
  /** Milliseconds. */
  readonly ttlMs?: number | undefined;
  /** Ready checkpoints of each workload. */
  readonly keepLast?: number | undefined;
  /** Bytes of all objects of the store, each counted once. */
  readonly maxBytes?: number | undefined;
  /** See `CollectOptions.graceMs`. */
  readonly graceMs?: number | undefined;
}

/** A policy as the configuration has it. */
export interface RetentionConfig {
  readonly ttl?: string | undefined;
  readonly keepLast?: number | undefined;
  readonly maxBytes?: string | undefined;
  readonly grace?: string | undefined;
}

/** `30d`: what a period looks like. */
export const PERIOD_PATTERN = /^[1-9]\d{0,5}(s|m|h|d|w)$/;
/** `1.5TiB`: what an amount of bytes looks like. */
export const AMOUNT_PATTERN = /^\d{1,9}(\.\d{1,3})?(B|KiB|MiB|GiB|TiB|PiB)$/;

const PERIODS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const AMOUNTS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** The policy of a configuration that was checked. */
export function policyOf({ ttl, keepLast, maxBytes, grace }: RetentionConfig): RetentionPolicy {
  return {
    ttlMs: ttl === undefined ? undefined : parsePeriod(ttl),
    keepLast,
    maxBytes: maxBytes === undefined ? undefined : parseAmount(maxBytes),
    graceMs: grace === undefined ? undefined : parsePeriod(grace),
  };
}

/** True for a policy that ever deletes a checkpoint. */
export function limitsAnything({ ttlMs, keepLast, maxBytes }: RetentionPolicy): boolean {
  return ttlMs !== undefined || keepLast !== undefined || maxBytes !== undefined;
}

function parsePeriod(text: string): number {
  return Number(text.slice(0, -1)) * (PERIODS[text.slice(-1)] ?? NaN);
}

function parseAmount(text: string): number {
  const unit = text.replace(/^[\d.]+/, '');
  return Math.floor(Number(text.slice(0, -unit.length)) * 1024 ** AMOUNTS.indexOf(unit));
}
