// SPDX-License-Identifier: Apache-2.0
import { GROUP } from '../api/group.js';
import type { PolicyRule } from './right.js';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const NAMESPACED = ['checkpoints', 'restores', 'migrations'];
const CLUSTER = ['checkpointstores', 'gritnodes'];

/**
 * What people may do who are bound to the roles view, edit and admin of Kubernetes, in the namespaces where they are bound. Nobody of
 * them writes a status, which only we do, and nobody a CheckpointStore, which says where privileged agents write to.
 */
export const USER_RIGHTS: Readonly<Record<'view' | 'edit' | 'admin', readonly PolicyRule[]>> = {
  view: [{ apiGroups: [GROUP], resources: [...NAMESPACED, ...CLUSTER], verbs: READ }],
  edit: [{ apiGroups: [GROUP], resources: NAMESPACED, verbs: WRITE }],
  admin: [{ apiGroups: [GROUP], resources: NAMESPACED, verbs: [...READ, ...WRITE] }],
};
