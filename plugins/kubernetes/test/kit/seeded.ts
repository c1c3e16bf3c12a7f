// SPDX-License-Identifier: Apache-2.0

/** All that is random in these tests; GRIT_SEED chooses another. fast-check prints it with a failure. */
export const SEEDED = { seed: Number(process.env['GRIT_SEED'] ?? 20_261_128), numRuns: 200 };
