/** A path of this site from a query, or `otherwise`: never another site, whatever the link says. */
export function backTo(asked: unknown, otherwise: string): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return otherwise
  const url = new URL(asked, window.location.origin)
  return url.origin === window.location.origin ? url.pathname + url.search + url.hash : otherwise
}
