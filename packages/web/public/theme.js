// Before the first paint, so that a chosen theme does not flash in the other one. A file, because the page's
// policy forbids inline scripts.
try {
  const theme = localStorage.getItem('stepwell.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is forbidden: the system's theme it is.
}
