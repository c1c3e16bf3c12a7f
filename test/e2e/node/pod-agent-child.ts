// SPDX-License-Identifier: Apache-2.0
// The pods' part of an agent, in the mount namespace of its node. Orders and results are lines of JSON.
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ContainerChoice, ImageSource, Json, PreparedRestore, RestoreTarget, WorkloadRef } from '@grit/plugin-api';
import { FileImageSink } from '@grit/plugin-testing';
import { openDriver } from './open-driver.js';
import type { AgentSettings, Order, OrderName } from './pod-agent.js';

const settings = JSON.parse(process.argv[2] ?? '') as AgentSettings;
const driver = await openDriver(settings.stateDirectory, settings.config);
const { gate } = driver;
if (gate === undefined) throw new Error('the driver has no gate');
const never = new AbortController().signal;
const prepared = new Map<string, PreparedRestore>();

/** The image as a node has it that has fetched it. */
async function checkpoint(
  workload: WorkloadRef,
  id: string,
  directory: string,
  containers?: ContainerChoice | null,
): Promise<ImageSource> {
  await mkdir(directory, { recursive: true });
  const sink = new FileImageSink(directory);
  const { runtime } = await driver.checkpoint(
    workload,
    sink,
    { checkpoint: id, tcp: 'close', containers: containers ?? undefined },
    never,
  );
  const parts = (await sink.parts()).map(async (part) => {
    const path = join(directory, part.name);
    // Pages came beside the other files.
    await mkdir(dirname(path), { recursive: true });
    if (part.path !== path) await rename(part.path, path);
    return { ...part, path, size: (await stat(path)).size };
  });
  return { checkpoint: id, directory, parts: await Promise.all(parts), runtime };
}

const orders: Record<OrderName, (...args: never[]) => Promise<unknown>> = {
  checkpoint,
  prepareRestore: async (source: ImageSource, target: RestoreTarget) => {
    prepared.set(target.restore, await driver.prepareRestore(source, target, never));
  },
  restore: async (source: ImageSource, target: RestoreTarget) => {
    // An agent that is new has it from the engine.
    const known = prepared.get(target.restore) ?? { ...target, data: {}, timings: [] };
    const restored = await driver.restore(known, source, never);
    return driver.verify(restored, never);
  },
  abandonRestore: async (target: RestoreTarget) => driver.abandonRestore(target, never),
  startFresh: async (workload: WorkloadRef) => gate.startFresh(workload, never),
  refuse: async (workload: WorkloadRef, message: string) => gate.refuse(workload, message, never),
  waiting: async () => gate.waiting(never),
};

const answer = (value: Json): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
answer({ id: 0, result: process.pid });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, order, args } = JSON.parse(line) as Order;
  void orders[order](...(args as never[])).then(
    (result) => answer({ id, result: (result ?? null) as Json }),
    (error: unknown) => {
      const { code = 'none', message } = error as Error & { readonly code?: string };
      answer({ id, error: { code, message } });
    },
  );
}
