// SPDX-License-Identifier: Apache-2.0
export { asList, type Manifest, type WorkloadOptions } from './manifests/manifest.js';
export { counterPod, type CounterOptions } from './manifests/counter-pod.js';
export { servingDeployment, SERVING_PORT, type ServingOptions } from './manifests/serving-deployment.js';
export { sharedClaim } from './manifests/shared-claim.js';
export { tallySet, type TallyOptions } from './manifests/tally-set.js';
export { trainingJob, type TrainingOptions } from './manifests/training-job.js';
