// SPDX-License-Identifier: Apache-2.0
// The runtime driver in the mount namespace of a node. Calls and results are lines of JSON.
import { createInterface } from 'node:readline';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hold, ReleaseMode, WorkloadRef } from '@grit/plugin-api';
import { FileImageSink } from '@grit/plugin-testing';
import type { Call, CallName, DriverSettings } from './checkpoint-driver.js';
import { openDriver } from './open-driver.js';

const { directory, containerd, runc } = JSON.parse(process.argv[2] ?? '') as DriverSettings;
const kubeletDirectory = join(directory, '..', 'kubelet');
const driver = await openDriver(join(directory, 'state'), {
  containerd,
  runc,
  kubeletDirectory,
  runDirectory: join(directory, 'run'),
});
const never = new AbortController().signal;

const calls: Record<CallName, (...args: never[]) => Promise<unknown>> = {
  probe: async () => driver.probe(never),
  rootOf: async (workload: WorkloadRef) => driver.rootOf?.(workload, never),
  preflight: async (workload: WorkloadRef) => driver.preflight(workload, { tcp: 'refuse' }, never),
  checkpoint: async (workload: WorkloadRef, checkpoint: string) => {
    const sink = new FileImageSink(join(directory, checkpoint));
    await mkdir(sink.directory, { recursive: true });
    const held = await driver.checkpoint(workload, sink, { checkpoint, tcp: 'refuse' }, never);
    return { held, parts: await sink.parts() };
  },
  release: async (hold: Hold, mode: ReleaseMode) => driver.release(hold, mode, never),
  holds: async () => driver.holds(never),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line) as Call;
  const outcome = await calls[call](...(args as never[])).then(
    (result) => ({ result: result ?? null }),
    (error: unknown) => {
      const { code, message } = error as Error & { readonly code?: string };
      return { error: { code, message } };
    },
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
process.exit();
