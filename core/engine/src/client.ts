// SPDX-License-Identifier: Apache-2.0
// What a short-lived program needs to talk to a running server: loads no other part of the engine.
export type { NodeRecord, WorkloadRecord } from './catalog/catalog.js';
export type { PlatformApi, PluginReport, ServerStatus } from './api/platform-api.js';
export { PlatformClient, type PlatformClientOptions } from './api/client/platform-client.js';
