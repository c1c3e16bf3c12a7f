// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { withKeys } from '@grit/image';
import { NEVER } from '../suites/expect.js';
import { testFunctionsOf, type TestFunctions } from '../suites/test-functions.js';
import { ADOPTION_CASES } from './adoption-cases.js';
import { COLLECT_CASES } from './collect-cases.js';
import { DAMAGE_CASES } from './damage-cases.js';
import { ENCRYPTION_CASES, ROTATION_CASES, suiteKeys } from './encryption-cases.js';
import { IDENTITY_CASES } from './identity-cases.js';
import { IMAGE_CASES } from './image-cases.js';
import { READ_INTO_CASES } from './read-into-cases.js';
import { READING_CASES } from './reading-cases.js';
import { REPLACE_MANIFEST_CASES } from './replace-manifest-cases.js';
import { STAGING_CASES } from './staging-cases.js';
import type { StorageCases, StorageSubject } from './storage-subject.js';
import { MANIFEST } from './stored-bytes.js';
import { WRITING_CASES } from './writing-cases.js';

/** What {@link storageProviderSuite} needs. */
export interface StorageProviderSuiteOptions extends Partial<TestFunctions> {
  /** Title of the suite; default `storage provider`. */
  readonly title?: string | undefined;
  /** Makes a provider on an empty store. Called once for each case. */
  readonly create: () => Promise<StorageSubject>;
  /** Removes the store and the directory. */
  readonly destroy: (subject: StorageSubject) => Promise<void>;
  /** The manifest's `capabilities`. */
  readonly capabilities?: readonly string[] | undefined;
  /** False leaves the cases about damage out, where a test cannot reach behind the provider. Default true. */
  readonly damage?: boolean | undefined;
  /** True when its writers have `staging`; then its cases are run. Default false. */
  readonly staging?: boolean | undefined;
  /** True when its writers have `adopt` and `putAdopted`, and the store of the subject is a place where they work. Default false. */
  readonly adoption?: boolean | undefined;
  /** True when its readers have `readInto`. Default false. */
  readonly readInto?: boolean | undefined;
  /** True when it has `replaceManifest`. Default false. */
  readonly replaceManifest?: boolean | undefined;
  /** True when it has `collect`. Default false. */
  readonly collect?: boolean | undefined;
  /**
   * True runs all of it with encrypted images, and with cases of their own; `images` only those cases whose objects are other ones then,
   * where a suite without keys runs beside it. Default false.
   */
  readonly keys?: boolean | 'images' | undefined;
}

/**
 * The cases that every StorageProvider has to pass. Call it in a test file, under any runner that has `describe` and `it`.
 *
 * @example
 * ```ts
 * storageProviderSuite({ create, destroy });
 * ```
 */
export function storageProviderSuite(options: StorageProviderSuiteOptions): void {
  const { describe, it } = testFunctionsOf(options);
  const cases = casesOf(options);
  describe(options.title ?? 'storage provider', () => {
    for (const [title, run] of Object.entries(cases)) it(title, () => runCase(options, run));
    it('names its capabilities in kebab case', async () => {
      for (const capability of options.capabilities ?? []) assert.match(capability, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    });
  });
}

function casesOf(options: StorageProviderSuiteOptions): StorageCases {
  const { keys = false } = options;
  const images: StorageCases = {
    ...IMAGE_CASES,
    ...(options.damage === false ? {} : DAMAGE_CASES),
    ...(keys === false ? {} : ENCRYPTION_CASES),
    ...(keys === false || options.replaceManifest !== true ? {} : ROTATION_CASES),
  };
  if (keys === 'images') return images;
  return {
    ...WRITING_CASES,
    ...READING_CASES,
    ...IDENTITY_CASES,
    ...images,
    ...(options.staging === true ? STAGING_CASES : {}),
    ...(options.adoption === true ? ADOPTION_CASES : {}),
    ...(options.readInto === true ? READ_INTO_CASES : {}),
    ...(options.replaceManifest === true ? REPLACE_MANIFEST_CASES : {}),
    ...(options.collect === true ? COLLECT_CASES : {}),
    [optionalCalls(options)]: (subject) => hasOptionalCalls(subject, options),
  };
}

/** One line says what is missing, instead of a skipped case for each that needs it. */
function optionalCalls(options: StorageProviderSuiteOptions): string {
  const has = OPTIONAL.map((call) => `${options[call] === true ? '' : 'no '}${call}`);
  return `has ${has.join(', ')}`;
}

const OPTIONAL = ['staging', 'adoption', 'readInto', 'replaceManifest', 'collect'] as const;

/** So that nobody forgets to ask for the cases of what a provider has. */
async function hasOptionalCalls({ storage }: StorageSubject, options: StorageProviderSuiteOptions): Promise<void> {
  const { staging, adoption, readInto, replaceManifest, collect } = options;
  const writer = await storage.begin('c-optional', NEVER);
  assert.equal(writer.staging !== undefined, staging === true, 'staging');
  assert.equal(writer.adopt !== undefined, adoption === true, 'adopt');
  assert.equal(writer.putAdopted !== undefined, adoption === true, 'putAdopted');
  assert.equal(storage.replaceManifest !== undefined, replaceManifest === true, 'replaceManifest');
  assert.equal(storage.collect !== undefined, collect === true, 'collect');
  await writer.commit(MANIFEST, NEVER);
  const reader = await storage.open('c-optional', NEVER);
  assert.equal(reader.readInto !== undefined, readInto === true, 'readInto');
}

async function runCase(options: StorageProviderSuiteOptions, run: StorageCases[string]): Promise<void> {
  const subject = await options.create();
  try {
    await run((options.keys ?? false) === false ? subject : encrypted(subject));
  } finally {
    await options.destroy(subject);
  }
}

/** The same place with keys. */
function encrypted(subject: StorageSubject): StorageSubject {
  return {
    ...subject,
    storage: withKeys(subject.storage, suiteKeys()),
    reopen: async () => withKeys(await subject.reopen(), suiteKeys()),
  };
}
