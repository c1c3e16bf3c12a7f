// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  addFinalizer,
  EventRecorder,
  KubeClient,
  type KubeError,
  PODS,
  removeFinalizer,
  type KubeObject,
  type Pod,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { CONFIG_MAPS, configMap, until } from './some-objects.js';

interface KubeEvent extends KubeObject {
  readonly count?: number;
  readonly message?: string;
}
interface Budget extends KubeObject {
  readonly spec: unknown;
  readonly status?: { readonly observedGeneration?: number };
}

const EVENTS: ResourceType<KubeEvent> = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true };
const BUDGETS: ResourceType<Budget> = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
};
const FINALIZER = 'grit.dev/test';

describe('calls of a real API server', function () {
  this.timeout(240_000);
  let signal: AbortSignal;
  let cluster: Cluster;
  let client: KubeClient;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    signal = AbortSignal.timeout(600_000);
    cluster = await startCluster({}, signal);
    client = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig });
  });

  after(async () => {
    await (client as KubeClient | undefined)?.close();
    await (cluster as Cluster | undefined)?.stop();
  });

  it('a field belongs to whoever applied it, until another one insists', async () => {
    const object = { metadata: { name: 'applied', namespace: 'default' } };
    const mine = await client.apply(CONFIG_MAPS, { ...object, data: { a: '1' } }, { manager: 'one' }, signal);
    equal(mine.data?.['a'], '1');
    const theirs = { ...object, data: { a: '2' } };
    await rejects(client.apply(CONFIG_MAPS, theirs, { manager: 'two' }, signal), (error: KubeError) => {
      ok(error.isConflict && !error.isAlreadyExists);
      return /one/.test(error.message);
    });
    const forced = await client.apply(CONFIG_MAPS, theirs, { manager: 'two', force: true }, signal);
    equal(forced.data?.['a'], '2');
  });

  it('a replacement is of the version that was read', async () => {
    const made = await client.create(CONFIG_MAPS, configMap('replaced'), {}, signal);
    await rejects(
      client.create(CONFIG_MAPS, configMap('replaced'), {}, signal),
      (error: KubeError) => error.isAlreadyExists,
    );
    await client.replace(CONFIG_MAPS, { ...made, data: { value: '1' } }, {}, signal);
    await rejects(client.replace(CONFIG_MAPS, made, {}, signal), (error: KubeError) => error.isConflict);
    const present = await client.get(CONFIG_MAPS, made.metadata, signal);
    equal(present.data?.['value'], '1');
  });

  it('what is deleted is that very object, and what is gone is fine', async () => {
    const made = await client.create(CONFIG_MAPS, configMap('deleted'), {}, signal);
    await rejects(
      client.delete(CONFIG_MAPS, made.metadata, { uid: '00000000-0000-0000-0000-000000000000' }, signal),
      (error: KubeError) => error.isConflict,
    );
    await client.delete(CONFIG_MAPS, made.metadata, { uid: made.metadata.uid }, signal);
    await client.delete(CONFIG_MAPS, made.metadata, {}, signal);
    equal(await client.find(CONFIG_MAPS, made.metadata, signal), undefined);
  });

  it('a call ends when it is aborted, and a refusal has a name', async () => {
    await rejects(client.list(CONFIG_MAPS, {}, AbortSignal.abort(new Error('enough'))), /enough|abort/i);
    await cluster.kubectl('create', 'serviceaccount', 'nobody');
    const kubeconfig = await cluster.kubeconfigFor({ namespace: 'default', name: 'nobody' });
    const nobody = KubeClient.fromConfig({ kubeconfig });
    try {
      await rejects(nobody.list(CONFIG_MAPS, {}, signal), (error: KubeError) => error.isForbidden);
    } finally {
      await nobody.close();
    }
  });

  it('a watch tells of changes, and ends when it is aborted', async () => {
    const stop = new AbortController();
    const { metadata } = await client.list(CONFIG_MAPS, { namespace: 'default' }, signal);
    const query = { namespace: 'default', resourceVersion: metadata.resourceVersion, timeoutSeconds: 300 };
    const names: string[] = [];
    const watching = (async () => {
      for await (const { object } of client.watch(CONFIG_MAPS, query, stop.signal)) {
        names.push(object.metadata.name);
        stop.abort();
      }
    })();
    const ended = rejects(watching, { name: 'AbortError' });
    await client.create(CONFIG_MAPS, configMap('watched'), {}, signal);
    await ended;
    deepEqual(names, ['watched']);
  });

  it('an eviction against a budget is refused at once, and taken when the budget is gone', async () => {
    const labels = { app: 'guarded' };
    const pod: Pod = {
      metadata: { name: 'guarded', namespace: 'default', labels },
      spec: { containers: [{ name: 'main', image: 'none' }] },
    };
    await until('pods may be made', signal, async () => {
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true };
      return (await client.find(account, { namespace: 'default', name: 'default' }, signal)) !== undefined;
    });
    const made = await client.create(PODS, pod, {}, signal);
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await client.patch(PODS, made.metadata, { status }, { subresource: 'status' }, signal);
    const budget: Budget = {
      metadata: { name: 'guard', namespace: 'default' },
      spec: { maxUnavailable: 0, selector: { matchLabels: labels } },
    };
    await client.create(BUDGETS, budget, {}, signal);
    await until('the budget is counted', signal, async () => {
      return (await client.get(BUDGETS, budget.metadata, signal)).status?.observedGeneration === 1;
    });
    const target = { ...made.metadata, namespace: 'default' };
    const asked = client.calls.get('create pods/eviction') ?? 0;
    await rejects(client.evict(target, {}, signal), (error: KubeError) => error.isTooManyRequests);
    equal(client.calls.get('create pods/eviction'), asked + 1);
    await client.delete(BUDGETS, budget.metadata, {}, signal);
    await rejects(client.evict({ ...target, uid: '0' }, {}, signal), (error: KubeError) => error.isConflict);
    await client.evict(target, { gracePeriodSeconds: 0 }, signal);
    await until('the pod is gone or on its way', signal, async () => {
      const left = await client.find(PODS, target, signal);
      return left === undefined || left.metadata.deletionTimestamp !== undefined;
    });
    await client.delete(PODS, target, { gracePeriodSeconds: 0 }, signal);
    await client.evict(target, {}, signal);
  });

  it('the same event is counted, another one is another, and none is too long', async () => {
    const about = await client.create(CONFIG_MAPS, configMap('spoken-of'), {}, signal);
    const recorder = new EventRecorder(client, 'grit-test', new MemoryLogger());
    for (let time = 0; time < 8; time += 1) recorder.event(about, 'Warning', 'Again', 'the same');
    recorder.event(about, 'Normal', 'Other', 'x'.repeat(3_000));
    await recorder.flush(signal);
    const fieldSelector = `involvedObject.uid=${about.metadata.uid}`;
    const { items } = await client.list(EVENTS, { namespace: 'default', fieldSelector }, signal);
    deepEqual(items.map(({ count, message }) => [count, message?.slice(0, 8)]).sort(), [
      [1, 'xxxxxxxx'],
      [8, 'the same'],
    ]);
  });

  it('an object with a finalizer stays until it is taken away', async () => {
    const made = await client.create(CONFIG_MAPS, configMap('kept'), {}, signal);
    const kept = await addFinalizer(client, CONFIG_MAPS, made, FINALIZER, signal);
    deepEqual(kept.metadata.finalizers, [FINALIZER]);
    equal(await addFinalizer(client, CONFIG_MAPS, kept, FINALIZER, signal), kept);
    await rejects(addFinalizer(client, CONFIG_MAPS, made, 'grit.dev/late', signal), (e: KubeError) => e.isConflict);
    await client.delete(CONFIG_MAPS, made.metadata, {}, signal);
    const ending = await client.get(CONFIG_MAPS, made.metadata, signal);
    ok(ending.metadata.deletionTimestamp);
    await removeFinalizer(client, CONFIG_MAPS, ending, FINALIZER, signal);
    equal(await client.find(CONFIG_MAPS, made.metadata, signal), undefined);
    equal(await removeFinalizer(client, CONFIG_MAPS, ending, FINALIZER, signal), undefined);
  });
});
