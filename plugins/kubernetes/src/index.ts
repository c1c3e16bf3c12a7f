// SPDX-License-Identifier: Apache-2.0
export { API_VERSION, FINALIZER, GROUP, KEYS, MANAGERS, VERSION } from './api/group.js';
