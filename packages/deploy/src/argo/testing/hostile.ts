// What may stand in a workflow's parameters, and what is to come of it.

/** A parameter, and the label that it makes. */
export const LABELS: readonly (readonly [value: string, label: string])[] = [
  ['', ''],
  ['test', 'test'],
  ['owner/name', 'owner-name'],
  ['Owner/Name.js_2', 'Owner-Name.js_2'],
  ['a'.repeat(200), 'a'.repeat(63)],
  [`${'a'.repeat(62)}/b`, 'a'.repeat(62)],
  [`/${'a'.repeat(62)}/b`, 'a'.repeat(62)],
  ['-._both ends_.-', 'both-ends'],
  ['////', ''],
  ['😀', ''],
  ['a😀b', 'a-b'],
  // Of a later Unicode than Go knows, and of none.
  ['a\u{1fae9}\u{3ffff}b', 'a-b'],
  ['ünïcode', 'n-code'],
  ['true', 'true'],
  ['null', 'null'],
  ['0042', '0042'],
  ['"quoted" \\ \n\t', 'quoted'],
  ['\u001b[31mred\u0007\u000b\u007f', '31mred'],
  ['\u2028<&>', ''],
  ["'); x", 'x'],
  ['$(REPO) $$ $', 'REPO'],
  ['{{workflow.name}}', 'workflow.name'],
  ['{{{{=1 + 1}}', '1-1'],
  ['{{inputs.parameters.none}}', 'inputs.parameters.none'],
]

const URL = 'https://example.com/o/r/pull/7?a=1&b=<2>'

/** An event, and the address in its `pull_request`. */
export const EVENTS: readonly (readonly [event: string, url: string])[] = [
  [JSON.stringify({ pull_request: { html_url: URL } }), URL],
  ...[
    '',
    'garbage',
    '{}',
    'null',
    '[]',
    '7',
    '"text"',
    '{"pull_request":',
    '{"pull_request":null}',
    '{"pull_request":"text"}',
    '{"pull_request":[1]}',
    '{"pull_request":{}}',
    '{"pull_request":{"html_url":null}}',
    '{"pull_request":{"html_url":7}}',
    '{"pull_request":{"html_url":["https://example.com"]}}',
    '{"pull_request":{"html_url":"javascript:alert(1)"}}',
    '{"pull_request":{"html_url":"https://example.com/{{=1 + 1}}"}}',
    '{"pull_request":{"html_url":"https://example.com/\\n"}}',
    `{"body":"${'x'.repeat(200_000)}"}`,
  ].map((event) => [event, ''] as const),
]
