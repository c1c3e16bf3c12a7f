// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { clusterUnavailable, pythonImage, pythonUnavailable } from '../../cluster/index.js';
import { until } from '../../cluster/until.js';
import { asList } from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { RealPlatform } from '../kubernetes/real-platform.js';
import { gpuContainer, gpuPod, type GpuCounter } from './gpu-count.js';
import { checkGpuLog, readGpuLog } from './gpu-log.js';
import { gpuRuntime, NodeGpus } from './node-gpus.js';
import { simGpuUnavailable } from './sim-gpu-unavailable.js';

const NODES = ['node-a', 'node-b'] as const;
/** So many collectives of a rank are under way at most. */
const AHEAD = 8;

describe('pods that move between two nodes with simulated GPUs', function () {
  this.timeout(600_000);
  let signal: AbortSignal;
  let platform: RealPlatform;
  let shared: string;
  const gpus = new Map<string, NodeGpus>();

  before(async function () {
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(1_200_000);
    const reason =
      (await clusterUnavailable({ nodes: NODES })) ?? (await pythonUnavailable(signal)) ?? (await simGpuUnavailable());
    if (reason !== undefined) this.skip(reason);
    platform = await RealPlatform.start(NODES, signal, {
      runtime: async (node) => {
        // The device nodes of the one have other names than those of the other.
        const started = await NodeGpus.start(node, { gpus: 3, minorBase: gpus.size * 4 }, signal);
        gpus.set(node.name, started);
        return gpuRuntime(started);
      },
    });
    const { cluster } = platform;
    await provideImages(cluster, NODES, [await pythonImage(signal)]);
    shared = await provideShared(cluster);
    await platform.makeStore(join(cluster.directory, 'store'));
    await Promise.all([...gpus.values()].map((each) => each.untilAllocatable(cluster)));
  });

  after(async () => {
    for (const each of gpus.values()) await each.stop();
    // Skipped: there is none.
    await (platform as RealPlatform | undefined)?.stop();
  });

  const nodeOf = (pod: string): Promise<string> => platform.valueOf(`pod/${pod}`, '{.spec.nodeName}');

  /** Returns when each of them has done this many steps more. */
  async function untilTheyCount(counters: readonly GpuCounter[], more: number): Promise<void> {
    const before = counters.map((counter) => readGpuLog(shared, counter).length);
    const haveCounted = async (): Promise<boolean> =>
      counters.every((counter, index) => readGpuLog(shared, counter).length > before[index]! + more);
    await until(`${counters.map(({ log }) => log).join(' and ')} count`, signal, haveCounted);
  }

  /** Moves a pod to the other node while its processes count there, and checks what is told of it and what is left behind. */
  async function moves(pod: string, counters: readonly GpuCounter[]): Promise<void> {
    const source = await nodeOf(pod);
    const target = NODES.find((node) => node !== source)!;
    const [here, there] = [gpus.get(source)!, gpus.get(target)!];
    const migration = `migration/move-${pod}`;
    await platform.cluster.kubectlApply(
      JSON.stringify({
        apiVersion: 'kaito.sh/v1alpha1',
        kind: 'Migration',
        metadata: { name: `move-${pod}`, namespace: 'default' },
        spec: { podName: pod, nodeName: target },
      }),
    );
    await platform.wait(migration, 'jsonpath={.status.finishedAt}');
    const said = await platform.valueOf(migration, '{.status.phase} {.status.error.message}');
    assert.equal(said, 'Succeeded', await platform.logTails(40));
    const moved = await platform.valueOf(migration, '{.status.targetPod}');
    assert.equal(await nodeOf(moved), target);
    await untilTheyCount(counters, 10);
    for (const counter of counters) {
      const [first = '', second = '', ...more] = checkGpuLog(shared, counter);
      assert.ok(here.uuids.includes(first), `${counter.log} was on ${first}, which is none of ${source}`);
      assert.ok(there.uuids.includes(second), `${counter.log} is on ${second}, which is none of ${target}`);
      assert.deepEqual(more, []);
    }
    const timings = (await platform.valueOf(migration, '{.status.timings[*].phase}')).split(' ');
    for (const part of ['lock', 'device-checkpoint', 'device-restore', 'unlock']) {
      assert.ok(timings.includes(part), `${part} is among the timings: ${timings.join(' ')}`);
    }
    assert.deepEqual(await here.gpus.processes(), []);
    const states = (await there.gpus.processes()).map(({ state }) => state);
    assert.deepEqual(
      states,
      counters.map(() => 'running'),
    );
    await platform.kubectl('delete', 'pod', moved, '--timeout=180s');
    await until('the GPUs are free', signal, async () => (await there.gpus.processes()).length === 0);
  }

  it('two processes on one GPU go on with what they had in its memory', async () => {
    const counters = [11, 12].map((seed) => ({ log: `both.${seed}`, seed }));
    await platform.cluster.kubectlApply(asList(gpuPod('both', [gpuContainer('both', counters)])));
    await untilTheyCount(counters, 10);
    await moves('both', counters);
  });

  it('two containers, each with a GPU, that wait for each other in every step', async () => {
    const counters = [0, 1].map((rank) => {
      return { log: `ranks.${rank}`, seed: 21 + rank, rank: { group: 'ranks', ranks: 2, rank } };
    });
    const containers = counters.map((counter) => gpuContainer(`rank-${counter.rank.rank}`, [counter]));
    await platform.cluster.kubectlApply(asList(gpuPod('ranks', containers)));
    await untilTheyCount(counters, 10);
    await moves('ranks', counters);
    const [first = 0, second = 0] = counters.map((counter) => readGpuLog(shared, counter).length);
    // Neither can have begun a step to which the other has not come.
    assert.ok(Math.abs(first - second) <= AHEAD, `one has done ${first} steps, the other ${second}`);
  });
});
