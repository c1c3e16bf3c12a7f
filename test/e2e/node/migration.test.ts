// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  clusterUnavailable,
  pythonImage,
  pythonUnavailable,
  torchImage,
  torchUnavailable,
} from '../../cluster/index.js';
import { gritImagesUnavailable } from '../../cluster/grit-image.js';
import { runProgram } from '../../cluster/run-program.js';
import { until } from '../../cluster/until.js';
import { checkCounters, readCounters } from '../../workloads/counter-logs.js';
import {
  asList,
  counterPod,
  servingDeployment,
  SERVING_PORT,
  tallySet,
  trainingJob,
} from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { checkTally } from '../../workloads/tally-log.js';
import { checkTraining, readLines, readTraining } from '../../workloads/training-log.js';
import { ChartPlatform } from '../kubernetes/chart-platform.js';

const NODES = ['node-a', 'node-b'];
const STEPS = 120;

describe('pods that move between two real nodes, with the chart', function () {
  this.timeout(600_000);
  let signal: AbortSignal;
  let platform: ChartPlatform;
  let shared: string;

  before(async function () {
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(1_200_000);
    const reason =
      (await clusterUnavailable({ nodes: NODES })) ??
      (await pythonUnavailable(signal)) ??
      (await torchUnavailable(signal)) ??
      (await gritImagesUnavailable(signal));
    if (reason !== undefined) this.skip(reason);
    platform = await ChartPlatform.start(NODES, signal);
    await provideImages(platform.cluster, NODES, [await pythonImage(signal), await torchImage(signal)]);
    shared = await provideShared(platform.cluster);
    await platform.makeStore(join(platform.cluster.directory, 'store'));
  });

  after(async () => {
    // Skipped: there is none.
    await (platform as ChartPlatform | undefined)?.stop();
  });

  const nodeOf = (pod: string): Promise<string> => platform.valueOf(`pod/${pod}`, '{.spec.nodeName}');

  /** Moves a pod to the other node and returns the new one's name. */
  async function migrate(name: string, pod: string): Promise<string> {
    const from = await nodeOf(pod);
    await platform.cluster.kubectlApply(
      JSON.stringify({
        apiVersion: 'kaito.sh/v1alpha1',
        kind: 'Migration',
        metadata: { name, namespace: 'default' },
        spec: { podName: pod, nodeName: NODES.find((node) => node !== from) },
      }),
    );
    await platform.wait(`migration/${name}`, 'jsonpath={.status.phase}=Succeeded');
    const target = await platform.valueOf(`migration/${name}`, '{.status.targetPod}');
    assert.notEqual(await nodeOf(target), from);
    return target;
  }

  /** The running pod with this label. */
  const podOf = (app: string): Promise<string> =>
    platform.valueOf('pod', '{.items[0].metadata.name}', '-l', `app=${app}`, '--field-selector=status.phase=Running');

  /** Asks the one ready pod behind a Service. */
  async function ask(service: string): Promise<string[]> {
    const ready = '{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}';
    let address = '';
    await until('the Service has one ready address', signal, async () => {
      address = await platform.valueOf('endpointslices', ready, '-l', `kubernetes.io/service-name=${service}`);
      return address !== '' && !address.includes(' ');
    });
    const [program = '', ...enter] = platform.cluster.node(await nodeOf(await podOf(service))).enter;
    const url = `http://${address}:${SERVING_PORT}/next`;
    return (await runProgram(program, [...enter, '/bin/busybox', 'wget', '-q', '-O', '-', url])).trim().split(' ');
  }

  it('a training Job moves twice and ends with the weights of one that was left alone', async () => {
    const job = (name: string, node?: string) =>
      trainingJob({ name, steps: STEPS, claim: 'shared', ...(node === undefined ? {} : { node }) });
    await platform.cluster.kubectlApply(asList(job('alone')));
    await platform.wait('job/alone', 'condition=Complete');
    await platform.cluster.kubectlApply(asList(job('moved')));
    const steps = (): number => readTraining(shared, 'moved').steps.length;
    await until('it trains', signal, async () => steps() > 10);
    const first = await podOf('moved');
    const second = await migrate('move-1', first);
    assert.notEqual(second, first);
    const before = steps();
    await until('it trains on', signal, async () => steps() > before + 5);
    await migrate('move-2', second);
    await platform.wait('job/moved', 'condition=Complete');
    const [alone, moved] = ['alone', 'moved'].map((name) => readTraining(shared, name));
    assert.equal(checkTraining(moved!, STEPS), checkTraining(alone!, STEPS));
    assert.deepEqual(moved!.losses, alone!.losses);
    assert.equal(await platform.valueOf('job/moved', '{.status.failed}'), '');
    const story = await platform.valueOf('events', '{range .items[*]}{.reason} {.involvedObject.kind}{"\\n"}{end}');
    for (const line of [
      'Checkpointing Pod',
      'Checkpointed Pod',
      'Submitted Pod',
      'Restored Pod',
      'Restored Migration',
    ]) {
      assert.ok(story.includes(line), `${line} is among the events\n${story}`);
    }
  });

  it('two containers that talk to each other, and a sidecar, go on from one instant', async () => {
    await platform.cluster.kubectlApply(asList(counterPod({ name: 'counters', claim: 'shared' })));
    const count = (): number => checkCounters(readCounters(shared, 'counters'));
    await until('they count', signal, async () => count() > 20);
    await migrate('move-counters', 'counters');
    const before = count();
    await until('they count on', signal, async () => count() > before + 20);
  });

  it('a pod of a Deployment goes on behind its Service', async () => {
    await platform.cluster.kubectlApply(asList(...servingDeployment({ name: 'serving' })));
    await platform.kubectl('rollout', 'status', 'deployment/serving', '--timeout=240s');
    const [life, first] = await ask('serving');
    assert.equal(first, '1');
    await migrate('move-serving', await podOf('serving'));
    await platform.wait('deployment/serving', 'condition=Available');
    assert.deepEqual(await ask('serving'), [life, '2']);
  });

  it('a pod of a StatefulSet goes on with its claim', async () => {
    const hostPath = join(platform.cluster.directory, 'tally');
    const lines = (): string[] => readLines(join(hostPath, 'tally'));
    await platform.cluster.kubectlApply(asList(...tallySet({ name: 'tally', hostPath })));
    await until('it counts', signal, async () => lines().length > 3);
    await migrate('move-tally', 'tally-0');
    const before = lines().length;
    await until('it counts on', signal, async () => lines().length > before + 3);
    checkTally(lines(), 'tally');
  });
});
