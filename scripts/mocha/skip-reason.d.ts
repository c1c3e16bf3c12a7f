// SPDX-License-Identifier: Apache-2.0
declare namespace Mocha {
  interface Context {
    /** Leaves the test (or, in `before`, the suite) out; the reason is printed and counted. */
    skip(reason: string): never;
  }
}
