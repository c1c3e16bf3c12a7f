// SPDX-License-Identifier: Apache-2.0
import type { ImageFacts } from '@grit/image';
import { GritError, checkPartName, type PartKind } from '@grit/plugin-api';

/** The file beside the exported parts that makes an image of them again. */
export const RECORD_NAME = 'grit-image.json';

/** The version that is written, and the only one that is read. */
const VERSION = 1;

/** What an exported directory says about itself. */
export interface ExportRecord {
  /** Of the manifest that it was exported from. */
  readonly digest: string;
  readonly facts: ImageFacts;
  readonly parts: readonly { readonly name: string; readonly kind: PartKind }[];
}

/** The record as text. */
export function formatRecord(record: ExportRecord): string {
  return `${JSON.stringify({ version: VERSION, ...record }, undefined, 2)}\n`;
}

/**
 * Reads a record. The facts are checked like everybody's when the image is stored; here only what becomes a path.
 * Throws GRIT_REQUEST_INVALID; GRIT_IMAGE_MANIFEST_INVALID for a name.
 */
export function parseRecord(text: string, path: string): ExportRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(path, `is no JSON: ${(error as Error).message}`);
  }
  const record = value as Partial<ExportRecord & { version: number }> | null;
  if (typeof record !== 'object' || record === null) throw invalid(path, 'is no record of an export');
  if (record.version !== VERSION)
    throw invalid(path, `has version ${JSON.stringify(record.version)}; this is ${VERSION}`);
  const { digest, facts, parts } = record;
  if (typeof digest !== 'string' || !isObject(facts) || !isObject(facts.workload) || !Array.isArray(parts)) {
    throw invalid(path, 'has no digest, facts or parts');
  }
  for (const part of parts as readonly ({ name?: unknown } | null)[]) checkPartName(part?.name);
  return { digest, facts, parts };
}

function isObject<T>(value: T | undefined): value is T & object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, what: string): GritError {
  return new GritError('GRIT_REQUEST_INVALID', `${path} ${what}`, {
    hint: 'Export the image again, or remove the file and give --workload to take the directory as a plain CRIU image.',
  });
}
