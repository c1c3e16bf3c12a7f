// SPDX-License-Identifier: Apache-2.0

/**
 * Node's flags for server and agent. They wait most of their life, and their work is done by the kernel and by native code:
 * a small young generation and no optimizing compiler save 20 MB of each, and nothing got slower.
 */
export const SERVICE_FLAGS: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--no-opt',
];
