// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { MemoryLogger } from '@grit/plugin-testing';
import { BUILT_IN_PROFILES, type Profile } from '../../../src/admission/gpu-profiles/built-in-profiles.js';
import { gpuProfile } from '../../../src/admission/gpu-profiles/gpu-profile.js';
import { unknownProfile } from '../../../src/admission/gpu-profiles/unknown-profile.js';
import type { Admitted, AdmissionRequest } from '../../../src/admission/server/admission-review.js';
import type { Pod } from '../../../src/api/core-kinds.js';
import { KEYS } from '../../../src/api/group.js';
import { kubernetesConfig } from '../../../src/config.js';
import { jobPod } from '../../pods/some-pods.js';
import { patched } from './json-patch.js';

const settings = kubernetesConfig({ gpuProfiles: { enabled: true, profiles: { quiet: { NCCL_DEBUG: 'WARN' } } } });

describe('gpuProfile', () => {
  it('knows the profiles that are built in, and those of the configuration', async () => {
    for (const [name, variable] of [
      ['single-gpu', { name: 'UV_USE_IO_URING', value: '0' }],
      ['single-node', { name: 'NCCL_NVLS_ENABLE', value: '0' }],
      ['tensor-parallel', { name: 'NCCL_P2P_DISABLE', value: '1' }],
      ['quiet', { name: 'NCCL_DEBUG', value: 'WARN' }],
    ] as const) {
      const pod = labelled(name);
      const { patch = [], warnings } = await asked(pod);
      const env = patched(pod, patch).spec.containers[0]?.['env'] as readonly unknown[];
      assert.ok(
        env.some((one) => JSON.stringify(one) === JSON.stringify(variable)),
        name,
      );
      assert.deepEqual(warnings, []);
    }
  });

  it('those that are built in keep to what is asked of those of the configuration', () => {
    const renamed = Object.entries(BUILT_IN_PROFILES).map(([name, profile]) => [`our-${name}`, profile]);
    assert.ok(renamed.length > 0);
    kubernetesConfig({ gpuProfiles: { profiles: Object.fromEntries(renamed) as Record<string, Profile> } });
  });

  it('admits a pod with another name unchanged, and says which there are', async () => {
    for (const name of ['tensor-paralel', '', 'constructor', 'x'.repeat(63)]) {
      const { patch, warnings } = await asked(labelled(name));
      assert.equal(patch, undefined);
      assert.equal(warnings?.length, 1);
      assert.ok(warnings[0]?.includes('known are single-gpu, single-node, tensor-parallel, quiet'), warnings[0]);
      assert.ok((warnings[0]?.length ?? 0) <= 250, 'the API server cuts what is longer');
    }
  });

  it('tells the author what was left as it is, and what it could not see', async () => {
    const containers = [
      { name: 'main', env: [{ name: 'NCCL_DEBUG', value: 'INFO' }], envFrom: [{ secretRef: { name: 's' } }] },
    ];
    const { warnings = [] } = await asked(labelled('quiet', { spec: { containers } }));
    assert.deepEqual(warnings, [
      'GPU profile quiet: container main sets NCCL_DEBUG otherwise, which was left as it is',
      'GPU profile quiet: container main has envFrom; what the profile sets comes before what is in there',
    ]);
  });

  it('leaves pods without the label, static pods and changes of pods alone', async () => {
    assert.deepEqual(await asked(jobPod()), {});
    assert.deepEqual(await asked(labelled('quiet'), { operation: 'UPDATE' }), {});
    const annotations = { 'kubernetes.io/config.mirror': 'hash' };
    assert.deepEqual(await asked(labelled('quiet', { metadata: { annotations } })), {});
  });

  it('admits what it cannot read', async () => {
    const logger = new MemoryLogger();
    const broken = { ...labelled('quiet'), spec: { containers: 'none' } } as unknown as Pod;
    const { patch, warnings } = await asked(broken, {}, logger);
    assert.equal(patch, undefined);
    assert.match(warnings?.[0] ?? '', /nothing was set/);
    assert.equal(logger.lines.length, 1);
  });
});

describe('unknownProfile', () => {
  it('guesses what was meant, if it is close', () => {
    const known = ['single-gpu', 'single-node', 'tensor-parallel'];
    assert.match(unknownProfile('Single-GPU', known), /no GPU profile "Single-GPU" \(did you mean single-gpu\?\)/);
    assert.match(unknownProfile('tensorparallel', known), /did you mean tensor-parallel\?/);
    assert.doesNotMatch(unknownProfile('vllm', known), /did you mean/);
  });

  it('names some of many', () => {
    const known = Array.from({ length: 20 }, (_, at) => `profile-${at}`);
    assert.match(unknownProfile('none', known), /known are profile-0, .*profile-7, and 12 more$/);
  });
});

async function asked(
  pod: Pod,
  changes: Partial<AdmissionRequest> = {},
  logger = new MemoryLogger(),
): Promise<Admitted> {
  const request = {
    uid: 'u',
    operation: 'CREATE',
    namespace: 'default',
    dryRun: false,
    user: 'me',
    object: pod,
  } as const;
  return gpuProfile({ settings, logger })({ ...request, ...changes }, new AbortController().signal);
}

function labelled(profile: string, changes: Parameters<typeof jobPod>[0] = {}): Pod {
  return jobPod({ ...changes, metadata: { ...changes.metadata, labels: { [KEYS.gpuProfile]: profile } } });
}
