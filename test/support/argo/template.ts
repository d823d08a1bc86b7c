// The parts of a WorkflowTemplate that tests read. What a document may hold is for `schema.ts` to say.

export interface WorkflowTemplate {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: WorkflowSpec
}

export interface WorkflowSpec {
  readonly entrypoint?: string
  readonly onExit?: string
  readonly serviceAccountName?: string
  readonly arguments?: Arguments
  readonly podMetadata?: Metadata
  readonly volumes?: readonly Volume[]
  readonly templates: readonly Template[]
}

export interface Metadata {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Arguments {
  readonly parameters?: readonly Parameter[]
}

export interface Parameter {
  readonly name: string
  readonly value?: string
  readonly default?: string
  readonly globalName?: string
  readonly valueFrom?: {
    readonly path?: string
    readonly parameter?: string
    readonly expression?: string
    readonly default?: string
  }
}

export interface Template {
  readonly name: string
  readonly inputs?: Arguments
  readonly outputs?: Arguments
  readonly metadata?: Metadata
  readonly container?: Container
  readonly script?: Container & { readonly source: string }
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly steps?: readonly (readonly Step[])[]
  readonly dag?: { readonly tasks: readonly Step[]; readonly target?: string }
  readonly retryStrategy?: RetryStrategy
  readonly activeDeadlineSeconds?: string | number
}

export interface RetryStrategy {
  readonly limit?: string | number
  readonly retryPolicy?: 'Always' | 'OnFailure' | 'OnError' | 'OnTransientError'
  readonly expression?: string
}

export interface Volume {
  readonly name: string
}

export interface Container {
  readonly name?: string
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvironmentVariable[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
}

export interface EnvironmentVariable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } }
}

export interface Step {
  readonly name: string
  readonly template?: string
  readonly templateRef?: { readonly name: string; readonly template: string }
  readonly arguments?: Arguments
  readonly when?: string
  readonly continueOn?: { readonly failed?: boolean; readonly error?: boolean }
  readonly dependencies?: readonly string[]
  readonly depends?: string
  readonly hooks?: { readonly exit?: Hook }
}

export interface Hook {
  readonly template?: string
  readonly templateRef?: Step['templateRef']
  readonly arguments?: Arguments
  readonly expression?: string
}
