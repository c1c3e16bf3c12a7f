// SPDX-License-Identifier: Apache-2.0
// The runtime driver in the mount namespace of a node. Calls and results are lines of JSON.
import { createInterface } from 'node:readline';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hold, Logger, ReleaseMode, WorkloadRef } from '@grit/plugin-api';
import { FileImageSink } from '@grit/plugin-testing';
import { DriverByKind } from '../../../runtimes/criu/src/driver/by-kind.js';
import { CriuRuntimeDriver } from '../../../runtimes/criu/src/driver/criu-runtime-driver.js';
import { NodeEnvironment } from '../../../runtimes/criu/src/node-environment.js';
import { PodRuntimeDriver } from '../../../runtimes/criu/src/pod/pod-runtime-driver.js';
import type { Call, CallName, DriverSettings } from './checkpoint-driver.js';
import { runtimeConfig } from './runtime-config.js';

const { directory, containerd, runc } = JSON.parse(process.argv[2] ?? '') as DriverSettings;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const logger: Logger = { debug: say, info: say, warn: say, error: say, child: () => logger };
const config = await runtimeConfig({ containerd, runc, kubeletDirectory: join(directory, '..', 'kubelet') });
const environment = await NodeEnvironment.open({ stateDirectory: join(directory, 'state'), config, logger });
const pod = new PodRuntimeDriver(environment, containerd);
const driver = new DriverByKind({ container: new CriuRuntimeDriver(environment), pod }, 'pod');
const never = new AbortController().signal;

const calls: Record<CallName, (...args: never[]) => Promise<unknown>> = {
  probe: async () => driver.probe(never),
  rootOf: async (workload: WorkloadRef) => driver.rootOf(workload, never),
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
pod.close();
