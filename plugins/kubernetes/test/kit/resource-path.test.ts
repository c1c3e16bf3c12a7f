// SPDX-License-Identifier: Apache-2.0
import { equal, throws } from 'node:assert/strict';
import { LEASES, NODES, PODS } from '../../src/api/core-kinds.js';
import { resourcePath } from '../../src/kit/resource-path.js';

describe('the path of an object', () => {
  it('has its group, its namespace, its part', () => {
    equal(resourcePath(PODS, { namespace: 'x', name: 'a' }), '/api/v1/namespaces/x/pods/a');
    equal(resourcePath(PODS, {}), '/api/v1/pods');
    equal(resourcePath(NODES, { namespace: 'x', name: 'n', subresource: 'status' }), '/api/v1/nodes/n/status');
    equal(resourcePath(LEASES, { namespace: 'x' }), '/apis/coordination.k8s.io/v1/namespaces/x/leases');
  });

  it('is never the path of something else, whatever a name is', () => {
    equal(resourcePath(NODES, { name: '../pods?x#y' }), '/api/v1/nodes/..%2Fpods%3Fx%23y');
    for (const bad of ['', '.', '..']) {
      throws(() => resourcePath(PODS, { namespace: 'x', name: bad }), { status: 400 });
      throws(() => resourcePath(PODS, { namespace: bad, name: 'a' }), { status: 400 });
    }
  });
});
