// Argo's published schema as a judge, stricter than it is: a field that it does not know is a fault.

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'

export const ARGO_KINDS = [
  'ClusterWorkflowTemplate',
  'CronWorkflow',
  'Workflow',
  'WorkflowEventBinding',
  'WorkflowTemplate',
] as const

interface Schema {
  readonly $id: string
  readonly definitions: Record<
    string,
    { properties?: unknown; additionalProperties?: unknown; type?: unknown }
  >
}

/** Gives the faults of a document, each with its path; none where it is sound. */
export function argoSchema(text: string): (document: { readonly kind: string }) => string[] {
  const schema = JSON.parse(text) as Schema
  for (const definition of Object.values(schema.definitions))
    if (definition.properties) definition.additionalProperties ??= false
  // Published as text alone; the API takes the number that its name says.
  schema.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']!.type = [
    'integer',
    'string',
  ]
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema(schema)
  return (document) => {
    const kind = ARGO_KINDS.find((each) => each === document.kind)
    if (!kind)
      return [`/kind: ${document.kind} is no kind of Argo's, which are ${ARGO_KINDS.join(', ')}`]
    const validate = ajv.compile({
      $ref: `${schema.$id}#/definitions/io.argoproj.workflow.v1alpha1.${kind}`,
    })
    validate(document)
    return (validate.errors ?? []).map(sentence)
  }
}

function sentence({ instancePath, message, params, keyword }: ErrorObject): string {
  if (keyword === 'additionalProperties')
    return `${instancePath}/${params.additionalProperty}: Argo knows no such field there`
  return `${instancePath || '/'}: ${message}`
}
