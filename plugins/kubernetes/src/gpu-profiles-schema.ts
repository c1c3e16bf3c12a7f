// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { BUILT_IN_PROFILES } from './admission/gpu-profiles/built-in-profiles.js';

/** Which GPUs a container has is a matter of its resources. A process that sees other ones than its container cannot be restored. */
const CHOICE_OF_GPUS = ['CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES', 'NVIDIA_DRIVER_CAPABILITIES'];
/** What was set stands in an annotation, too, for each container; all annotations of a pod may have 256 KiB. */
const MOST = { profiles: 64, variables: 32, name: 64, value: 128 };

const profileName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected lower case letters, digits and -: it is the value of a label')
  .refine((name) => !Object.hasOwn(BUILT_IN_PROFILES, name), 'is built in, choose another name');

const variableName = z
  .string()
  .max(MOST.name)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable: letters, digits and _')
  .refine((name) => !CHOICE_OF_GPUS.includes(name), 'chooses GPUs, which the resources of a container do');

const value = z
  .string('expected a text; write numbers with quotes: "0"')
  .max(MOST.value)
  .regex(/^[\x20-\x7e]*$/, 'expected printable ASCII')
  .refine((text) => !text.includes('$('), 'must not have $(, which the kubelet would replace');

const most = (limit: number) => (entries: object) => Object.keys(entries).length <= limit;

/** Profiles beside those that are built in: by name, the variables. */
export const profilesSchema = z
  .record(
    profileName,
    z
      .record(variableName, value)
      .refine((variables) => Object.keys(variables).length > 0, 'expected a variable')
      .refine(most(MOST.variables), `expected ${MOST.variables} variables at most`),
  )
  .refine(most(MOST.profiles), `expected ${MOST.profiles} profiles at most`);
