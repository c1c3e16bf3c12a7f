// SPDX-License-Identifier: Apache-2.0
import { FixtureLibrary } from './fixture-library.js';
import { needCompiler } from './need-compiler.js';

/** For a suite: each of its tests has a library of its own, and what it has started ends with it. */
export function eachWithLibrary(take: (library: FixtureLibrary) => void): void {
  let library: FixtureLibrary;
  before(needCompiler);
  beforeEach(async () => {
    library = await FixtureLibrary.build();
    take(library);
  });
  afterEach(async () => library[Symbol.asyncDispose]());
}
