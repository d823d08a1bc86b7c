import { expect, test } from 'bun:test'
import { found, missing, notLooked } from './finding.ts'
import { junit } from './junit.ts'

test('a test case for each thing: found, missing with its reason, not looked for', () => {
  const xml = junit(
    'stepwell validate all',
    [
      found('traces spans', 'all', 0.25),
      missing('logs lines', 'none', 'see <loki>', 60),
      notLooked('logs labels', 'lines are missing'),
    ],
    new Date('2026-11-25T10:00:00Z'),
  )
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="stepwell validate all" tests="3" failures="1" errors="0" skipped="1" time="60.000">
  <testsuite name="stepwell validate all" tests="3" failures="1" errors="0" skipped="1" time="60.000" timestamp="2026-11-25T10:00:00">
    <testcase classname="stepwell.validate.all" name="traces spans" time="0.250">
      <system-out>all</system-out>
    </testcase>
    <testcase classname="stepwell.validate.all" name="logs lines" time="60.000">
      <failure message="none" type="missing">none; see &lt;loki&gt;</failure>
    </testcase>
    <testcase classname="stepwell.validate.all" name="logs labels" time="0.000">
      <skipped message="not looked for; lines are missing"/>
    </testcase>
  </testsuite>
</testsuites>
`)
})

test('what a store answers cannot break the XML', () => {
  const text = `<a b="c">&amp;]]>\r\n\0\x1b[31m\ud800\uffff 😀`
  const xml = junit('s', [{ ...missing('n', '', ''), message: text }], new Date(0))
  expect(xml).toContain(
    'message="&lt;a b=&quot;c&quot;&gt;&amp;amp;]]&gt;\ufffd&#10;\ufffd\ufffd[31m\ufffd\ufffd 😀"',
  )
})
