// Expressions of Argo that hold for any value, on 3.6, 3.7 and 4.x. A plain tag, `{{name}}`, quotes its value by Go's
// rules into JSON: a control character in it, and Argo makes no pod.

/** `name` is a variable of Argo: `workflow.parameters.repo`. */
type Expression = (name: string) => string

const tag = (expression: string) => `{{=${expression}}}`

/** Without what would be a tag: Argo looks at what it has put in once more. */
const untagged = (name: string) => `sprig.regexReplaceAll('[{][{]+', ${name}, '{')`

/** As it is, for an annotation or an argument. */
export const raw: Expression = (name) => tag(untagged(name))

/** As it is, for a variable of a container: Kubernetes reads `$(NAME)` there, and `$$` as a dollar. */
export const variable: Expression = (name) => tag(undollared(untagged(name)))

const undollared = (expression: string) => `sprig.replace('$', '$$', ${expression})`

/** A label's value (at most 63 of `A-Za-z0-9-_.`, ends alphanumeric), or none: `owner/name` is `owner-name`. */
export const label: Expression = (name) =>
  tag(
    trimmed(
      `sprig.trunc(63, ${trimmed(`sprig.regexReplaceAll('[^A-Za-z0-9._-]+', ${name}, '-')`)})`,
    ),
  )

const trimmed = (expression: string) => `sprig.trimAll('-_.', ${expression})`

/** Linux takes no variable of more than 128 KiB. */
const VARIABLE_BYTES = 120_000

/** A list that Argo writes, for a variable of a container; empty where it is too long for one. */
export const listed: Expression = (name) =>
  tag(`sprig.trunc(${VARIABLE_BYTES}, ${name}) == ${name} ? ${undollared(untagged(name))} : ''`)

/**
 * `html_url` of a part of the event, if it is an address; else empty: `jsonpath` would end the step. No braces: they
 * would be a tag.
 */
export function urlInEvent(event: string, part: string): string {
  const json = `sprig.fromJson(${event})`
  const isMap = (value: string) => `type(${value}) == 'map'`
  const url = `${isMap(json)} && ${isMap(`${json}.${part}`)} ? string(${json}.${part}.html_url ?? '') : ''`
  return tag(`sprig.regexFind('^https?://[!-z|~]+$', ${url})`)
}
