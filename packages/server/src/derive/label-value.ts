// Labels have a limit, though attributes have none: a text of a megabyte would be in every line of a histogram.

import { LABEL_VALUE_BYTES } from '@stepwell/model'

/** The text, or its beginning that fits; the Collector's `truncate_all` cuts at the same place. */
export function labelValue(text: string): string {
  // A UTF-16 unit takes three bytes of UTF-8 at the most, and one at least.
  if (text.length * 3 <= LABEL_VALUE_BYTES) return text
  const bytes = Buffer.from(text.slice(0, LABEL_VALUE_BYTES + 1))
  if (bytes.length <= LABEL_VALUE_BYTES) return text
  let end = LABEL_VALUE_BYTES
  while ((bytes[end]! & 0b1100_0000) === 0b1000_0000) end--
  return bytes.toString('utf8', 0, end)
}
