// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterUnavailable, pythonImage, pythonUnavailable } from '../../cluster/index.js';
import { gritImagesUnavailable } from '../../cluster/grit-image.js';
import { runProgram } from '../../cluster/run-program.js';
import { until } from '../../cluster/until.js';
import { checkCounters, readCounters } from '../../workloads/counter-logs.js';
import { asList, SERVING_PORT } from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { KubectlGrit, type Said } from '../kubectl/kubectl-grit.js';
import { ChartPlatform } from '../kubernetes/chart-platform.js';
import { ENOUGH, MOVED, STAYING, TALLIES, tallyOf, tenMixedPods } from './ten-mixed-pods.js';

const NODES = ['node-a', 'node-b'];

describe('a node of ten mixed pods that is drained, with the chart', function () {
  this.timeout(600_000);
  let signal: AbortSignal;
  let platform: ChartPlatform;
  let shared: string;

  before(async function () {
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(900_000);
    const reason =
      (await clusterUnavailable({ nodes: NODES })) ??
      (await pythonUnavailable(signal)) ??
      (await gritImagesUnavailable(signal));
    if (reason !== undefined) this.skip(reason);
    platform = await ChartPlatform.start(NODES, signal);
    await provideImages(platform.cluster, NODES, [await pythonImage(signal)]);
    shared = await provideShared(platform.cluster);
    await platform.makeStore(join(platform.cluster.directory, 'store'));
    await platform.kubectl('cordon', 'node-b');
    await platform.cluster.kubectlApply(asList(...tenMixedPods('shared', shared)));
    await until('there are ten pods', signal, async () => (await pods()).length === 10);
    await platform.wait('pod', 'condition=Ready', '--all');
    await platform.kubectl('uncordon', 'node-b');
  });

  after(async () => {
    // Skipped: there is none.
    await (platform as ChartPlatform | undefined)?.stop();
  });

  /** `APP NODE` of each pod, in order; those that have ended or are ending are marked. */
  async function pods(): Promise<readonly string[]> {
    const path = '{range .items[*]}{.metadata.labels.app} {.spec.nodeName}{.metadata.deletionTimestamp}{"\\n"}{end}';
    const lines = await platform.valueOf('pods', path);
    return lines === '' ? [] : lines.split('\n').sort();
  }

  const counted = (): number => checkCounters(readCounters(shared, 'counters'));
  const drain = (...more: string[]): Promise<Said> =>
    new KubectlGrit(platform.cluster.kubeconfig, ['drain', 'node-a', '--ignore-daemonsets', ...more]).ended;

  /** The next number of each life behind the Service. */
  async function ask(node: string): Promise<ReadonlyMap<string, number>> {
    const ready = '{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}';
    let addresses: readonly string[] = [];
    await until('the Service has two ready addresses', signal, async () => {
      const told = await platform.valueOf('endpointslices', ready, '-l', 'kubernetes.io/service-name=web');
      addresses = told.split(' ');
      return addresses.length === 2;
    });
    const [program = '', ...enter] = platform.cluster.node(node).enter;
    const said = addresses.map(async (address) => {
      const url = `http://${address}:${SERVING_PORT}/next`;
      const told = await runProgram(program, [...enter, '/bin/busybox', 'wget', '-q', '-O', '-', url]);
      const [life = '', number] = told.trim().split(' ');
      return [life, Number(number)] as const;
    });
    return new Map(await Promise.all(said));
  }

  it('moves what can be moved, and says of each other pod why it stays', async () => {
    await until('all count', signal, async () => {
      return TALLIES.every((name) => tallyOf(name, shared) > 10) && counted() > 10;
    });
    const lives = await ask('node-a');
    const said = await drain('--wait', '--timeout', '400s');
    const text = `${said.out}\n${said.errors}`;
    assert.equal(said.exit, 5, `${text}\n${await platform.logTails(40)}`);
    assert.ok(
      said.out.split('\n').every((line) => line.length <= 100),
      said.out,
    );
    // A reason that is too long goes on below its beginning.
    const out = said.out.replaceAll(/\n +/g, ' ').replaceAll(/ +/g, ' ');
    for (const name of MOVED) assert.match(out, new RegExp(`default/${name}\\S* moved node-a node-b`), text);
    assert.match(out, /default\/agent-\S+ DaemonSet leave belongs to DaemonSet agent: one on each node/);
    assert.match(out, /default\/disk - leave has files of this node: hostPath \/var\/lib\/disk/);
    assert.match(out, /grit-system\/grit-server-\S+ ReplicaSet leave the cluster or GRIT needs it/);
    assert.match(out, /default\/joined runs on node-a - .*container main: .* numbers of its processes/);
    assert.match(out, /7 of 8 pods have moved\./);
    assert.match(out, /Node node-a is cordoned and not empty: \d pods stay\./);
    assert.equal(await platform.valueOf('node/node-a', '{.spec.unschedulable}'), 'true');

    const wanted = [...MOVED, 'web'].map((name) => `${name} node-b`);
    const staying = STAYING.map((name) => `${name} node-a`);
    await until('nothing else is left', signal, async () => (await pods()).length === 10);
    assert.deepEqual(await pods(), [...wanted, ...staying].sort());
    const before = new Map(TALLIES.map((name) => [name, tallyOf(name, shared)]));
    const pairs = counted();
    await until('all count on', signal, async () => {
      return TALLIES.every((name) => tallyOf(name, shared) > before.get(name)! + 10) && counted() > pairs + 10;
    });
    const next = [...lives].map(([life, number]) => [life, number + 1] as const);
    assert.deepEqual(await ask('node-b'), new Map(next));
    await writeFile(join(shared, `job.${ENOUGH}`), '');
    await platform.wait('job/job', 'condition=Complete');
    assert.equal(await platform.valueOf('job/job', '{.status.failed}'), '');
  });

  it('what the cluster and GRIT need is made anew elsewhere, last and only when it is asked for', async () => {
    const said = await drain('--evict-others', '--wait', '--timeout', '400s');
    const text = `${said.out}\n${said.errors}`;
    assert.equal(said.exit, 5, text);
    assert.match(said.out, /grit-system\/grit-server-\S+ +evicted/, text);
    assert.match(said.out, /default\/joined +runs on/, text);
    assert.match(said.errors, /grit-system\/grit-server-\S+: EvictionQueued\n/, text);
    // The move of a pod without an owner was tried once more, with servers and queue at work.
    const [moved, evicted] = ['default/joined: not moved', ': evicted'].map((end) => said.errors.indexOf(end));
    assert.ok(moved! >= 0 && moved! < evicted!, text);
    const left = STAYING.filter((name) => name !== 'agent').map((name) => `${name} node-a`);
    assert.deepEqual((await pods()).filter((pod) => left.includes(pod)).length, left.length);
  });
});
