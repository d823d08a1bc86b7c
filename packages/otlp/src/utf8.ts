// Whether bytes are UTF-8, which proto3 demands of its strings.

/** Whether `bytes[start, end)` is UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    const lead = bytes[at++]!
    if (lead < 0x80) continue
    // How many bytes follow, and the range of the first of them: RFC 3629, section 4.
    let more = 1
    let least = 0x80
    let most = 0xbf
    if (lead < 0xc2 || lead > 0xf4) return false
    if (lead >= 0xf0) {
      more = 3
      if (lead === 0xf0) least = 0x90
      else if (lead === 0xf4) most = 0x8f
    } else if (lead >= 0xe0) {
      more = 2
      if (lead === 0xe0) least = 0xa0
      else if (lead === 0xed) most = 0x9f
    }
    if (end - at < more || bytes[at]! < least || bytes[at]! > most) return false
    for (at++; more > 1; more--) if ((bytes[at++]! & 0xc0) !== 0x80) return false
  }
  return true
}
