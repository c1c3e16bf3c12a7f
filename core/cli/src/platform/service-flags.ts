// SPDX-License-Identifier: Apache-2.0

/** Node's flags for an agent: it waits most of its life, so a small young generation. Its threads pack and unpack images. */
export const AGENT_FLAGS: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=1',
  '--optimize-for-size',
];

/** For a server, whose work is done by the kernel and by native code: no optimizing compiler saves it some MB, and nothing is slower. */
export const SERVER_FLAGS: readonly string[] = [...AGENT_FLAGS, '--no-opt'];
