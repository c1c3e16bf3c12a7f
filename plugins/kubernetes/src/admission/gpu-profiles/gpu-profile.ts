// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import { isMirrorPod } from '../../pods/pod-state.js';
import type { AdmissionContext } from '../admission-context.js';
import { podOf } from '../pods/pod-of.js';
import type { AdmissionHandler, Admitted } from '../server/admission-review.js';
import { applyProfile, type AppliedProfile } from './apply-profile.js';
import { BUILT_IN_PROFILES, type Profile } from './built-in-profiles.js';
import { unknownProfile } from './unknown-profile.js';

/** Gives new pods the environment that their label asks for. It admits every pod: what cannot be done is a warning. */
export function gpuProfile({ settings, logger }: Pick<AdmissionContext, 'settings' | 'logger'>): AdmissionHandler {
  const profiles = { ...BUILT_IN_PROFILES, ...settings.gpuProfiles.profiles };
  return async ({ operation, namespace, object }) => {
    const pod = podOf(object, namespace);
    const name = pod.metadata.labels?.[KEYS.gpuProfile];
    // A kubelet whose pod is not the one in its file makes it anew, again and again.
    if (operation !== 'CREATE' || name === undefined || isMirrorPod(pod)) return {};
    try {
      return admitted(pod, name, profiles);
    } catch (error) {
      logger.error('GPU profile not applied', { namespace, name: pod.metadata.name, cause: String(error) });
      return { warnings: [`GPU profile ${name}: nothing was set, GRIT could not read this pod`] };
    }
  };
}

function admitted(pod: Pod, name: string, profiles: Readonly<Record<string, Profile>>): Admitted {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined) return { warnings: [unknownProfile(name, Object.keys(profiles))] };
  const { patch, notes } = applyProfile(pod, name, profile);
  return { patch, warnings: warningsOf(name, notes) };
}

function warningsOf(name: string, notes: AppliedProfile['notes']): string[] {
  return notes.flatMap(({ container, kept, unseen }) => [
    ...(kept.length > 0
      ? [`GPU profile ${name}: container ${container} sets ${kept.join(', ')} otherwise, which was left as it is`]
      : []),
    ...(unseen
      ? [`GPU profile ${name}: container ${container} has envFrom; what the profile sets comes before what is in there`]
      : []),
  ]);
}
