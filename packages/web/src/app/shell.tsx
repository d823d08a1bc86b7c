// What stays while pages change: the bar with the name, the pages, the state of the live feed, the theme.

import { Link, Outlet } from '@tanstack/react-router'
import { FeedStatus } from '../ui/feed-status.tsx'
import { Icon } from '../ui/icon.tsx'
import { ShortcutsDialog, useShortcutsDialog } from './shortcuts-dialog.tsx'
import { useTheme } from './theme.ts'

const THEME_ICON = { system: 'monitor', light: 'sun', dark: 'moon' } as const

export function Shell() {
  const { theme, next } = useTheme()
  const dialog = useShortcutsDialog()
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="bar">
        <Link to="/runs" className="brand">
          <Icon name="stepwell" size={20} />
          <span>Stepwell</span>
        </Link>
        <nav className="bar-nav" aria-label="Pages">
          <Link to="/runs" activeProps={{ 'aria-current': 'page' }}>
            Runs
          </Link>
        </nav>
        <span className="bar-space" />
        <FeedStatus />
        <button
          type="button"
          className="icon-button"
          onClick={dialog.open}
          title="Keyboard shortcuts (?)"
          aria-label="Keyboard shortcuts"
        >
          <Icon name="keyboard" />
        </button>
        <button
          type="button"
          className="icon-button"
          onClick={next}
          title={`Theme: ${theme}`}
          aria-label={`Theme: ${theme}`}
        >
          <Icon name={THEME_ICON[theme]} />
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <ShortcutsDialog dialog={dialog} />
    </div>
  )
}
