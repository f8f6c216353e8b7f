/** A browser as far as these tests need one: it keeps a cookie and follows no redirect by itself. */
export interface Tab {
  cookie: string;
  get(url: string, headers?: Record<string, string>): Promise<Response>;
}

export function openTab(cookie = ''): Tab {
  const tab: Tab = {
    cookie,
    async get(url, headers = {}) {
      const sent = tab.cookie === '' ? headers : { cookie: tab.cookie, ...headers };
      const response = await fetch(url, { headers: sent, redirect: 'manual' });
      const [set] = response.headers.getSetCookie();
      if (set !== undefined) tab.cookie = set.split(';')[0] ?? '';
      return response;
    },
  };
  return tab;
}
