// JSON that may be anything: only what is an object is looked into.

export interface Json {
  readonly [name: string]: unknown
}

/** Undefined members for what is none. */
export const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {}

/** Of a list; none where it is no list. */
export const objects = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
