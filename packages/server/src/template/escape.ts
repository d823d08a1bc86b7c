// Escapes of Go's own.

/** url.QueryEscape */
export const queryEscaped = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\ufffd',
}

/** template.HTMLEscapeString */
export const htmlEscaped = (text: string): string =>
  text.replace(/[&<>"'\0]/g, (mark) => ENTITIES[mark]!)
