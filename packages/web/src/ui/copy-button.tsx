// Copies a text, and says so.

import { useEffect, useState } from 'react'
import { Icon } from './icon.tsx'

const SAID_MILLISECONDS = 1200

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SAID_MILLISECONDS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button
      type="button"
      className="icon-button is-small"
      aria-label={isCopied ? 'Copied' : `Copy ${label}`}
      title={isCopied ? 'Copied' : `Copy ${label}`}
      onClick={() => {
        // Refused where the page is not served from a secure origin: then nothing was copied, and nothing says so.
        void navigator.clipboard?.writeText(text).then(() => setCopied(true))
      }}
    >
      <Icon name={isCopied ? 'check' : 'copy'} size={13} />
    </button>
  )
}
