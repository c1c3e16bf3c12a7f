// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterUnavailable, pythonImage, pythonUnavailable } from '../../cluster/index.js';
import { until } from '../../cluster/until.js';
import { checkCounters, readCounters } from '../../workloads/counter-logs.js';
import { asList, counterPod } from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { RealPlatform } from '../kubernetes/real-platform.js';
import { remainsOn } from './node-remains.js';
import { seededRandom } from './seeded-random.js';

const NODES = ['node-a', 'node-b'] as const;
/** `GRIT_KILLS=50 npm run test:e2e -- test/e2e/node/kills` is the long run. */
const ROUNDS = Number(process.env['GRIT_KILLS'] ?? 5);
const SEED = Number(process.env['GRIT_SEED'] ?? 20261128);
/** A migration takes about so long; later kills would meet nothing. */
const SPAN_MS = 9_000;

describe('a pod that moves to and fro while parts of the platform are killed', function () {
  this.timeout(300_000 + ROUNDS * 120_000);
  let signal: AbortSignal;
  let platform: RealPlatform;
  let shared: string;
  /** What is on each node before anything was done. */
  let untouched: ReadonlyMap<string, readonly string[]>;

  before(async function () {
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(300_000 + ROUNDS * 120_000);
    const reason = (await clusterUnavailable({ nodes: NODES })) ?? (await pythonUnavailable(signal));
    if (reason !== undefined) this.skip(reason);
    platform = await RealPlatform.start(NODES, signal);
    await provideImages(platform.cluster, NODES, [await pythonImage(signal)]);
    shared = await provideShared(platform.cluster);
    await platform.makeStore(join(platform.cluster.directory, 'store'));
    untouched = await remains();
    await platform.cluster.kubectlApply(asList(counterPod({ name: 'counters', claim: 'shared' })));
    await platform.wait('pod/counters', 'condition=Ready');
  });

  after(async () => {
    // Skipped: there is none.
    await (platform as RealPlatform | undefined)?.stop();
  });

  const count = (): number => checkCounters(readCounters(shared, 'counters'));
  const nodeOf = (): Promise<string> => platform.valueOf('pod/counters', '{.spec.nodeName}');

  async function remains(): Promise<ReadonlyMap<string, readonly string[]>> {
    const all = NODES.map(
      async (name) => [name, await remainsOn(platform.cluster.node(name), platform.agent(name).pid)] as const,
    );
    return new Map(await Promise.all(all));
  }

  /** Kills one of the parts and starts it again. */
  const KILLS: Readonly<Record<string, (source: string, target: string) => Promise<void>>> = {
    'the agent of the source': (source) => platform.agent(source).restart(),
    'the agent of the target': (_source, target) => platform.agent(target).restart(),
    'the controller': () => platform.controller.restart(),
    'the queue': () => platform.restartRedis(),
    'containerd and kubelet of the source': async (source) => {
      await platform.cluster.node(source).stop();
      await platform.cluster.node(source).start();
    },
    'containerd and kubelet of the target': async (_source, target) => {
      await platform.cluster.node(target).stop();
      await platform.cluster.node(target).start();
    },
  };

  const random = seededRandom(SEED);
  const names = Object.keys(KILLS);
  for (let round = 1; round <= ROUNDS; round++) {
    const what = names[Math.floor(random() * names.length)] ?? '';
    const after = Math.floor(random() * SPAN_MS);
    it(`${what}, after ${after} ms (round ${round}, seed ${SEED})`, async () => {
      const source = await nodeOf();
      const target = NODES.find((node) => node !== source) ?? '';
      const name = `move-${round}`;
      const metadata = { name, namespace: 'default' };
      const spec = { podName: 'counters', nodeName: target };
      const migration = { apiVersion: 'kaito.sh/v1alpha1', kind: 'Migration', metadata, spec };
      await platform.cluster.kubectlApply(JSON.stringify(migration));
      await delay(after);
      await KILLS[what]?.(source, target);
      await platform.wait(`migration/${name}`, 'jsonpath={.status.phase}=Succeeded');
      assert.equal(await nodeOf(), target);
      const before = count();
      await until('they count on', signal, async () => count() > before + 10);
    });
  }

  it('leaves nothing on the nodes when the pod and all that was done with it are gone', async () => {
    await platform.kubectl('delete', 'migrations,restores,checkpoints', '--all', '--timeout=120s');
    await platform.kubectl('delete', 'pod/counters', '--timeout=60s');
    let left: readonly string[] = [];
    const nothingLeft = async (): Promise<boolean> => {
      left = [...(await remains())].flatMap(([name, lines]) =>
        lines.filter((line) => !untouched.get(name)?.includes(line)).map((line) => `${name}: ${line}`),
      );
      return left.length === 0;
    };
    await until('nothing is left', signal, nothingLeft).catch((error: unknown) => {
      throw new Error(`left behind:\n${left.join('\n')}`, { cause: error });
    });
  });
});
