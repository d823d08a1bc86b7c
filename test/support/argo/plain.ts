// A workflow of each thing that the stand-in does, to be run on it and on Argo's own controllers.

export const PLAIN = `
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: plain }
spec:
  entrypoint: main
  onExit: finish
  podMetadata: { labels: { repo: "{{=sprig.trunc(63, workflow.parameters.repo)}}" } }
  arguments:
    parameters:
      - { name: repo }
      - { name: command, value: 'true' }
      - { name: deadline, value: '600' }
  templates:
    - name: main
      steps:
        - - name: first
            template: shell
            arguments: { parameters: [{ name: command, value: "{{workflow.parameters.command}}" }] }
            hooks: { exit: { template: echo, arguments: { parameters: [{ name: text, value: "{{steps.first.status}} {{steps.first.exitCode}}" }] } } }
        - - name: second
            template: echo
            arguments: { parameters: [{ name: text, value: "{{steps.first.outputs.parameters.out}}" }] }
        - - { name: graph, template: graph }
      outputs:
        parameters: [{ name: out, valueFrom: { expression: "'<' + steps.first.outputs.parameters.out + '>'" } }]
    - name: graph
      dag:
        tasks:
          - { name: a, template: echo, arguments: { parameters: [{ name: text, value: of-a }] } }
          - { name: b, template: echo, depends: a.Failed, arguments: { parameters: [{ name: text, value: of-b }] } }
          - { name: c, template: echo, depends: a.Succeeded || b, arguments: { parameters: [{ name: text, value: "{{tasks.a.status}}" }] } }
    - name: shell
      inputs: { parameters: [{ name: command }] }
      activeDeadlineSeconds: "{{workflow.parameters.deadline}}"
      retryStrategy: { limit: 1 }
      outputs: { parameters: [{ name: out, valueFrom: { path: /tmp/out, default: none } }] }
      container:
        image: any
        command: [sh, -c, "{{inputs.parameters.command}}"]
        env:
          - { name: RETRIES, value: "{{retries}}" }
          - { name: TRACEPARENT, value: of-the-template }
          - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
    - name: echo
      inputs: { parameters: [{ name: text }] }
      container: { image: any, command: [printf, '%s\\n'], args: ["{{inputs.parameters.text}}"] }
    - name: finish
      container:
        image: any
        command: [sh, -c, 'echo "ended $STATUS"; printf %s "$FAILURES"']
        env:
          - { name: STATUS, value: "{{workflow.status}}" }
          - { name: FAILURES, value: "{{workflow.failures}}" }
`

/** What comes to an end in each way that a step can. */
export const COMMANDS: readonly Readonly<Record<string, string>>[] = [
  { command: 'echo "$RETRIES"; echo made >/tmp/out' },
  { command: 'echo kept >/tmp/out; exit 3' },
  { command: 'kill -9 $$' },
  { command: 'exit "$((1 - RETRIES))"' },
  {
    command: "trap 'echo late >/tmp/out; exit 9' TERM; sleep 600 & wait",
    deadline: '1',
  },
]
