// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { CONFIG, kubernetesConfig } from '../src/config.js';

/** Every complaint as `path: message`. */
async function complaints(value: unknown): Promise<readonly string[]> {
  const { issues = [] } = await CONFIG['~standard'].validate(value);
  return issues.map(({ path = [], message }) => `${path.map(String).join('.')}: ${message}`);
}

describe('configuration of plugin-kubernetes', () => {
  it('needs nothing', async () => {
    const result = await CONFIG['~standard'].validate(undefined);
    assert.ok(result.issues === undefined);
    const { namespace, leaderElection, webhook, certificates, claimPod, gpuProfiles, workers } = result.value;
    assert.deepEqual(
      { namespace, leaderElection, webhook, certificates, image: claimPod.image, gpuProfiles, workers },
      {
        namespace: 'grit-system',
        leaderElection: {
          enabled: true,
          leaseName: 'grit-controller',
          leaseSeconds: 15,
          renewSeconds: 10,
          retrySeconds: 2,
        },
        webhook: { host: '0.0.0.0', port: 10350, service: { name: 'grit-webhook', port: 443 } },
        certificates: { mode: 'self-signed', secretName: 'grit-webhook-cert' },
        image: 'grit/claim:1',
        gpuProfiles: { enabled: false, profiles: {} },
        workers: 16,
      },
    );
  });

  it('an unknown key is told at its place, with those that are known', async () => {
    assert.deepEqual(await complaints({ webhook: { prot: 1 }, nodes: 3 }), [
      'webhook.prot: unknown key; known are: host, port, url, service',
      'nodes: unknown key; known are: kubeconfig, namespace, identity, leaderElection, webhook, certificates, claimPod, gpuProfiles, runtimeClassName, secretsDirectory, workers, nodeLeaseSeconds',
    ]);
  });

  it('says what is wrong with the name of a profile or a variable', async () => {
    const profiles = { 'single-gpu': { A: '1' }, ours: { 'A-B': '1', CUDA_VISIBLE_DEVICES: '0' } };
    assert.deepEqual(await complaints({ gpuProfiles: { profiles } }), [
      'gpuProfiles.profiles.single-gpu: is built in, choose another name',
      'gpuProfiles.profiles.ours.A-B: expected the name of a variable: letters, digits and _',
      'gpuProfiles.profiles.ours.CUDA_VISIBLE_DEVICES: chooses GPUs, which the resources of a container do',
    ]);
  });

  for (const [value, path] of [
    [{ namespace: 'Grit System' }, 'namespace'],
    [{ kubeconfig: '' }, 'kubeconfig'],
    [{ workers: 0 }, 'workers'],
    [{ nodeLeaseSeconds: 'long' }, 'nodeLeaseSeconds'],
    [{ webhook: { port: 70_000 } }, 'webhook.port'],
    [{ webhook: { url: 'http://grit.example' } }, 'webhook.url'],
    [{ certificates: { mode: 'provided' } }, 'certificates.directory'],
    [{ certificates: { mode: 'provided', directory: 'relative' } }, 'certificates.directory'],
    [{ leaderElection: { leaseSeconds: 5 } }, 'leaderElection.renewSeconds'],
    [{ claimPod: { image: '' } }, 'claimPod.image'],
    [{ gpuProfiles: { profiles: { 'single-gpu': { A: '1' } } } }, 'gpuProfiles.profiles.single-gpu'],
    [{ gpuProfiles: { profiles: { 'Our Own': { A: '1' } } } }, 'gpuProfiles.profiles.Our Own'],
    [{ gpuProfiles: { profiles: { ours: {} } } }, 'gpuProfiles.profiles.ours'],
    [{ gpuProfiles: { profiles: { ours: { 'A-B': '1' } } } }, 'gpuProfiles.profiles.ours.A-B'],
    [{ gpuProfiles: { profiles: { ours: { A: 1 } } } }, 'gpuProfiles.profiles.ours.A'],
    [{ gpuProfiles: { profiles: { ours: { A: 'two\nlines' } } } }, 'gpuProfiles.profiles.ours.A'],
    [{ gpuProfiles: { profiles: { ours: { A: '$(B)' } } } }, 'gpuProfiles.profiles.ours.A'],
    [
      { gpuProfiles: { profiles: { ours: { CUDA_VISIBLE_DEVICES: '0' } } } },
      'gpuProfiles.profiles.ours.CUDA_VISIBLE_DEVICES',
    ],
  ] as const) {
    it(`${JSON.stringify(value)} is refused at ${path}`, async () => {
      const found = await complaints(value);
      assert.equal(found.length, 1, found.join('\n'));
      assert.ok(found[0]?.startsWith(`${path}: `), found[0]);
      assert.throws(() => kubernetesConfig(value as never), { code: 'GRIT_CONFIG_INVALID' });
    });
  }
});
