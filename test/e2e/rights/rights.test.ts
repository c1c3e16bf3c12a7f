// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError } from '@grit/plugin-api';
import {
  AGENT_RIGHTS,
  CHECKPOINTS,
  CONTROLLER_RIGHTS,
  EVENTS,
  MIGRATIONS,
  PODS,
  RESTORES,
  type KubeObject,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { until } from '../../integration/machine/until.js';
import type { StepAt } from '../../simulated/simulated-handlers.js';
import { podObject } from '../../simulated/workload-objects.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import { NAMESPACE, runningPods } from '../restore/checkpointed-pods.js';
import { nameOf, readAsked, type Asked } from './asked.js';
import { FLAKY, move, runAll } from './flows.js';
import { takeAway, type Granted } from './role-changes.js';

/** What only an agent on a real machine does: test/e2e/node and test/e2e/kubernetes have those. */
const ON_MACHINES: Readonly<Record<string, string>> = {
  'get pods': 'ends the wait of a pod at the gate of the real runtime',
  'get checkpointstores.kaito.sh': 'opens the store of an image with the real data plane',
};

/** What goes wrong: the same twice, so that an event of it is counted. */
function failures({ point, object, attempt }: StepAt): Error | undefined {
  const fails = point === 'restore.before' && object === `${NAMESPACE}/${FLAKY}` && attempt <= 2;
  return fails ? new GritError('GRIT_STORAGE_UNAVAILABLE', 'the store does not answer') : undefined;
}

describe('rights of the components, as they use them', function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let platform: KubePlatform;
  const stops: (() => Promise<unknown>)[] = [];

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({ audit: true }, AbortSignal.timeout(240_000));
    stops.push(() => cluster.stop());
    const leaderElection = { leaseSeconds: 4, renewSeconds: 2, retrySeconds: 0.5 };
    platform = await startKubePlatform({ cluster, config: { leaderElection }, agents: { failures } });
    stops.push(() => platform.stop());
    await runAll(platform);
  });

  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const askedBy = async (account: string): Promise<readonly Asked[]> =>
    (await readAsked(cluster.auditLog)).filter((one) => one.account === account);

  it('none is denied that anybody asks for', async () => {
    const denied = (await readAsked(cluster.auditLog)).filter(({ allowed }) => !allowed);
    assert.deepEqual(new Set(denied.map(({ account, what, name }) => `${account}: ${what} ${name ?? ''}`)), new Set());
  });

  for (const [account, rights, elsewhere] of [
    ['grit-controller', CONTROLLER_RIGHTS, {}],
    ['grit-agent', AGENT_RIGHTS, ON_MACHINES],
  ] as const) {
    it(`each verb of ${account} is used, by name where it is granted by name`, async () => {
      const asked = await askedBy(account);
      const unused = rights.flatMap(({ group, resource, names, verbs }) =>
        verbs
          .map((verb) => nameOf(verb, resource, group))
          .flatMap((what) => (names ?? [undefined]).map((name) => ({ what, name })))
          .filter(({ what, name }) => !(what in elsewhere) || name !== undefined)
          .filter(({ what, name }) => !asked.some((one) => one.what === what && covers(one, name)))
          .map(({ what, name }) => (name === undefined ? what : `${what} ${name}`)),
      );
      assert.deepEqual(unused, []);
      const stale = Object.keys(elsewhere).filter((what) => asked.some((one) => one.what === what));
      assert.deepEqual(stale, [], 'used here, too: the exception is of no more use');
    });

    it(`${account} needs those of its own namespace nowhere else`, async () => {
      const own = rights
        .filter(({ where }) => where === 'own namespace')
        .map(({ group, resource }) => nameOf('', resource, group));
      const away = (await askedBy(account)).filter(
        ({ what, namespace }) => own.some((one) => what.endsWith(one)) && namespace !== 'grit-system',
      );
      assert.deepEqual(
        away.map(({ what, namespace }) => `${what} in ${namespace ?? 'all'}`),
        [],
      );
    });
  }

  describe('when one is taken away', () => {
    const ref = (name: string) => ({ name, namespace: NAMESPACE });
    const untilSaid = (name: string, missing: RegExp): Promise<unknown> =>
      platform.until(CHECKPOINTS, ref(name), `says ${String(missing)}`, ({ status }) =>
        (status?.conditions ?? []).some(
          ({ type, status: is, message }) => type === 'Waiting' && is === 'True' && missing.test(message),
        ),
      );
    const untilLogged = (missing: RegExp): Promise<unknown> =>
      until(`the log says ${String(missing)}`, async () => missing.test(await platform.controller.log()), 200_000);
    const missing = (verb: string, resource: string): RegExp =>
      new RegExp(`cannot ${verb} resource \\\\*"${resource}\\\\*"`);
    const moved = async (name: string): Promise<void> => {
      await platform.untilPhase(RESTORES, ref(name), 'Restored');
    };

    interface Case extends Granted {
      readonly flow: (name: string) => Promise<void>;
      readonly said: (name: string) => Promise<unknown>;
      readonly done: (name: string) => Promise<void>;
    }
    /** A right without which a move stands still, and its Checkpoint says so. */
    const saidByMove = (verb: string, resource: string): Case => ({
      role: 'clusterrole',
      resource,
      verb,
      flow: (name) => move(platform, name),
      said: (name) => untilSaid(name, missing(verb, resource)),
      done: moved,
    });
    const cases: readonly Case[] = [
      saidByMove('create', 'pods/eviction'),
      saidByMove('create', 'restores'),
      saidByMove('create', 'pods'),
      {
        role: 'clusterrole',
        resource: 'checkpoints/status',
        verb: 'patch',
        flow: (name) => move(platform, name),
        said: () => untilLogged(missing('patch', 'checkpoints/status')),
        done: moved,
      },
      {
        role: 'clusterrole',
        resource: 'restores/status',
        verb: 'update',
        flow: (name) => move(platform, name),
        // The owner of the pod is refused, with these words.
        said: () =>
          platform.untilAll<Told>(TOLD, 'the owner is told', (events) =>
            events.some(({ message = '' }) => missing('update', 'restores/status').test(message)),
          ),
        done: moved,
      },
      {
        role: 'clusterrole',
        resource: 'controllerrevisions',
        verb: 'create',
        flow: async (name) => {
          await platform.create(PODS, podObject(name, NAMESPACE));
          await runningPods(platform, name);
          await platform.create(MIGRATIONS, { metadata: ref(name), spec: { podName: name } });
        },
        said: () => untilLogged(missing('create', 'controllerrevisions')),
        done: async (name) => {
          await platform.untilPhase(MIGRATIONS, ref(name), 'Succeeded');
        },
      },
      {
        role: 'role',
        resource: 'leases',
        verb: 'update',
        flow: () => Promise.resolve(),
        said: () => untilLogged(missing('update', 'leases')),
        done: async (name) => {
          await move(platform, name);
          await moved(name);
        },
      },
    ];
    for (const { role, resource, verb, flow, said, done } of cases) {
      it(`${verb} ${resource}: it is said which one is missing, and all goes on once it is there again`, async () => {
        const name = `no-${verb}-${resource.replace('/', '-')}`;
        const giveBack = await takeAway(cluster, { role, resource, verb });
        try {
          await flow(name);
          await said(name);
        } finally {
          await giveBack();
        }
        await done(name);
      });
    }

    it('nothing ran twice because of it, and nothing began anew', () => {
      const { violations, repeatedWork, history } = platform.observer;
      assert.deepEqual([violations, repeatedWork], [[], []], history.join('\n'));
    });
  });
});

interface Told extends KubeObject {
  readonly message?: string;
}

const TOLD = EVENTS as ResourceType<Told>;

/** A request for a name that a rule grants. Objects that are made by a plain create have none in it. */
function covers({ name: asked }: Asked, name: string | undefined): boolean {
  return name === undefined || asked === name;
}
