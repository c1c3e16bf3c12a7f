// SPDX-License-Identifier: Apache-2.0
import { SEED, Seeded } from './seeded.js';

/** What is packed before and after the kill. */
export const KILLED_PAGES = new Seeded(SEED).bytes(12 * 1024 * 1024);

export const KILLED_LIMITS = { slabBytes: 256 * 1024, packBytes: 1024 * 1024, threads: 2 };
