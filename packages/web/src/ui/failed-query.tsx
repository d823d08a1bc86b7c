// A question failed: what, why, and that it is asked again. A strip where older data still shows, else a notice.

import { QueryError } from '../api/http.ts'
import { Notice } from './notice.tsx'

export function FailedQuery({
  error,
  retry,
  hasData,
}: {
  error: Error
  retry: () => void
  hasData: boolean
}) {
  const isAway = error instanceof QueryError && error.status === 0
  const title = isAway ? 'The engine does not answer' : 'The engine could not answer'
  const path = error instanceof QueryError ? error.path : undefined
  const button = (
    <button type="button" className="button" onClick={retry}>
      Try now
    </button>
  )
  if (hasData)
    return (
      <div className="strip is-bad" role="alert">
        <strong>{title}.</strong>
        <span>{isAway ? 'What shows is what it said last. Trying again.' : error.message}</span>
        {button}
      </div>
    )
  return (
    <Notice title={title} tone="bad">
      <p>
        {isAway ? (
          <>
            Nobody listens at {location.host}. Start it with <code>stepwell up</code>; this page
            goes on by itself.
          </>
        ) : (
          error.message
        )}
      </p>
      {path && !isAway && <p className="muted mono">{path}</p>}
      {button}
    </Notice>
  )
}
