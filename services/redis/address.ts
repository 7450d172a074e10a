/** Where one Redis listens, as `redis://[USER:PASSWORD@]HOST:PORT[/DATABASE]`; a Cluster is named by several of its nodes, `…@HOST:PORT,HOST:PORT`. */
export interface RedisAddress {
  /** One URL a node, each with user and password. */
  readonly nodes: readonly [string, ...string[]];
}

/** Undefined when the text is no such address. */
export function parseAddress(text: string): RedisAddress | undefined {
  const [, login, hosts, path = ''] = /^(rediss?:\/\/(?:[^/]*@)?)([^/?@]+)([/?].*)?$/u.exec(text) ?? [];
  if (login === undefined || hosts === undefined) return undefined;
  const nodes = hosts.split(',').map((host) => `${login}${host.trim()}${path}`);
  if (nodes.some((node) => (URL.parse(node)?.hostname ?? '') === '')) return undefined;
  // A Cluster has one database.
  if (nodes.length > 1 && !/^(\/0?)?(\?.*)?$/u.test(path)) return undefined;
  return { nodes: nodes as [string, ...string[]] };
}
