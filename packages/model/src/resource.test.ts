import { expect, test } from 'bun:test'
import { formatResourceAttributes, ownResource, parseResourceAttributes } from './resource.ts'

test('attributes survive the way through the variable', () => {
  const attributes = { agent: 'a b', 'task.id': 'x,y=z%', repo: 'o/r', name: 'naïve ✓' }
  expect(parseResourceAttributes(formatResourceAttributes(attributes))).toEqual(attributes)
  expect(formatResourceAttributes({ a: '', b: undefined, c: 1 })).toBe('c=1')
})

test('what is malformed anywhere is discarded as a whole, as the specification asks', () => {
  for (const text of ['a', '=b', 'a=1,b', 'a=%zz']) {
    expect([text, parseResourceAttributes(text)]).toEqual([text, undefined])
  }
  expect(parseResourceAttributes(' a = 1 ,, b=2')).toEqual({ a: '1', b: '2' })
})

test('our own resource: the service, both names of environment and namespace, nothing handed down', () => {
  expect(ownResource({})).toEqual({ 'service.name': 'agent-steps' })
  expect(
    ownResource({
      OTEL_SERVICE_NAME: 'named',
      OTEL_RESOURCE_ATTRIBUTES:
        'service.name=other,deployment.environment.name=prod,k8s.namespace=ns,agent=x,stepwell.span_id=1',
    }),
  ).toEqual({
    'service.name': 'named',
    'deployment.environment': 'prod',
    'deployment.environment.name': 'prod',
    'k8s.namespace': 'ns',
    'k8s.namespace.name': 'ns',
  })
  const warnings: string[] = []
  ownResource({ OTEL_RESOURCE_ATTRIBUTES: 'broken' }, (sentence) => warnings.push(sentence))
  expect(warnings).toHaveLength(1)
})
