// SPDX-License-Identifier: Apache-2.0
/**
 * For authors of plugins: a platform in one call, faults and barriers, conformance suites.
 *
 * @packageDocumentation
 */
export { Barriers } from './faults/barrier-control.js';
export { withBarriers } from './faults/barriers.js';
export { withFaultControl } from './faults/fault-plugin.js';
export type { Fault, FaultErrno, FaultPoint } from './faults/fault.js';
export type { FaultTarget } from './faults/intercept.js';
export { KillingCriu } from './faults/killing-criu.js';
export { withFaults } from './faults/with-faults.js';
export { givenRuntime, givenStorage, givenTrigger } from './platform/given-plugins.js';
export { MemoryLogger, type LogLine } from './platform/memory-logger.js';
export {
  startTestPlatform,
  type TestPlatform,
  type TestPlatformOptions,
  type TestRequest,
} from './platform/start-test-platform.js';
export type { TestPlugin, TestRuntime } from './platform/test-config.js';
export { MemoryNode, type MemoryHold, type MemoryProcess } from './runtime/memory-node.js';
export { MemoryRuntimeDriver, type MemoryRuntimeDriverOptions } from './runtime/memory-runtime-driver.js';
export { MemoryStorage, type MemoryImage, type MemoryStorageOptions } from './storage/memory-storage.js';
export { storageProviderSuite, type StorageProviderSuiteOptions } from './storage/storage-provider-suite.js';
export type { StorageDamage, StorageSubject } from './storage/storage-subject.js';
export { FileImageSink } from './suites/runtime/file-image-sink.js';
export { runtimeDriverSuite, type RuntimeDriverSuiteOptions } from './suites/runtime/runtime-driver-suite.js';
export { stubDriverSuite, type StubDriverSuiteOptions, type StubSubject } from './suites/runtime/stub-driver-suite.js';
export type { RuntimeSubject } from './suites/runtime/runtime-subject.js';
export type { TestFunctions } from './suites/test-functions.js';
export { MemoryOperations } from './suites/trigger/memory-operations.js';
export {
  triggerSuite,
  type TriggerAnswer,
  type TriggerSubject,
  type TriggerSuiteOptions,
} from './suites/trigger/trigger-suite.js';
