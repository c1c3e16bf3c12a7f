// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryRuntimeDriver } from '../src/runtime/memory-runtime-driver.js';
import { runtimeDriverSuite } from '../src/suites/runtime/runtime-driver-suite.js';

runtimeDriverSuite({
  title: 'MemoryRuntimeDriver',
  capabilities: ['launcher'],
  create: async () => {
    const driver = new MemoryRuntimeDriver();
    return {
      driver,
      launcher: driver,
      directory: await mkdtemp(join(tmpdir(), 'grit-memory-')),
      spec: (name) => ({ name, command: ['count'] }),
      progressOf: async ({ name }) => driver.node.beats(name),
      reopen: async () => {
        const next = new MemoryRuntimeDriver({ node: driver.node });
        return { driver: next, launcher: next };
      },
    };
  },
  destroy: async ({ directory }) => rm(directory, { recursive: true }),
  probeWithoutTool: () => new MemoryRuntimeDriver({ problem: 'no tool' }).probe(new AbortController().signal),
});
