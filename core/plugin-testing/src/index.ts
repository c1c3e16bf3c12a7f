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
export { withFaults } from './faults/with-faults.js';
