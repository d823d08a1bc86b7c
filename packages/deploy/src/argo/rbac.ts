// What a pod of a workflow may do.

import { stringify } from 'yaml'
import { GENERATED, type PackFile } from '../pack-file.ts'
import { file } from './template.ts'

export const SERVICE_ACCOUNT = 'agent-steps'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const GROUP = 'rbac.authorization.k8s.io'

const role = (name: string, rule: Rule) => [
  { apiVersion: `${GROUP}/v1`, kind: 'Role', metadata: { name }, rules: [rule] },
  {
    apiVersion: `${GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name: SERVICE_ACCOUNT }],
  },
]

const documents = (about: string, values: readonly unknown[]) =>
  [
    `# ${about}\n# ${GENERATED}\n`,
    ...values.map((value) => stringify(value, { lineWidth: 0 })),
  ].join('---\n')

export const RBAC: PackFile = {
  path: file('rbac.yaml'),
  content: documents(
    'The account of the pods: what their executor needs to report how they ended, and no more.',
    [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: SERVICE_ACCOUNT } },
      ...role(SERVICE_ACCOUNT, {
        apiGroups: ['argoproj.io'],
        resources: ['workflowtaskresults'],
        verbs: ['create', 'patch'],
      }),
    ],
  ),
}

export const RBAC_PODS: PackFile = {
  path: file('variants/rbac-pods.yaml'),
  content: documents(
    'Beside rbac.yaml: a step may write the annotation trace.context, and whatever else, on every pod of the namespace.',
    role(`${SERVICE_ACCOUNT}-pods`, { apiGroups: [''], resources: ['pods'], verbs: ['patch'] }),
  ),
}
