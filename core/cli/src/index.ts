// SPDX-License-Identifier: Apache-2.0
/**
 * The `grit` command.
 *
 * @packageDocumentation
 */
export { main, type CommandLineProcess } from './main.js';
export type { Terminal } from './output/terminal.js';
