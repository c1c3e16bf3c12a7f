// SPDX-License-Identifier: Apache-2.0
/**
 * The contracts of GRIT: what a plugin implements and what it is given.
 *
 * @packageDocumentation
 */
export * from './brand.js';
export * from './catalog/checkpoint-catalog.js';
export * from './closest-name.js';
export * from './errors/catalogue.js';
export * from './errors/grit-error.js';
export * from './errors/outcome.js';
export * from './image/check-part-name.js';
export * from './image/image-sink.js';
export * from './image/image-source.js';
export * from './image/page-sink.js';
export * from './image/part.js';
export * from './json.js';
export * from './node/node-steps.js';
export * from './operation/operation-coordinator.js';
export * from './operation/operation-request.js';
export * from './operation/operation-status.js';
export * from './plugin/config-schema.js';
export * from './plugin/core-services.js';
export * from './plugin/define-plugin.js';
export * from './plugin/logger.js';
export * from './plugin/parse-manifest.js';
export * from './plugin/plugin-manifest.js';
export * from './plugin/service-ref.js';
export * from './plugin/standard-schema.js';
export * from './plugin/version-range.js';
export * from './progress.js';
export * from './queue/job-queue.js';
export * from './runtime/device-driver.js';
export * from './runtime/hold.js';
export * from './runtime/node-facts.js';
export * from './runtime/preflight.js';
export * from './runtime/runtime-driver.js';
export * from './runtime/start-gate.js';
export * from './storage/key-provider.js';
export * from './storage/storage-factory.js';
export * from './storage/storage-provider.js';
export * from './trigger/trigger.js';
export * from './workload/check-name.js';
export * from './workload/workload-launcher.js';
export * from './workload/workload-ref.js';
export * from './workload/workload-resolver.js';
export * from './workload/workload-spec.js';
