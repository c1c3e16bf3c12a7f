// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { CheckpointStore } from '@grit/plugin-kubernetes';
import { planDrain, type DrainFacts, type DrainWish } from '../../src/kubectl/plan/drain-plan.js';
import { formatPlan, sumUpPlan } from '../../src/kubectl/plan/drain-table.js';
import { gritNode, node, pod } from './some-objects.js';

const store: CheckpointStore = {
  metadata: { name: 'shared', annotations: { 'grit.dev/is-default-store': 'true' } },
  spec: { plugin: 'storage-pvc' },
  status: { phase: 'Ready' },
};
const STORAGE = { wanted: {}, stores: [store], claims: new Map() };
const CAREFUL: DrainWish = { ignoreDaemonSets: false, evictOthers: false, moveHostPaths: false };

const mirror = pod('static', 'Node');
const pods = [
  pod('job', 'Job'),
  pod('web', 'ReplicaSet'),
  pod('bare'),
  pod('logs', 'DaemonSet'),
  { ...mirror, metadata: { ...mirror.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } } },
  pod('done', 'Job', {}, 'Succeeded'),
  pod('starting', 'ReplicaSet', {}, 'Pending'),
  pod('disk', 'ReplicaSet', { volumes: [{ name: 'd', hostPath: { path: '/data' } }] }),
  pod('disk-bare', undefined, { volumes: [{ name: 'd', hostPath: { path: '/data' } }] }),
  pod('clock', 'ReplicaSet', { volumes: [{ name: 'd', hostPath: { path: '/etc/localtime' } }] }),
];
const facts: DrainFacts = {
  node: 'node-a',
  pods,
  nodes: [node('node-a'), node('node-b')],
  gritNodes: [gritNode('node-a'), gritNode('node-b')],
  storage: STORAGE,
};
const told = (changes: Partial<DrainFacts> = {}, wish: Partial<DrainWish> = {}) =>
  Object.fromEntries(
    planDrain({ ...facts, ...changes }, { ...CAREFUL, ...wish }).map(({ pod: { metadata }, action, stay, counts }) => [
      metadata.name,
      [action, stay?.reason, counts].filter((each) => each !== undefined).join(' '),
    ]),
  );

describe('kubectl grit: plan of a drain', () => {
  it('moves what can be moved and says of each other pod why not', () => {
    assert.deepEqual(told(), {
      bare: 'migrate true',
      clock: 'migrate true',
      job: 'migrate true',
      web: 'migrate true',
      disk: 'leave HostPath true',
      'disk-bare': 'leave HostPath true',
      done: 'leave Finished false',
      logs: 'leave DaemonSet true',
      starting: 'leave NotRunning true',
      static: 'leave MirrorPod false',
    });
  });

  it('evicts others only where their owner makes them anew, and never what belongs to the node', () => {
    const plan = told({}, { evictOthers: true, ignoreDaemonSets: true });
    assert.equal(plan['disk'], 'evict HostPath true');
    assert.equal(plan['disk-bare'], 'leave HostPath true');
    assert.equal(plan['done'], 'evict Finished false');
    assert.equal(plan['logs'], 'leave DaemonSet false');
    assert.equal(plan['static'], 'leave MirrorPod false');
  });

  it('leaves alone what the cluster and GRIT need, or has it made anew', () => {
    const dns = pod('dns', 'ReplicaSet');
    const server = pod('server', 'ReplicaSet');
    const system = [
      { ...dns, metadata: { ...dns.metadata, namespace: 'kube-system' } },
      { ...server, metadata: { ...server.metadata, labels: { 'app.kubernetes.io/part-of': 'grit' } } },
    ];
    assert.deepEqual(told({ pods: system }), { dns: 'leave SystemPod true', server: 'leave SystemPod true' });
    const others = told({ pods: system }, { evictOthers: true });
    assert.deepEqual(others, { dns: 'evict SystemPod true', server: 'evict SystemPod true' });
  });

  it('moves files of the host when it is told that they are everywhere', () => {
    assert.equal(told({}, { moveHostPaths: true })['disk'], 'migrate true');
  });

  it('moves nothing where no other node can go on with it', () => {
    const arm = told({ gritNodes: [gritNode('node-a'), gritNode('node-b', 'arm64')] });
    assert.equal(arm['job'], 'leave NoCompatibleNode true');
    assert.equal(told({ nodes: [node('node-a')] })['job'], 'leave NoCompatibleNode true');
    const silent = told({ gritNodes: [gritNode('node-a', 'amd64', 'NotReady'), gritNode('node-b')] });
    assert.equal(silent['job'], 'leave NoCompatibleNode true');
  });

  it('moves nothing whose image has nowhere to go, and trusts the controller where it may not look', () => {
    assert.equal(told({ storage: { ...STORAGE, stores: [] } })['job'], 'leave NoStorage true');
    const claim = (claims: ReadonlyMap<string, undefined>) =>
      told({ storage: { wanted: { claim: 'c' }, stores: undefined, claims } });
    assert.equal(claim(new Map([['default', undefined]]))['job'], 'leave NoStorage true');
    assert.equal(claim(new Map())['job'], 'migrate true');
    assert.equal(told({ storage: { ...STORAGE, stores: undefined } })['job'], 'migrate true');
  });

  it('fits its table into 100 columns', () => {
    const plan = planDrain({ ...facts, gritNodes: [gritNode('node-a'), gritNode('node-b', 'arm64')] }, CAREFUL);
    const lines = formatPlan(plan, 100).split('\n');
    assert.ok(lines.every((line) => line.length <= 100));
    assert.ok(lines.every((line) => !line.endsWith('…')));
    const words = lines.map((line) => line.trim()).join(' ');
    assert.match(words, /no other node can go on with it: node-b/);
    assert.equal(sumUpPlan(planDrain(facts, CAREFUL)), '4 are moved, 6 stay');
  });
});
