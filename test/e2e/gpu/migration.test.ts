// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { clusterUnavailable, pythonUnavailable } from '../../cluster/index.js';
import { until } from '../../cluster/until.js';
import { asList } from '../../workloads/manifests.js';
import { gpuContainer, gpuPod, type GpuCounter } from './gpu-count.js';
import { checkGpuLog, readGpuLog } from './gpu-log.js';
import { GpuPlatform } from './gpu-platform.js';
import { memoryLimitsOf } from '../../fixtures/memory-limits-of.js';
import { simGpuUnavailable } from './sim-gpu-unavailable.js';

const NODES = ['node-a', 'node-b'] as const;
/** So many collectives of a rank are under way at most. */
const AHEAD = 8;
// As the CUDA driver numbers its answers.
const NOT_READY = 600;
/** A process has as much again in its own memory, to look at it. */
const TIGHT_MIB = 32;
const TIGHT_LIMIT_MIB = 56;
const OUT_OF_MEMORY = 2;

describe('pods on two nodes with simulated GPUs', function () {
  this.timeout(600_000);
  let signal: AbortSignal;
  let platform: GpuPlatform;

  before(async function () {
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(1_200_000);
    const reason =
      (await clusterUnavailable({ nodes: NODES })) ?? (await pythonUnavailable(signal)) ?? (await simGpuUnavailable());
    if (reason !== undefined) this.skip(reason);
    platform = await GpuPlatform.start(NODES, signal);
  });

  after(async () => {
    // Skipped: there is none.
    await (platform as GpuPlatform | undefined)?.stop();
  });

  /** The GPUs on which a process was, in order: those of these nodes, one after the other, and it has done all of its steps right. */
  function checkPlaces(counter: GpuCounter, nodes: readonly string[]): void {
    const used = checkGpuLog(platform.shared, counter);
    const places = used.map((gpu) => NODES.find((node) => platform.gpusOf(node).uuids.includes(gpu)));
    assert.deepEqual(places, nodes, `${counter.log} was on ${used.join(', ')}`);
  }

  /** Moves a pod to the other node while its processes count there, and checks what is told of it and what is left behind. */
  async function moves(pod: string, counters: readonly GpuCounter[]): Promise<void> {
    const { source, target } = await platform.nodesOf(pod);
    const name = `move-${pod}`;
    await platform.order(name, pod, target);
    assert.equal(await platform.outcomeOf(name), 'Succeeded');
    const moved = await platform.real.valueOf(`migration/${name}`, '{.status.targetPod}');
    assert.equal((await platform.nodesOf(moved)).source, target);
    await platform.untilTheyCount(counters);
    for (const counter of counters) checkPlaces(counter, [source, target]);
    const timings = (await platform.real.valueOf(`migration/${name}`, '{.status.timings[*].phase}')).split(' ');
    for (const part of ['lock', 'device-checkpoint', 'device-restore', 'unlock']) {
      assert.ok(timings.includes(part), `${part} is among the timings: ${timings.join(' ')}`);
    }
    await platform.untilFree(source);
    const states = (await platform.gpusOf(target).gpus.processes()).map(({ state }) => state);
    assert.deepEqual(
      states,
      counters.map(() => 'running'),
    );
    await platform.end(moved);
  }

  it('two processes on one GPU go on with what they had in its memory', async () => {
    const counters = [11, 12].map((seed) => ({ log: `both.${seed}`, seed }));
    await platform.run('both', counters);
    await moves('both', counters);
  });

  it('two containers, each with a GPU, that wait for each other in every step', async () => {
    const counters = [0, 1].map((rank) => {
      return { log: `ranks.${rank}`, seed: 21 + rank, rank: { group: 'ranks', ranks: 2, rank } };
    });
    await platform.run('ranks', ...counters.map((counter) => [counter]));
    await moves('ranks', counters);
    const [first = 0, second = 0] = counters.map((counter) => readGpuLog(platform.shared, counter).length);
    // Neither can have begun a step to which the other has not come.
    assert.ok(Math.abs(first - second) <= AHEAD, `one has done ${first} steps, the other ${second}`);
  });

  it('a pod whose memory limit has no room for what its GPU has: it is raised on both nodes, and set back', async () => {
    const counters = [{ log: 'tight.0', seed: 25, mib: TIGHT_MIB }];
    const pod = gpuPod('tight', [gpuContainer('tight-0', counters, `${TIGHT_LIMIT_MIB}Mi`)]);
    await platform.real.cluster.kubectlApply(asList(pod));
    await platform.untilTheyCount(counters);
    const { source, target } = await platform.nodesOf('tight');
    await platform.order('tight', 'tight', target);
    assert.equal(await platform.outcomeOf('tight'), 'Succeeded');
    await platform.untilTheyCount(counters);
    for (const counter of counters) checkPlaces(counter, [source, target]);
    const [process] = await platform.gpusOf(target).gpus.processes();
    const limits = memoryLimitsOf(process?.pid ?? 0)
      .map((bytes) => bytes / 2 ** 20)
      .slice(0, 2);
    assert.deepEqual(limits, [TIGHT_LIMIT_MIB, TIGHT_LIMIT_MIB], 'of the container and of the pod');
    await platform.end('tight');
  });

  it('a process whose work does not end in time goes on where it is, and so do the others', async () => {
    const counters = [31, 32].map((seed) => ({ log: `busy.${seed}`, seed }));
    await platform.run('busy', counters);
    const { source, target } = await platform.nodesOf('busy');
    const { gpus } = platform.gpusOf(source);
    await gpus.inject({ call: 'lock', result: NOT_READY, count: 1000 });
    await platform.order('busy', 'busy', target);
    assert.equal(await platform.outcomeOf('busy'), 'ReturnedToSource GRIT_DEVICE_BUSY');
    await gpus.clear();
    await platform.untilTheyCount(counters);
    for (const counter of counters) checkPlaces(counter, [source]);
    await platform.end('busy');
  });

  it('the agent is killed while processes are locked: they move when it is back', async () => {
    const counters = [41, 42].map((seed) => ({ log: `locked.${seed}`, seed }));
    await platform.run('locked', counters);
    const { source, target } = await platform.nodesOf('locked');
    const { gpus } = platform.gpusOf(source);
    await gpus.inject({ call: 'checkpoint', result: 'hang' });
    await platform.order('locked', 'locked', target);
    const isLocked = async (): Promise<boolean> => (await gpus.processes()).some(({ state }) => state === 'locked');
    await until('they are locked', signal, isLocked);
    await platform.real.agent(source).kill();
    await gpus.clear();
    await platform.real.agent(source).start();
    assert.equal(await platform.outcomeOf('locked'), 'Succeeded');
    await platform.untilTheyCount(counters);
    for (const counter of counters) checkPlaces(counter, [source, target]);
    await platform.end('locked');
  });

  it('a GPU that does not take its memory back ends the pod there; the same checkpoint goes on at the next try', async () => {
    const counters = [51, 52].map((seed) => ({ log: `lost.${seed}`, seed }));
    await platform.run('lost', counters);
    const { source, target } = await platform.nodesOf('lost');
    await platform.gpusOf(target).gpus.inject({ call: 'restore', result: OUT_OF_MEMORY });
    await platform.order('lost', 'lost', target);
    assert.equal(await platform.outcomeOf('lost'), 'Failed GRIT_DEVICE_LOST');
    for (const counter of counters) checkPlaces(counter, [source]);
    await platform.untilFree(target);
    await platform.real.kubectl('annotate', 'restore', 'lost', 'grit.dev/retry=1');
    await platform.real.wait('restore/lost', 'jsonpath={.status.phase}=Restored');
    await platform.untilTheyCount(counters);
    for (const counter of counters) checkPlaces(counter, [source, target]);
  });
});
