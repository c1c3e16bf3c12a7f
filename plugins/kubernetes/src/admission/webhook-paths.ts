// SPDX-License-Identifier: Apache-2.0

/** Where the server answers what. The webhook configurations name the same paths. */
export const PATHS = {
  validateCheckpoint: '/validate/checkpoint',
  validateRestore: '/validate/restore',
  validateMigration: '/validate/migration',
  validateStore: '/validate/checkpointstore',
  defaultRestore: '/default/restore',
  mutatePod: '/mutate/pod',
  gpuProfile: '/mutate/gpu-profile',
  validatePod: '/validate/pod',
} as const;
