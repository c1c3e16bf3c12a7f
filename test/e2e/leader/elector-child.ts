// SPDX-License-Identifier: Apache-2.0
// A process that stands for the lead, and writes for as long as it leads: one ConfigMap after the other, each with its name.
import { setTimeout as delay } from 'node:timers/promises';
import { KubeClient, runAsLeader } from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { CONFIG_MAPS } from '../kit/some-objects.js';
import type { Standing } from './elector.js';

const PAUSE_MS = 50;

const standing = JSON.parse(process.argv[2] ?? '') as Standing;
const { name, lease, road, direct, times } = standing;
const client = KubeClient.fromConfig({ kubeconfig: road });
// What it writes goes another way: it gets through while renewals do not.
const writer = KubeClient.fromConfig({ kubeconfig: direct });
const end = new AbortController();
process.once('SIGTERM', () => end.abort());

async function lead(signal: AbortSignal): Promise<void> {
  process.stdout.write('leads\n');
  for (let count = 0; !signal.aborted; count += 1) {
    const metadata = { name: `${lease}-${name}-${count}`, namespace: 'default', labels: { lease, by: name } };
    const { apiVersion, kind } = CONFIG_MAPS;
    await writer.create(CONFIG_MAPS, { apiVersion, kind, metadata }, {}, signal).catch(() => undefined);
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
  process.stdout.write('stops\n');
}

const options = { namespace: 'default', name: lease, identity: name, ...times, logger: new MemoryLogger() };
await runAsLeader(client, options, lead, end.signal);
await Promise.all([client.close(), writer.close()]);
process.exit(0);
