// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from 'node:assert/strict';
import { Informer, KubeClient, KubeError, type ObjectChange } from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { CONFIG_MAPS, configMap, until, type ConfigMap } from './some-objects.js';

const COUNT = 620;

describe('an informer and a real API server', function () {
  this.timeout(240_000);
  let signal: AbortSignal;
  let cluster: Cluster;
  let client: KubeClient;
  let informer: Informer<ConfigMap>;
  const changes: ObjectChange<ConfigMap>[] = [];
  const end = new AbortController();

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    signal = AbortSignal.timeout(600_000);
    cluster = await startCluster({}, signal);
    client = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig });
  });

  after(async () => {
    end.abort();
    await (client as KubeClient | undefined)?.close();
    await (cluster as Cluster | undefined)?.stop();
  });

  /** While the server is away nothing is answered: said again, and what was done already is fine. */
  async function insist(call: () => Promise<unknown>): Promise<void> {
    await until('the server takes a write', signal, async () => {
      try {
        await call();
        return true;
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        return error.isAlreadyExists || error.isNotFound;
      }
    });
  }

  async function all(call: (name: string, index: number) => Promise<unknown>): Promise<void> {
    const names = Array.from({ length: COUNT }, (_, index) => ({ name: `map-${index}`, index }));
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let next = names.pop(); next !== undefined; next = names.pop()) {
          const { name, index } = next;
          await insist(() => call(name, index));
        }
      }),
    );
  }

  const patch = (name: string, value: string): Promise<unknown> =>
    client.patch(CONFIG_MAPS, { namespace: 'default', name }, { data: { value } }, {}, signal);
  const isEven = (index: number): boolean => index % 2 === 0;

  async function untilItAgrees(): Promise<void> {
    const seen = (object: ConfigMap): string =>
      `${object.metadata.name} ${object.metadata.uid} ${object.metadata.resourceVersion}`;
    await until('the cache is what a list is', signal, async () => {
      const { items } = await client.list(CONFIG_MAPS, { namespace: 'default' }, signal);
      return JSON.stringify(items.map(seen).sort()) === JSON.stringify(informer.list().map(seen).sort());
    });
  }

  it('reads a list of several pages', async () => {
    await all((name) => client.create(CONFIG_MAPS, configMap(name), {}, signal));
    const indexes = { value: ({ data }: ConfigMap) => [data?.['value'] ?? ''] };
    informer = new Informer(client, CONFIG_MAPS, { namespace: 'default', indexes }, new MemoryLogger());
    informer.onChange((change) => changes.push(change));
    informer.start(end.signal);
    await informer.synced;
    equal(informer.by('value', '0').length, COUNT);
    await untilItAgrees();
  });

  it('does not bring back what is gone for an answer that comes late', async () => {
    const made = await client.create(CONFIG_MAPS, configMap('short'), {}, signal);
    informer.stored(made);
    ok(informer.get(made.metadata));
    await client.delete(CONFIG_MAPS, made.metadata, {}, signal);
    await until('the end is seen', signal, () => informer.get(made.metadata) === undefined);
    informer.stored(made);
    equal(informer.get(made.metadata), undefined);
    const again = await client.create(CONFIG_MAPS, configMap('short'), {}, signal);
    informer.stored(again);
    informer.stored(made);
    equal(informer.get(made.metadata)?.metadata.uid, again.metadata.uid);
    await client.delete(CONFIG_MAPS, again.metadata, { uid: again.metadata.uid }, signal);
  });

  it('comes through a stop of the server and a compaction of its history, while everything changes', async () => {
    const writes = (async () => {
      await all((name) => patch(name, '1'));
      await all((name, index) =>
        isEven(index) ? client.delete(CONFIG_MAPS, { namespace: 'default', name }, {}, signal) : patch(name, '2'),
      );
      await all(async (name, index) => {
        if (index % 4 === 0) await client.create(CONFIG_MAPS, configMap(name, '3'), {}, signal);
      });
    })();
    const faults = (async () => {
      await until('the first changes are seen', signal, () => informer.by('value', '1').length > 0);
      await cluster.apiServer.stop();
      await cluster.apiServer.start();
      await cluster.etcd.restart({ compact: true });
    })();
    await Promise.all([writes, faults]);
    await untilItAgrees();
    const odd = COUNT / 2;
    equal(informer.by('value', '2').length, odd);
    equal(informer.by('value', '3').length, COUNT / 4);
    equal(informer.by('value', '1').length, 0);
  });

  it('agrees when objects are deleted just before the history is forgotten', async () => {
    await cluster.kubectl('delete', 'configmap', 'map-1', 'map-3', '--namespace', 'default');
    await cluster.etcd.restart({ compact: true });
    await untilItAgrees();
    for (const name of ['map-1', 'map-3']) equal(informer.get({ namespace: 'default', name }), undefined);
  });

  it('told of each object in order: added, modified, deleted', () => {
    const now = new Map<string, string | undefined>();
    for (const { type, object } of changes) {
      const { name, uid } = object.metadata;
      if (type === 'added') equal(now.get(name), undefined, `${name} is added twice`);
      else equal(now.get(name), uid, `${name} is ${type} and was not there`);
      if (type === 'deleted') now.delete(name);
      else now.set(name, uid);
    }
    const present = informer.list().map(({ metadata }) => [metadata.name, metadata.uid] as const);
    deepEqual(new Map([...now].sort()), new Map([...present].sort()));
  });

  it('says how old its news are', async () => {
    await client.create(CONFIG_MAPS, configMap('news'), {}, signal);
    const before = performance.now();
    await client.patch(CONFIG_MAPS, { namespace: 'default', name: 'news' }, { data: { value: '9' } }, {}, signal);
    await until('the news are seen', signal, () => informer.by('value', '9').length === 1);
    ok(informer.staleMs <= performance.now() - before);
  });
});
