// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Checkpoint } from '../../../src/api/checkpoint.js';
import type { Pod } from '../../../src/api/core-kinds.js';
import { KEYS } from '../../../src/api/group.js';
import { migrationStatusSchema } from '../../../src/api/migration.js';
import type { RestoreStatus } from '../../../src/api/restore.js';
import { checkpointFor } from '../../../src/controllers/migration/checkpoint-for.js';
import { decideMigration } from '../../../src/controllers/migration/decide-migration.js';
import { decideOrphan } from '../../../src/controllers/migration/decide-orphan.js';
import type { MigrationDecision } from '../../../src/controllers/migration/migration-decision.js';
import type { MigrationFacts } from '../../../src/controllers/migration/migration-facts.js';
import { manifestOf, revisionOf } from '../../../src/controllers/migration/pod-manifest.js';
import { podSpecHash } from '../../../src/pods/pod-spec-hash.js';
import { jobPod, tokenVolume } from '../../pods/some-pods.js';
import { someRestore, statusError } from '../restore/some-restores.js';
import { NOW, ownCheckpoint, someFacts, someMigration } from './some-migrations.js';

const ISO = NOW.toISOString();

/** What is said of the end, or of what is done. */
function said({ status }: MigrationDecision): [string | undefined, string | undefined, string] {
  migrationStatusSchema.parse(status);
  const outcome = status.conditions?.find(({ type }) => type === 'Succeeded');
  const progress = status.conditions?.find(({ type }) => type === 'Progressing');
  const one = outcome ?? progress;
  return [status.phase, one?.reason, one?.message ?? ''];
}

function barePod() {
  const { ownerReferences: _owners, generateName: _name, ...metadata } = jobPod().metadata;
  return { ...jobPod({ spec: { nodeName: 'node-a' } }), metadata };
}

const restore = (status: RestoreStatus) => someRestore({}, status);

