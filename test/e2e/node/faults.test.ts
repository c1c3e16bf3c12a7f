// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BUSYBOX_IMAGE, clusterUnavailable } from '../../cluster/index.js';
import { runProgram } from '../../cluster/run-program.js';
import { until } from '../../cluster/until.js';
import { readLines } from '../../workloads/training-log.js';
import { RealPlatform } from '../kubernetes/real-platform.js';

const [SOURCE, TARGET] = ['node-a', 'node-b'] as const;
const NODES = [SOURCE, TARGET];
/** For how long the network of a node is cut, seconds. */
const CUT_SECONDS = Number(process.env['GRIT_CUT'] ?? 60);

describe('faults of real nodes', function () {
  this.timeout(400_000);
  let signal: AbortSignal;
  let platform: RealPlatform;
  let shared: string;

  before(async function () {
    signal = AbortSignal.timeout(1_200_000);
    const reason = await clusterUnavailable({ nodes: NODES });
    if (reason !== undefined) this.skip(reason);
    platform = await RealPlatform.start(NODES, signal);
    shared = join(platform.cluster.directory, 'shared');
    await mkdir(shared, { recursive: true });
    await platform.makeStore(join(platform.cluster.directory, 'store'));
  });
  after(async () => {
    // Skipped: there is none.
    await (platform as RealPlatform | undefined)?.stop();
  });

  const on = (node: string, ...command: string[]): Promise<string> => {
    const [program = '', ...enter] = platform.cluster.node(node).enter;
    return runProgram(program, [...enter, ...command]);
  };

  /** A bare pod that counts into a file that all see. @param as - its name, when it is not that of the file */
  const podOf = (name: string, container: object, node: string, as = name): string => {
    const script =
      'echo begun >>/shared/$NAME; n=0; while :; do n=$((n+1)); echo $n >>/shared/$NAME; usleep 50000; done';
    const main = {
      name: 'main',
      image: BUSYBOX_IMAGE,
      imagePullPolicy: 'Never',
      command: ['sh', '-c', script],
      env: [{ name: 'NAME', value: name }],
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
      ...container,
    };
    const spec = {
      terminationGracePeriodSeconds: 1,
      volumes: [{ name: 'shared', hostPath: { path: shared } }],
      containers: [main],
      nodeName: node,
    };
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: as, namespace: 'default', labels: { app: as } },
      spec,
    });
  };
  const startPod = async (name: string, container: object = {}): Promise<void> => {
    await platform.cluster.kubectlApply(podOf(name, container, SOURCE));
    await until(`${name} counts`, signal, async () => lines(name).length > 5);
  };
  const lines = (name: string): readonly string[] => readLines(join(shared, name));
  /** It has begun so often, and each number follows the one before. */
  const countsOn = async (name: string, begun = 1): Promise<void> => {
    const before = lines(name).length;
    await until(`${name} counts on`, signal, async () => lines(name).length > before + 10);
    let last = 0;
    let begins = 0;
    for (const line of lines(name)) {
      if (line === 'begun') begins++;
      assert.equal(line, line === 'begun' ? line : String(last + 1), `${name}: ${lines(name).slice(-20).join(' ')}`);
      last = line === 'begun' ? 0 : Number(line);
    }
    assert.equal(begins, begun, `${name} has begun ${begins} times`);
  };
  const make = (kind: string, name: string, spec: object): Promise<unknown> =>
    platform.cluster.kubectlApply(
      JSON.stringify({ apiVersion: 'kaito.sh/v1alpha1', kind, metadata: { name, namespace: 'default' }, spec }),
    );
  const move = (name: string): Promise<unknown> => make('Migration', name, { podName: name, nodeName: TARGET });
  const phase = (what: string): Promise<string> => platform.valueOf(what, '{.status.phase}');
  const reaches = (what: string, wanted: string): Promise<void> =>
    platform.wait(what, `jsonpath={.status.phase}=${wanted}`);
  const remove = (name: string): Promise<string> => platform.kubectl('delete', 'pod', name, '--grace-period=1');

  it('a target without room says so, and goes on when there is some', async () => {
    await startPod('full');
    const images = join(platform.cluster.node(TARGET).directory, 'grit', 'nodes', TARGET, 'images');
    await on(TARGET, 'mkdir', '-p', images);
    await on(TARGET, 'mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', images);
    try {
      await move('full');
      const code = '{.items[?(@.metadata.name=="full")].status.error.code}';
      await until('the Restore says what is missing', signal, async () => {
        return (await platform.valueOf('restores', code)) === 'GRIT_NODE_STORAGE_FULL';
      });
      assert.equal(await platform.valueOf('pod/full', '{.spec.nodeName}'), TARGET);
    } finally {
      await on(TARGET, 'umount', '--lazy', images);
    }
    await platform.kubectl('annotate', 'restore', 'full', 'grit.dev/retry=1');
    await reaches('restore/full', 'Restored');
    await countsOn('full');
    await remove('full');
  });

  it(`a target that is cut off for ${CUT_SECONDS} s while it restores: one copy, and it goes on`, async () => {
    await startPod('cut');
    await move('cut');
    await until('the target is at work', signal, async () => {
      return (await platform.valueOf('restore', '{.items[?(@.metadata.name=="cut")].status.step.node}')) === TARGET;
    });
    const rules = [
      ['INPUT', '-i'],
      ['OUTPUT', '-o'],
    ] as const;
    for (const [chain, way] of rules) await on(TARGET, 'iptables', '-w', '-I', chain, way, 'eth0', '-j', 'DROP');
    const count = lines('cut').length;
    await delay(CUT_SECONDS * 1_000, undefined, { signal });
    for (const [chain, way] of rules) await on(TARGET, 'iptables', '-w', '-D', chain, way, 'eth0', '-j', 'DROP');
    await reaches('migration/cut', 'Succeeded');
    assert.ok(lines('cut').length >= count);
    await countsOn('cut');
    await remove('cut');
  });

  it('an image that is changed in the store is found: the pod does not start, and nobody says Restored', async () => {
    await startPod('flipped');
    await make('Checkpoint', 'flipped', { podName: 'flipped' });
    await reaches('checkpoint/flipped', 'Checkpointed');
    const id = await platform.valueOf('checkpoint/flipped', '{.status.image.id}');
    await flip(join(platform.cluster.directory, 'store'), id);
    await remove('flipped');
    const begun = lines('flipped').length;
    await make('Restore', 'flipped', { checkpointName: 'flipped', podName: 'flipped' });
    await platform.wait('restore/flipped', 'jsonpath={.status.conditions[?(@.type=="WaitingForPod")].status}=True');
    await platform.cluster.kubectlApply(podOf('flipped', {}, TARGET));
    await reaches('restore/flipped', 'Failed');
    assert.match(await platform.valueOf('restore/flipped', '{.status.error.code}'), /^GRIT_IMAGE_PART_/);
    assert.match(await platform.valueOf('restore/flipped', '{.status.error.message}'), /containers\/main\//);
    assert.equal(lines('flipped').length, begun);
    await remove('flipped');
  });

  it('a pod that is deleted while it waits at the gate goes at once, and the next one goes on', async () => {
    await startPod('gated');
    await make('Checkpoint', 'gated', { podName: 'gated' });
    await reaches('checkpoint/gated', 'Checkpointed');
    await make('Restore', 'gated', { checkpointName: 'gated', selector: { matchLabels: { app: 'next' } } });
    await platform.wait('restore/gated', 'jsonpath={.status.conditions[?(@.type=="WaitingForPod")].status}=True');
    const calls = join(platform.cluster.node(TARGET).directory, 'grit-run', 'calls');
    const waiting = async (): Promise<readonly string[]> => readdir(calls).catch(() => []);
    // As long as the pod runs that was checkpointed, no other goes on in its place.
    await platform.cluster.kubectlApply(podOf('gated', {}, TARGET, 'next'));
    await platform.wait('restore/gated', 'jsonpath={.status.conditions[?(@.type=="SourceRunning")].status}=True');
    await until('it waits at the gate', signal, async () => (await waiting()).length > 0);
    await remove('next');
    await until('its sandbox is given up', signal, async () => (await waiting()).length === 0);
    await countsOn('gated');
    await remove('gated');
    const before = lines('gated').length;
    await platform.cluster.kubectlApply(podOf('gated', {}, TARGET, 'next'));
    await reaches('restore/gated', 'Restored');
    // What the first one has counted after the checkpoint it counts again: that was asked for.
    await until('it counts on', signal, async () => lines('gated').length > before + 10);
    assert.equal(lines('gated').filter((line) => line === 'begun').length, 1);
    await remove('next');
  });

  it('an open exec session is refused before anything is frozen, and moved when it has ended', async () => {
    await startPod('exec');
    const running = platform.kubectl('exec', 'exec', '--', 'sleep', '100000').catch(() => undefined);
    const pid = async (): Promise<string> => on(SOURCE, 'pgrep', '-f', '^sleep 100000$').catch(() => '');
    await until('the session is open', signal, async () => (await pid()).trim() !== '');
    await move('exec');
    await reaches('migration/exec', 'ReturnedToSource');
    const said = await platform.valueOf('migration/exec', '{.status.conditions[?(@.type=="Succeeded")].message}');
    assert.match(said, /container main: process sleep was put into the container from outside \(pid \d+\)/);
    await countsOn('exec');
    await on(SOURCE, 'kill', '-9', (await pid()).trim());
    await running;
    await platform.kubectl('delete', 'migration', 'exec');
    await move('exec');
    await reaches('migration/exec', 'Succeeded');
    await countsOn('exec');
    await remove('exec');
  });

  it('a probe that fails while the pod is frozen does not start it anew', async () => {
    const probe = { exec: { command: ['true'] }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 };
    await startPod('probed', { livenessProbe: probe });
    await move('probed');
    await reaches('migration/probed', 'Succeeded');
    await countsOn('probed');
    assert.equal(await platform.valueOf('pod/probed', '{.status.containerStatuses[0].restartCount}'), '0');
    await remove('probed');
  });

  it('a node without the CPU features of the source is refused, and the pod runs on', async () => {
    await startPod('flags');
    const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
    const lesser = join(platform.cluster.directory, 'cpuinfo');
    await writeFile(lesser, cpuinfo.replaceAll(/ (sse4_2|popcnt)\b/g, ''));
    await on(TARGET, 'mount', '--bind', lesser, '/proc/cpuinfo');
    const agent = platform.agent(TARGET);
    try {
      await agent.restart();
      const flags = async (): Promise<string> => platform.valueOf(`gritnode/${TARGET}`, '{.status.facts.cpuFlags}');
      await until('the node says so', signal, async () => !(await flags()).includes('sse4_2'));
      const asked = move('flags').then(() => reaches('migration/flags', 'ReturnedToSource'));
      const refused = await asked.then(
        async () => platform.valueOf('migration/flags', '{.status.conditions[?(@.type=="Succeeded")].message}'),
        (error: unknown) => String(error),
      );
      assert.match(refused, /sse4_2/);
      await countsOn('flags');
    } finally {
      await on(TARGET, 'umount', '/proc/cpuinfo');
      await agent.restart();
    }
    await remove('flags');
    assert.equal(await phase('gritnode/node-b'), 'Ready');
  });

  it('a Migration that finds the only other agent away waits for it', async () => {
    await startPod('away');
    await platform.agent(TARGET).stop();
    await until('the node says so', signal, async () => (await phase(`gritnode/${TARGET}`)) !== 'Ready');
    await make('Migration', 'away', { podName: 'away' });
    const reason = '{.status.conditions[?(@.reason=="NodesNotReady")].message}';
    await until('the Migration says what it waits for', signal, async () => {
      return (await platform.valueOf('migration/away', reason)).includes(TARGET);
    });
    await countsOn('away');
    await platform.agent(TARGET).start();
    await reaches('migration/away', 'Succeeded');
    await countsOn('away');
    await remove('away');
  });

  const agentOf = (node: string) => (): Promise<void> => platform.agent(node).restart();
  const agentEndedOf = (node: string) => async (): Promise<void> => {
    await platform.agent(node).stop();
    await platform.agent(node).start();
  };
  const nodeOf = (node: string) => async (): Promise<void> => {
    await platform.cluster.node(node).stop();
    await platform.cluster.node(node).start();
  };
  const RESTARTS = [
    ['the agent of the target', 'fetch', 'restores', 'prefetch', agentOf(TARGET)],
    ['the agent of the target', 'agent', 'restores', 'restore', agentOf(TARGET)],
    ['the agent of the target, ended', 'fetch-ended', 'restores', 'prefetch', agentEndedOf(TARGET)],
    ['the agent of the target, ended', 'agent-ended', 'restores', 'restore', agentEndedOf(TARGET)],
    ['containerd and kubelet of the source', 'dump', 'checkpoints', 'checkpoint', nodeOf(SOURCE)],
    ['containerd and kubelet of the target', 'start', 'restores', 'restore', nodeOf(TARGET)],
  ] as const;
  const NEXT = { prefetch: 'restore', checkpoint: 'release', restore: undefined } as const;
  for (const [what, name, objects, step, restart] of RESTARTS) {
    it(`${what}, restarted when the step ${step} is ordered: one copy, and it goes on`, async () => {
      await startPod(name);
      await move(name);
      const ordered = `{.items[?(@.metadata.name=="${name}")].status.step.name}`;
      await until(`the step ${step} is ordered`, signal, async () => {
        const now = await platform.valueOf(objects, ordered);
        // It may be over before one looks.
        return now === step || now === NEXT[step];
      });
      await restart();
      await reaches(`migration/${name}`, 'Succeeded');
      assert.equal(await platform.valueOf(`pod/${name}`, '{.spec.nodeName}'), TARGET);
      await countsOn(name);
      await remove(name);
    });
  }

  /** Changes one byte in the middle of the largest object of an image. */
  async function flip(store: string, id: string): Promise<void> {
    const names = await readdir(store, { recursive: true });
    const packs = names
      .filter((name) => name.includes(id) && /\/pk-[^/]+$/.test(name))
      .map((name) => join(store, name));
    const sizes = await Promise.all(packs.map(async (path) => ({ path, size: (await stat(path)).size })));
    const [largest] = sizes.sort((a, b) => b.size - a.size);
    assert.ok(largest !== undefined, names.join('\n'));
    await using file = await open(largest.path, 'r+');
    const byte = Buffer.alloc(1);
    const at = Math.floor(largest.size / 3);
    await file.read(byte, 0, 1, at);
    await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at);
    await file.sync();
  }
});
