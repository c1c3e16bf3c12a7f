// SPDX-License-Identifier: Apache-2.0
// The pods' part of an agent, in the mount namespace of its node. Orders and results are lines of JSON.
import { createInterface } from 'node:readline';
import type { ImageSource, Json, Logger, PreparedRestore, RestoreTarget, WorkloadRef } from '@grit/plugin-api';
import { toolVersions } from '../../../runtimes/criu/src/criu/tool-versions.js';
import { NodeEnvironment } from '../../../runtimes/criu/src/node-environment.js';
import { PodRestores } from '../../../runtimes/criu/src/pod-restore/pod-restores.js';
import { runtimeConfig } from './runtime-config.js';
import type { AgentSettings, Order, OrderName } from './pod-agent.js';

const settings = JSON.parse(process.argv[2] ?? '') as AgentSettings;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const logger: Logger = { debug: say, info: say, warn: say, error: say, child: () => logger };
const config = await runtimeConfig(settings.config);
const node = await NodeEnvironment.open({ stateDirectory: settings.stateDirectory, config, logger });
const pods = new PodRestores(node, settings.patience);
const never = new AbortController().signal;
const prepared = new Map<string, PreparedRestore>();

const orders: Record<OrderName, (...args: never[]) => Promise<unknown>> = {
  prepareRestore: async (source: ImageSource, target: RestoreTarget) => {
    prepared.set(target.restore, await pods.prepareRestore(source, target, await toolVersions(node), never));
  },
  restore: async (source: ImageSource, target: RestoreTarget) => {
    const known = prepared.get(target.restore) ?? { ...target, data: {}, timings: [] };
    const restored = await pods.restore(known, source, never);
    return pods.verify(restored, never);
  },
  abandonRestore: async (target: RestoreTarget) => pods.abandonRestore(target),
  startFresh: async (workload: WorkloadRef) => pods.gate.startFresh(workload, never),
  refuse: async (workload: WorkloadRef, message: string) => pods.gate.refuse(workload, message, never),
  waiting: async () => pods.gate.waiting(never),
};

await pods.start(never);
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
