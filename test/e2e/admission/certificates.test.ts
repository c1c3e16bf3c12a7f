// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { KEYS, PODS, RESTORES, CHECKPOINTS, SECRETS } from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import { AdmissionPlatform } from './admission-platform.js';
import { checkpointed, checkpointObject, podObject, restoreObject, runningPod, someClaim } from './some-objects.js';
import { until } from './until.js';

const NS = 'busy';

describe('admission: certificates', function () {
  this.timeout(300_000);
  let platform: AdmissionPlatform;
  let made = 0;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await AdmissionPlatform.start();
    await restoreWaitsIn(NS);
  });
  after(() => (platform as AdmissionPlatform | undefined)?.stop());

  it('are renewed, authority and all, while requests run, and none fails', async () => {
    const first = platform.certificates.current;
    const end = new AbortController();
    const callers = Array.from({ length: 4 }, (_, at) => callAgainAndAgain(`caller-${at}`, end.signal));
    await platform.certificates.renewNow('leaf', platform.signal);
    await seenByApiServer();
    await platform.certificates.renewNow('authority', platform.signal);
    assert.equal(authoritiesOf(platform.certificates.current.ca), 2);
    await seenByApiServer();
    await platform.certificates.renewNow('leaf', platform.signal);
    await seenByApiServer();
    end.abort();
    const asked = await Promise.all(callers);
    assert.ok(
      asked.every((count) => count > 0),
      `each asked: ${asked.join(', ')}`,
    );
    const now = platform.certificates.current;
    assert.notEqual(now.cert, first.cert);
    assert.ok(new X509Certificate(now.cert).checkIssued(new X509Certificate(now.ca)), 'the new authority signed');
    assert.ok(now.ca.endsWith(first.ca), 'the old one is trusted still');
  });

  it('of a replica follow the Secret, and a Secret that is lost is made anew', async () => {
    const ref = { namespace: 'grit-system', name: 'grit-webhook-cert' };
    const before = await platform.admin.get(SECRETS, ref, platform.signal);
    assert.equal(before.type, 'kubernetes.io/tls');
    await platform.admin.delete(SECRETS, ref, {}, platform.signal);
    await until(
      'there is a Secret again',
      async () => (await platform.admin.find(SECRETS, ref, platform.signal)) !== undefined,
    );
    await until('the admission works with it', async () => {
      const secret = await platform.admin.get(SECRETS, ref, platform.signal);
      return platform.certificates.current.cert === Buffer.from(secret.data?.['tls.crt'] ?? '', 'base64').toString();
    });
    await seenByApiServer();
  });

  /** A later change of the same configuration is in force, so everything before it is. */
  async function seenByApiServer(): Promise<void> {
    made += 1;
    await restoreWaitsIn(`${NS}-${made}`);
  }

  async function restoreWaitsIn(namespace: string): Promise<void> {
    await platform.namespace(namespace);
    await platform.create(...someClaim(namespace));
    const source = await platform.create(PODS, runningPod(namespace, 'source', { metadata: { ownerReferences: [] } }));
    const spec = { podName: 'source', volumeClaim: { claimName: 'ckpt-store' } };
    await platform.create(CHECKPOINTS, checkpointObject(namespace, 'demo', spec, checkpointed(source)));
    await platform.create(RESTORES, restoreObject(namespace, 'demo', { checkpointName: 'demo' }));
    await platform.inForce(namespace);
  }

  /** How often it asked; throws when an answer was wrong. */
  async function callAgainAndAgain(name: string, end: AbortSignal): Promise<number> {
    let count = 0;
    while (!end.aborted) {
      const pod = await platform.admin.create(PODS, podObject(NS, name), { dryRun: true }, platform.signal);
      assert.equal(pod.metadata.annotations?.[KEYS.admitted], 'true');
      count += 1;
    }
    return count;
  }
});

function authoritiesOf(bundle: string): number {
  return bundle.split('BEGIN CERTIFICATE').length - 1;
}
