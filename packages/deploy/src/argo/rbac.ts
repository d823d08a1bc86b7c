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

const role = (name: string, rules: readonly Rule[]) => [
  { apiVersion: `${GROUP}/v1`, kind: 'Role', metadata: { name }, rules },
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
      ...role(SERVICE_ACCOUNT, [
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflowtaskresults'],
          verbs: ['create', 'patch'],
        },
      ]),
    ],
  ),
}
