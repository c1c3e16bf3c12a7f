// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { NEVER } from '../suites/expect.js';
import { testFunctionsOf, type TestFunctions } from '../suites/test-functions.js';
import { DAMAGE_CASES } from './damage-cases.js';
import { IMAGE_CASES } from './image-cases.js';
import { READING_CASES } from './reading-cases.js';
import { ADOPTION_CASES, STAGING_CASES } from './staging-cases.js';
import type { StorageCases, StorageSubject } from './storage-subject.js';
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
  /** True when its writers have `adopt` too, and the store of the subject is a place where it works. Default false. */
  readonly adoption?: boolean | undefined;
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
  const cases: StorageCases = {
    ...WRITING_CASES,
    ...READING_CASES,
    ...IMAGE_CASES,
    ...(options.damage === false ? {} : DAMAGE_CASES),
    ...(options.staging === true ? STAGING_CASES : {}),
    ...(options.adoption === true ? ADOPTION_CASES : {}),
    [optionalCalls(options)]: (subject) => hasOptionalCalls(subject, options),
  };
  describe(options.title ?? 'storage provider', () => {
    for (const [title, run] of Object.entries(cases)) it(title, () => runCase(options, run));
    it('names its capabilities in kebab case', async () => {
      for (const capability of options.capabilities ?? []) assert.match(capability, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    });
  });
}

/** One line says what is missing, instead of a skipped case for each that needs it. */
function optionalCalls({ staging, adoption }: StorageProviderSuiteOptions): string {
  if (staging !== true) return 'has no staging, and adopts nothing';
  return adoption === true ? 'has staging, and adopts' : 'has staging, and adopts nothing';
}

/** So that nobody forgets to ask for the cases of what a provider has. */
async function hasOptionalCalls(subject: StorageSubject, options: StorageProviderSuiteOptions): Promise<void> {
  const writer = await subject.storage.begin('c-optional', NEVER);
  assert.equal(writer.staging !== undefined, options.staging === true, 'staging');
  assert.equal(writer.adopt !== undefined, options.adoption === true, 'adopt');
  await writer.abort(NEVER);
}

async function runCase(options: StorageProviderSuiteOptions, run: StorageCases[string]): Promise<void> {
  const subject = await options.create();
  try {
    await run(subject);
  } finally {
    await options.destroy(subject);
  }
}
