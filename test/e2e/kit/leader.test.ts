// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from 'node:assert/strict';
import { KubeClient, runAsLeader } from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { until } from './some-objects.js';

/** One who stands for the lead, with connections of its own. */
interface Elector {
  readonly name: string;
  readonly client: KubeClient;
  leads: boolean;
  readonly stop: AbortController;
  ended: Promise<void>;
}

describe('leaders of a real API server', function () {
  this.timeout(240_000);
  let signal: AbortSignal;
  let cluster: Cluster;
  const electors: Elector[] = [];
  /** Who led while somebody else did: nobody. */
  const wrongs: string[] = [];

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    signal = AbortSignal.timeout(600_000);
    cluster = await startCluster({}, signal);
  });

  after(async () => {
    for (const { stop } of electors) stop.abort();
    await Promise.all(electors.map(({ ended }) => ended));
    await Promise.all(electors.map(({ client }) => client.close()));
    await (cluster as Cluster | undefined)?.stop();
  });

  function stand(name: string): Elector {
    const client = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig });
    const elector: Elector = { name, client, leads: false, stop: new AbortController(), ended: Promise.resolve() };
    const lead = (lost: AbortSignal): Promise<void> => {
      for (const other of electors) if (other.leads) wrongs.push(`${name} leads while ${other.name} does`);
      // Not before it began: one that is told to lead too late would never hear that it does not.
      if (lost.aborted) wrongs.push(`${name} is told to lead what is lost`);
      elector.leads = true;
      return new Promise((resolve) => {
        lost.addEventListener('abort', () => {
          elector.leads = false;
          resolve();
        });
      });
    };
    const times = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryMs: 250 };
    const options = { namespace: 'default', name: 'lead', identity: name, ...times, logger: new MemoryLogger() };
    elector.ended = runAsLeader(client, options, lead, elector.stop.signal);
    electors.push(elector);
    return elector;
  }

  it('one leads; after a clean end the other one does', async () => {
    const first = stand('first');
    await until('the first leads', signal, () => first.leads);
    const second = stand('second');
    first.stop.abort();
    equal(first.leads, false);
    await first.ended;
    await until('the second leads', signal, () => second.leads);
  });

  it('one that is cut off stops before the other one begins', async () => {
    const second = electors[1];
    ok(second);
    const third = stand('third');
    await until('the second leads', signal, () => second.leads);
    // It can reach nobody from here on, and is not told.
    await second.client.close();
    await until('the third leads', signal, () => third.leads);
    equal(second.leads, false);
    second.stop.abort();
    await second.ended;
  });

  it('nobody leads for long while the API server is away; one does after', async () => {
    const third = electors[2];
    ok(third);
    const fourth = stand('fourth');
    await until('one leads', signal, () => third.leads || fourth.leads);
    await cluster.apiServer.stop();
    await until('nobody leads', signal, () => !third.leads && !fourth.leads);
    await cluster.apiServer.start();
    await until('one leads again', signal, () => third.leads !== fourth.leads);
  });

  it('no two ever led at once', () => {
    equal(wrongs.join('\n'), '');
  });
});
