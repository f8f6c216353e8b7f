/** The shipped vocabulary, the site's own folder over it, and the codes of its terminology server over both. */
import { buildVocabulary, readVocabularyFolder, type Vocabulary } from './features/vocabulary.ts';
import { folderOf } from './setting-files.ts';
import { SettingError, type Settings } from './settings.ts';
import { cached } from './terminology/cache.ts';
import { type RefreshPlan, readRefreshPlan, refreshValueSets } from './terminology/refresh.ts';
import { type TerminologyServer, terminologyServer } from './terminology/server.ts';

type Named =
  | 'VOCABULARY'
  | 'TERMINOLOGY_SERVER'
  | 'TERMINOLOGY_REFRESH'
  | 'TERMINOLOGY_TOKEN'
  | 'TERMINOLOGY_CACHE';

export type SiteSettings = Partial<Pick<Settings, Named>> & {
  /** Told of each value set whose shipped codes stay because the server did not give others. */
  readonly onKept?: (valueSet: string) => void;
};

/**
 * @param shipped folder of the vocabulary that is part of the product
 * @throws VocabularyError, SettingError (the folder or the plan cannot be read)
 */
export async function openVocabulary(shipped: string, site: SiteSettings): Promise<Vocabulary> {
  const own = site.VOCABULARY === undefined ? [] : [folderOf('VOCABULARY', site.VOCABULARY)];
  const folders = [shipped, ...own];
  const layers = folders.map(readVocabularyFolder);
  const server = serverOf(site);
  if (server === undefined) return buildVocabulary(layers);
  const valueSets = new Map(layers.flatMap((layer) => [...layer.valueSets]));
  const refreshed = await refreshValueSets(valueSets, planOf(site), server);
  for (const { valueSet, outcome } of refreshed.notes) if (outcome === 'kept') site.onKept?.(valueSet);
  return buildVocabulary([...layers, { groups: new Map(), valueSets: refreshed.valueSets }]);
}

const week = 7 * 24 * 3_600_000;

function serverOf({
  TERMINOLOGY_SERVER: base,
  TERMINOLOGY_TOKEN: token,
  TERMINOLOGY_CACHE: folder,
}: SiteSettings): TerminologyServer | undefined {
  if (base === undefined) return undefined;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  // The site itself names this server: it may well stand inside its own network.
  const server = terminologyServer({ base, timeoutMs: 20_000, allowPrivateNetwork: true, ...authorization });
  return cached(server, {
    base,
    maxAgeMs: week,
    now: () => new Date(),
    ...(folder === undefined ? {} : { folder }),
  });
}

function planOf({ TERMINOLOGY_REFRESH: file }: SiteSettings): RefreshPlan {
  try {
    return file === undefined ? {} : readRefreshPlan(file);
  } catch (thrown) {
    throw new SettingError(
      `TERMINOLOGY_REFRESH: ${thrown instanceof Error ? thrown.message : 'cannot be read'}`,
    );
  }
}
