// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  clusterUnavailable,
  pythonImage,
  pythonUnavailable,
  startCluster,
  torchImage,
  torchUnavailable,
  type Cluster,
} from '../../cluster/index.js';
import { runProgram } from '../../cluster/run-program.js';
import { until } from '../../cluster/until.js';
import { checkCounters, readCounters } from '../../workloads/counter-logs.js';
import { asList, counterPod, servingDeployment, SERVING_PORT, tallySet } from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { readLines } from '../../workloads/training-log.js';
import { runUndisturbed, type UndisturbedTraining } from '../../workloads/undisturbed-training.js';

const NODES = ['node-a'];
const STEPS = 30;
const ROUNDS = 60;

describe('workloads, undisturbed', function () {
  this.timeout(600_000);
  let signal: AbortSignal;
  let cluster: Cluster;
  let shared: string;

  before(async function () {
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(900_000);
    const reason =
      (await clusterUnavailable({ nodes: NODES })) ??
      (await pythonUnavailable(signal)) ??
      (await torchUnavailable(signal));
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({ nodes: NODES }, signal);
    await provideImages(cluster, NODES, [await pythonImage(signal), await torchImage(signal)]);
    shared = await provideShared(cluster);
  });
  after(async () => {
    // Skipped: there is none.
    await (cluster as Cluster | undefined)?.stop();
  });

  it('a training runs to its end twice: each step once, and the same weights', async () => {
    const run = (name: string): Promise<UndisturbedTraining> =>
      runUndisturbed(cluster, shared, { name, steps: STEPS, claim: 'shared', node: 'node-a' });
    const [first, second] = await Promise.all([run('first'), run('second')]);
    assert.deepEqual(first, second);
    assert.ok(Number(first.losses.at(-1)) < Number(first.losses[0]), 'it learns nothing');
  });

  it('two containers and a sidecar agree on every number', async () => {
    const options = { claim: 'shared', rounds: ROUNDS };
    const pods = [
      counterPod({ ...options, name: 'counters' }),
      counterPod({ ...options, name: 'native', nativeSidecar: true }),
    ];
    await cluster.kubectlApply(asList(...pods));
    for (const name of ['counters', 'native']) {
      await cluster.kubectl('wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=240s');
    }
    assert.equal(checkCounters(readCounters(shared, 'counters')), ROUNDS);
    const native = readCounters(shared, 'native');
    checkCounters(native);
    assert.deepEqual([native.left.length, native.right.length], [ROUNDS, ROUNDS]);
  });

  it('a Deployment is ready behind its Service when it answers, and counts in memory', async () => {
    await cluster.kubectlApply(asList(...servingDeployment({ name: 'serving' })));
    await cluster.kubectl('rollout', 'status', 'deployment/serving', '--timeout=240s');
    const ready = 'jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}';
    const list = ['get', 'endpointslices', '-l', 'kubernetes.io/service-name=serving', '-o', ready];
    let address = '';
    await until('the Service has a ready address', signal, async () => {
      address = (await cluster.kubectl(...list)).trim();
      return address !== '';
    });
    const ask = async (): Promise<string[]> => {
      const [program = '', ...enter] = cluster.node('node-a').enter;
      const url = `http://${address}:${SERVING_PORT}/next`;
      return (await runProgram(program, [...enter, '/bin/busybox', 'wget', '-q', '-O', '-', url])).trim().split(' ');
    };
    const [life, first] = await ask();
    assert.equal(first, '1');
    assert.deepEqual(await ask(), [life, '2']);
  });

  it('a StatefulSet writes into its claim, and a pod that is made anew says so there', async () => {
    const hostPath = join(cluster.directory, 'tally');
    const lines = (): string[] => readLines(join(hostPath, 'tally'));
    const starts = (): number => lines().filter((line) => line === 'started').length;
    await cluster.kubectlApply(asList(...tallySet({ name: 'tally', hostPath })));
    await until('it counts', signal, async () => lines().length > 3);
    assert.equal(starts(), 1);
    await cluster.kubectl('delete', 'pod', 'tally-0', '--timeout=240s');
    await until('it counts again', signal, async () => starts() === 2 && lines().at(-1) !== 'started');
    const numbers = lines().filter((line) => line !== 'started');
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => String(index + 1)),
    );
  });
});