describe('a Migration that begins', () => {
  it('makes its Checkpoint, with what the Restore is to be like', () => {
    const decision = decideMigration(someFacts());
    assert.deepEqual([decision.move.do, decision.status.phase], ['make-checkpoint', 'Pending']);
    assert.deepEqual(
      [decision.status.podName, decision.status.sourceNode, decision.status.checkpointName],
      ['train-x7k2p', 'node-a', 'move'],
    );
    const { spec, metadata } = checkpointFor(someMigration({ nodeName: 'node-b', retries: 1, storage: 'fast' }));
    assert.deepEqual(spec, {
      podName: 'train-x7k2p',
      storage: 'fast',
      autoMigration: true,
      restore: { nodeName: 'node-b', retries: 1 },
    });
    assert.deepEqual(
      [metadata.annotations?.[KEYS.migrationUid], metadata.ownerReferences],
      ['migration-uid', undefined],
    );
  });

  it('is refused before anything is frozen when no other node can go on with the pod, with the reasons of each', () => {
    const placement = {
      compatible: [],
      excluded: [
        { node: 'node-a', reasons: ['the pod is there'] },
        { node: 'node-b', reasons: ['CRIU 4.1 here, 4.2 there'] },
      ],
      soon: [],
    };
    const decision = decideMigration(someFacts({ placement }));
    const [phase, reason, message] = said(decision);
    assert.deepEqual([phase, reason, decision.move.do], ['ReturnedToSource', 'NoCompatibleNode', 'wait']);
    assert.match(message, /node-b: CRIU 4\.1 here, 4\.2 there/);
    const stays = someFacts({ migration: someMigration({}, decision.status) });
    assert.deepEqual(decideMigration(stays).move.do, 'wait');
    assert.deepEqual(decideMigration(stays).status, decision.status);
  });

  it('waits for nodes whose agents are on their way, as when they are replaced', () => {
    const excluded = [{ node: 'node-b', reasons: ['the GRIT agent is NotReady'] }];
    const decision = decideMigration(someFacts({ placement: { compatible: [], excluded, soon: ['node-b'] } }));
    const [phase, reason, message] = said(decision);
    assert.deepEqual([phase, reason], ['Pending', 'NodesNotReady']);
    assert.match(message, /node-b: the GRIT agent is NotReady/);
    assert.deepEqual(decision.move, { do: 'wait', lookAgainMs: 2_000 });
  });

  it('is refused for a pod whose hooks would run again, unless the container is left out', () => {
    const hooked = { name: 'web', lifecycle: { postStart: { exec: {} } } };
    const { metadata, spec, status } = jobPod({ spec: { nodeName: 'node-a' } });
    const pod = { metadata, spec: { ...spec, containers: [...spec.containers, hooked] }, ...(status && { status }) };
    const decision = decideMigration(someFacts({ pod: { is: 'there', pod } }));
    const [phase, reason, message] = said(decision);
    assert.deepEqual([phase, reason, decision.move.do], ['ReturnedToSource', 'PostStartHook', 'wait']);
    assert.match(message, /container web has a postStart hook \(exec\)/);
    const without = someMigration({ containers: { exclude: ['web'] } });
    assert.equal(
      decideMigration(someFacts({ pod: { is: 'there', pod }, migration: without })).move.do,
      'make-checkpoint',
    );
  });

  it('is tried again by the annotation, once a value', () => {
    const first = decideMigration(someFacts({ placement: { compatible: [], excluded: [], soon: [] } }));
    const migration = someMigration({}, first.status, { annotations: { [KEYS.retry]: '1' } });
    const again = decideMigration(someFacts({ migration }));
    assert.deepEqual(
      [again.move.do, again.status.phase, again.status.finishedAt],
      ['make-checkpoint', 'Pending', undefined],
    );
    const refused = decideMigration(someFacts({ migration, placement: { compatible: [], excluded: [], soon: [] } }));
    const stays = decideMigration(someFacts({ migration: { ...migration, status: refused.status } }));
    assert.deepEqual([stays.move.do, stays.status.phase], ['wait', 'ReturnedToSource']);
  });

  it('says what is wrong with the pod', () => {
    const [main] = jobPod().spec.containers;
    const pulls = [{ name: main?.name ?? '', state: { waiting: { reason: 'ImagePullBackOff' } } }];
    const waiting: Pod = { ...jobPod(), status: { phase: 'Running', containerStatuses: pulls } };
    const cases: [Partial<MigrationFacts>, string, string][] = [
      [{ pod: { is: 'gone' } }, 'Failed', 'PodNotFound'],
      [{ pod: { is: 'gone' }, migration: someMigration({}, { podUID: 'old' }) }, 'Failed', 'PodGone'],
      [{ pod: { is: 'there', pod: jobPod({ metadata: { deletionTimestamp: ISO } }) } }, 'Failed', 'PodGone'],
      [{ pod: { is: 'there', pod: { ...jobPod(), status: { phase: 'Succeeded' } } } }, 'Failed', 'PodFinished'],
      [{ pod: { is: 'there', pod: { ...jobPod(), status: { phase: 'Pending' } } } }, 'Pending', 'PodNotRunning'],
      [{ pod: { is: 'there', pod: waiting } }, 'Pending', 'PodNotRunning'],
      [{ placement: undefined }, 'Pending', 'AgentNotReady'],
      [{ turn: false }, 'Pending', 'WaitsForTurn'],
      [{ checkpoint: { is: 'foreign' } }, 'ReturnedToSource', 'NameTaken'],
      [{ checkpoint: { is: 'former' } }, 'Pending', 'FormerMigration'],
      [{ refusal: 'admission: the pod does not run' }, 'Pending', 'CheckpointRefused'],
    ];
    for (const [changes, phase, reason] of cases) {
      const decision = decideMigration(someFacts(changes));
      assert.deepEqual([...said(decision).slice(0, 2), decision.move.do], [phase, reason, 'wait']);
    }
    const daemon = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'logs', uid: 'd', controller: true };
    const pod = { is: 'there' as const, pod: jobPod({ metadata: { ownerReferences: [daemon] } }) };
    assert.equal(said(decideMigration(someFacts({ pod })))[1], 'PodBelongsToNode');
  });

  it('waits for what is missing as long as timeouts.pending allows', () => {
    const migration = someMigration({ timeouts: { pending: '1m' } }, { startedAt: ISO });
    const at = (ms: number) => someFacts({ migration, placement: undefined, now: new Date(NOW.getTime() + ms) });
    assert.deepEqual(decideMigration(at(59_000)).move, { do: 'wait', lookAgainMs: 1_000 });
    assert.equal(decideMigration(at(60_000)).status.phase, 'ReturnedToSource');
  });

  it('keeps the manifest of a bare pod first', () => {
    const pod = { is: 'there' as const, pod: barePod() };
    assert.equal(decideMigration(someFacts({ pod })).move.do, 'save-manifest');
    assert.equal(decideMigration(someFacts({ pod, saved: true })).move.do, 'make-checkpoint');
  });
});

