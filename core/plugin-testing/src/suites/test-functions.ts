// SPDX-License-Identifier: Apache-2.0

/** The two functions that a suite needs of a test runner: mocha's, node:test's, vitest's. */
export interface TestFunctions {
  readonly describe: (title: string, body: () => void) => void;
  readonly it: (title: string, body: () => Promise<void>) => void;
}

/** The runner's functions: those given, or else the globals of mocha and the like. */
export function testFunctionsOf(given: Partial<TestFunctions>): TestFunctions {
  const globals = globalThis as unknown as Partial<TestFunctions>;
  const describe = given.describe ?? globals.describe;
  const it = given.it ?? globals.it;
  if (describe === undefined || it === undefined) {
    throw new TypeError('no test runner: hand describe and it to the suite, or run it under mocha');
  }
  return { describe: (title, body) => describe(title, body), it: (title, body) => it(title, body) };
}
