// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeClient, LEASES, type Lease } from '@grit/plugin-kubernetes';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { until } from '../../integration/machine/until.js';
import { CONFIG_MAPS } from '../kit/some-objects.js';
import { Elector } from './elector.js';
import { SlowRoad } from './slow-road.js';

const TIMES = { leaseDurationMs: 5_000, renewDeadlineMs: 3_000, retryMs: 250 };
/** So long that nobody waits for its end. */
const LONG = { leaseDurationMs: 600_000, renewDeadlineMs: 300_000, retryMs: 250 };
/** By how much two reads of one machine's clock may differ that was set meanwhile. */
const CLOCK_MS = 50;

describe('the lead among processes', function () {
  this.timeout(240_000);
  const never = new AbortController().signal;
  let cluster: Cluster;
  let client: KubeClient;
  let road: SlowRoad | undefined;
  let electors: Elector[] = [];

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({}, AbortSignal.timeout(200_000));
    client = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig });
  });

  afterEach(async () => {
    for (const elector of electors) await elector.end('SIGKILL');
    electors = [];
    road?.close();
    road = undefined;
  });

  after(async () => {
    await (client as KubeClient | undefined)?.close();
    await (cluster as Cluster | undefined)?.stop();
  });

  function stand(name: string, lease: string, times = TIMES, by = cluster.kubeconfig): Elector {
    const elector = new Elector({ name, lease, road: by, direct: cluster.kubeconfig, times });
    electors.push(elector);
    return elector;
  }

  const leaseNow = (name: string): Promise<Lease> => client.get(LEASES, { namespace: 'default', name }, never);
  const untilHeld = (name: string, by: string): Promise<Lease> =>
    until(
      `${by} holds ${name}`,
      async () => {
        const lease = await leaseNow(name);
        return lease.spec?.holderIdentity === by ? lease : undefined;
      },
      120_000,
    );

  /** Who wrote, in the order in which the API server took it; once for each turn. */
  async function turns(lease: string): Promise<readonly string[]> {
    const { items } = await client.list(CONFIG_MAPS, { namespace: 'default', labelSelector: `lease=${lease}` }, never);
    const version = ({ metadata }: (typeof items)[number]): number => Number(metadata.resourceVersion);
    const writers = items
      .toSorted((a, b) => version(a) - version(b))
      .map(({ metadata }) => metadata.labels?.['by'] ?? '');
    return writers.filter((writer, index) => writer !== writers[index - 1]);
  }

  const untilWritten = (lease: string, by: string): Promise<unknown> =>
    until(`${by} has written`, async () => (await turns(lease)).includes(by), 120_000);

  it('of one that is killed is taken after the time of the Lease, not before', async () => {
    const first = stand('first', 'killed');
    await first.until('leads');
    const second = stand('second', 'killed');
    await untilWritten('killed', 'first');
    await first.end('SIGKILL');
    const before = await leaseNow('killed');
    await second.until('leads');
    const after = await untilHeld('killed', 'second');
    // Both wrote the time by the clock of this machine.
    const waited = Date.parse(after.spec?.acquireTime ?? '') - Date.parse(before.spec?.renewTime ?? '');
    assert.equal(before.spec?.holderIdentity, 'first');
    assert.ok(waited >= TIMES.leaseDurationMs - CLOCK_MS, `taken after ${waited} ms`);
    assert.equal(after.spec?.leaseTransitions, 1);
    await untilWritten('killed', 'second');
    assert.deepEqual(await turns('killed'), ['first', 'second']);
  });

  it('ends for one whose renewals hang before another one does anything', async () => {
    const { port } = new URL(cluster.server);
    const way = await SlowRoad.open({ host: cluster.address, port: Number(port) });
    road = way;
    const kubeconfig = join(cluster.directory, 'slow-road.kubeconfig');
    const direct = await readFile(cluster.kubeconfig, 'utf8');
    await writeFile(kubeconfig, direct.replace(cluster.server, `https://127.0.0.1:${way.port}`), { mode: 0o600 });
    const first = stand('first', 'hangs', TIMES, kubeconfig);
    await first.until('leads');
    const second = stand('second', 'hangs');
    await untilWritten('hangs', 'first');
    way.standStill();
    await second.until('leads');
    await untilWritten('hangs', 'second');
    // It was never told, and what it does gets through: only its own clock has stopped it.
    await first.until('stops');
    assert.deepEqual(await turns('hangs'), ['first', 'second']);
    assert.equal((await untilHeld('hangs', 'second')).spec?.leaseTransitions, 1);
  });

  it('of one that ends by itself is given back: nobody waits for the time of the Lease', async () => {
    const first = stand('first', 'ends', LONG);
    await first.until('leads');
    const second = stand('second', 'ends', LONG);
    await untilWritten('ends', 'first');
    await first.end('SIGTERM');
    // Given back by its own hand, and its work has ended before.
    const { spec } = await leaseNow('ends');
    assert.notEqual(spec?.holderIdentity, 'first');
    await second.until('leads');
    await untilWritten('ends', 'second');
    assert.deepEqual(await turns('ends'), ['first', 'second']);
  });
});
