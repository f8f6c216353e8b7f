/** Is this URL's host this machine alone? There plain HTTP is no risk, and a listener of ours can be reached. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(URL.parse(url)?.hostname ?? '');
}
