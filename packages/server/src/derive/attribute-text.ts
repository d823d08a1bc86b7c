// Attributes as text: labels and tag searches compare text, whatever type the sender chose.

import { type KeyValue, valueText } from '@stepwell/otlp'

/** The first of each key counts: OTLP leaves a second one undefined. */
export function attributeTexts(attributes: readonly KeyValue[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { key, value } of attributes) {
    if (!texts.has(key)) texts.set(key, value ? valueText(value) : '')
  }
  return texts
}
