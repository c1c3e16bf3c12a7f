// SPDX-License-Identifier: Apache-2.0
export { asList } from './manifests/manifest.js';
export { counterPod } from './manifests/counter-pod.js';
export { servingDeployment, SERVING_PORT } from './manifests/serving-deployment.js';
export { sharedClaim } from './manifests/shared-claim.js';
export { tallySet } from './manifests/tally-set.js';
export { trainingJob, type TrainingOptions } from './manifests/training-job.js';