describe('a Migration under way', () => {
  const started = (changes: Partial<MigrationFacts>) =>
    someFacts({ migration: someMigration({}, { podUID: 'uid', checkpointName: 'move', startedAt: ISO }), ...changes });

  it('stands where its Checkpoint and its Restore stand', () => {
    const stages: [Checkpoint['status'] & object, RestoreStatus | undefined, string][] = [
      [{}, undefined, 'Pending'],
      [{ phase: 'Pending' }, undefined, 'Pending'],
      [{ phase: 'Checkpointing', startedAt: ISO }, undefined, 'Checkpointing'],
      [{ phase: 'Checkpointed', startedAt: ISO }, undefined, 'Stopping'],
      [{ phase: 'Submitting', startedAt: ISO }, undefined, 'Stopping'],
      [{ phase: 'Submitted', finishedAt: ISO }, { phase: 'Created' }, 'Restoring'],
      [
        { phase: 'Submitted', finishedAt: ISO },
        { phase: 'Restored', targetPod: 'new', nodeName: 'node-b' },
        'Succeeded',
      ],
      [{ phase: 'Submitted', finishedAt: ISO }, { phase: 'ColdStarted' }, 'Failed'],
      [{ phase: 'Submitted', finishedAt: ISO }, { phase: 'Failed', error: statusError(false) }, 'Failed'],
    ];
    for (const [status, of, phase] of stages) {
      const facts = started({ checkpoint: ownCheckpoint(status), restore: of && restore(of) });
      const decision = decideMigration(facts);
      assert.deepEqual([decision.status.phase, decision.move.do], [phase, 'wait'], JSON.stringify(status));
      said(decision);
      const again = decideMigration({ ...facts, migration: { ...facts.migration, status: decision.status } });
      assert.deepEqual(again.status, decision.status);
    }
  });

  it('says what its Checkpoint waits for', () => {
    const waiting = {
      type: 'Waiting',
      status: 'True',
      reason: 'Disruption',
      message: 'the budget',
      lastTransitionTime: ISO,
    } as const;
    const checkpoint = ownCheckpoint({ phase: 'Submitting', startedAt: ISO, conditions: [waiting] });
    assert.deepEqual(said(decideMigration(started({ checkpoint }))), ['Stopping', 'Disruption', 'the budget']);
  });

  it('that failed leaves the pod where it is, or says that it is gone', () => {
    const error = statusError(false);
    const checkpoint = ownCheckpoint({ phase: 'Failed', error, finishedAt: ISO });
    const back = decideMigration(started({ checkpoint }));
    assert.deepEqual([back.status.phase, back.status.error], ['ReturnedToSource', error]);
    const gone = decideMigration(started({ checkpoint, pod: { is: 'gone' } }));
    assert.deepEqual([gone.status.phase, gone.status.error], ['Failed', error]);
    // Not finished: the Checkpoint looks again when what it lacks is there.
    const open = decideMigration(started({ checkpoint: ownCheckpoint({ phase: 'Failed', error }) }));
    assert.equal(open.status.phase, 'Pending');
  });

  it('is given up when it is not frozen by its deadline', () => {
    const migration = someMigration(
      { deadline: '2026-11-28T04:01:00.000Z' },
      { checkpointName: 'move', startedAt: ISO },
    );
    const late = new Date(NOW.getTime() + 60_000);
    const checkpoint = ownCheckpoint({ phase: 'Pending' });
    assert.deepEqual(decideMigration(someFacts({ migration, checkpoint })).move, { do: 'wait', lookAgainMs: 60_000 });
    const given = decideMigration(someFacts({ migration, checkpoint, now: late }));
    assert.equal(given.move.do, 'delete-checkpoint');
    const gone = { ...migration, status: given.status };
    const [phase, reason] = said(decideMigration(someFacts({ migration: gone, now: late })));
    assert.deepEqual([phase, reason], ['ReturnedToSource', 'DeadlineExceeded']);
    const frozen = ownCheckpoint({ phase: 'Checkpointing', startedAt: ISO });
    assert.equal(decideMigration(someFacts({ migration, checkpoint: frozen, now: late })).move.do, 'wait');
  });

  it('makes a bare pod anew, unless some pod has the Restore already', () => {
    const checkpoint = ownCheckpoint({ phase: 'Submitted', finishedAt: ISO });
    const facts = started({ checkpoint, saved: true, pod: { is: 'gone' } });
    const move = (status: RestoreStatus) => decideMigration({ ...facts, restore: restore(status) }).move.do;
    assert.equal(move({ phase: 'Created' }), 'make-replacement');
    assert.equal(move({ phase: 'Created', reservation: { token: 't', at: ISO } }), 'wait');
    assert.equal(move({ phase: 'Restoring', targetPodUID: 'new' }), 'wait');
    assert.equal(move({ phase: 'Restored', targetPodUID: 'new' }), 'drop-manifest');
    assert.equal(move({ phase: 'Failed', targetPodUID: 'new' }), 'wait');
    assert.equal(decideMigration({ ...started({ checkpoint }), restore: restore({}) }).move.do, 'wait');
  });

  it('whose Checkpoint somebody deletes says so', () => {
    assert.deepEqual(said(decideMigration(started({}))).slice(0, 2), ['ReturnedToSource', 'CheckpointDeleted']);
    assert.deepEqual(said(decideMigration(started({ pod: { is: 'gone' } }))).slice(0, 2), [
      'Failed',
      'CheckpointDeleted',
    ]);
  });
});

