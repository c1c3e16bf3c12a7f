// SPDX-License-Identifier: Apache-2.0
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { installGrit } from '../kubernetes/install.js';
import { ApiCalls } from './api-calls.js';
import { describeAgentPolicy } from './agent-policy.js';
import { describeCompatibility } from './compatibility.js';
import { describeExamples } from './examples.js';
import { describeExplanations } from './explanations.js';
import { describeRules } from './rules.js';
import { describeTables } from './tables.js';
import { describeUserRights } from './user-rights.js';

describe('resources on a real API server', function () {
  this.timeout(300_000);
  let started: Cluster | undefined;
  let calls: ApiCalls | undefined;
  const cluster = (): Cluster => {
    if (started === undefined) throw new Error('the cluster has not started');
    return started;
  };
  const admin = (): ApiCalls => {
    calls ??= new ApiCalls(cluster().kubeconfig);
    return calls;
  };

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    const signal = AbortSignal.timeout(280_000);
    started = await startCluster({}, signal);
    await installGrit(started, signal);
  });
  after(async () => {
    calls?.close();
    await started?.stop();
  });

  describeExamples(cluster);
  describeRules(admin);
  describeCompatibility(admin);
  describeExplanations(cluster);
  describeTables(cluster, admin);
  describeAgentPolicy(cluster, admin);
  describeUserRights(admin);
});
