// SPDX-License-Identifier: Apache-2.0
// Loaded before a process of ours: its clock is off by GRIT_TEST_CLOCK_SKEW_MS. Its monotonic time is not, as in reality.
const skew = Number(process.env.GRIT_TEST_CLOCK_SKEW_MS ?? 0);
const RealDate = Date;
const now = () => RealDate.now() + skew;

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, values, made) => Reflect.construct(target, values.length === 0 ? [now()] : values, made),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