describe('the manifest of a bare pod', () => {
  it('has the same hash and nothing of the instance', () => {
    const pod = barePod();
    const manifest = manifestOf(
      { ...pod, spec: { ...pod.spec, volumes: [tokenVolume('abc'), { name: 'data' }] } },
      someMigration(),
    );
    assert.deepEqual(manifest.spec['volumes'], [{ name: 'data' }]);
    assert.equal(manifest.spec.nodeName, undefined);
    assert.equal(manifest.metadata.uid, undefined);
    assert.equal(manifest.status, undefined);
    assert.deepEqual(manifest.spec.containers[0]?.['volumeMounts'], []);
    assert.equal(podSpecHash(manifestOf(pod, someMigration())), podSpecHash(pod));
    assert.equal(revisionOf(manifest, someMigration()).metadata.name, 'grit-pod-migration-uid');
  });
});

describe('a Checkpoint whose Migration was deleted', () => {
  const checkpoint = (status: Checkpoint['status'] & object): Checkpoint => ({
    ...checkpointFor(someMigration()),
    status,
  });

  it('goes while the pod can go on where it is, and when it is over', () => {
    for (const phase of ['Created', 'Pending', 'Checkpointing', 'Checkpointed', 'Failed'] as const) {
      assert.equal(decideOrphan(checkpoint({ phase }), undefined, false), 'delete');
    }
    assert.equal(decideOrphan(checkpoint({ phase: 'Submitted' }), restore({ phase: 'Restored' }), true), 'delete');
  });

  it('stays while the pod lives in it only', () => {
    assert.equal(decideOrphan(checkpoint({ phase: 'Submitting' }), restore({}), true), 'keep');
    assert.equal(decideOrphan(checkpoint({ phase: 'Submitted' }), restore({ phase: 'Created' }), false), 'keep');
    assert.equal(
      decideOrphan(checkpoint({ phase: 'Submitted' }), restore({ phase: 'Created' }), true),
      'make-replacement',
    );
    assert.equal(decideOrphan(checkpoint({ phase: 'Submitted' }), restore({ phase: 'Failed' }), true), 'keep');
    assert.equal(decideOrphan(checkpoint({ phase: 'Submitted' }), undefined, true), 'keep');
  });
});
