import type { HookName } from 'cds-hooks-types';
import type { ChartList } from '../features/lists.ts';
import type { Service } from './service.ts';

/** What an EHR calls by one id: one service, or all services of a hook together under one cap. */
export interface Offer {
  /** CDS service id: that of the service, or `all-<hook>`. */
  readonly id: string;
  readonly hook: HookName;
  readonly title: string;
  readonly description: string;
  /** The prefetch templates. */
  readonly lists: readonly ChartList[];
  readonly services: readonly Service[];
}

/** Every service by its own id, then `all-<hook>` for each hook that has one. */
export function offersOf(services: Iterable<Service>): ReadonlyMap<string, Offer> {
  const all = [...services];
  const together = [...Map.groupBy(all.filter(isIncluded), ({ hook }) => hook)].map(allOf);
  return new Map([...all.map(offerOf), ...together].map((offer) => [offer.id, offer]));
}

/** A service as it is called by its own id. */
export const offerOf = (service: Service): Offer => ({
  id: service.id,
  hook: service.hook,
  title: service.title,
  description: service.description,
  lists: service.lists,
  services: [service],
});

/** Content that a site must want is included once the site has signed it on. */
const isIncluded = ({ optIn, clinicalReview }: Service): boolean =>
  optIn === undefined || clinicalReview.status === 'signed';

/** One call in place of many: each list once. Without a list the services that need it say so; the others answer. */
function allOf([hook, services]: readonly [HookName, readonly Service[]]): Offer {
  const titles = services.map(({ title }) => title.toLowerCase()).join(', ');
  return {
    id: `all-${hook}`,
    hook,
    title: `Everything at ${hook}`,
    description: `All services of this hook in one call, at most three cards: ${titles}.`,
    lists: mergeLists(services.flatMap(({ lists }) => lists)),
    services,
  };
}

function mergeLists(lists: readonly ChartList[]): readonly ChartList[] {
  return [...Map.groupBy(lists, ({ key }) => key).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const values = [...new Set(same.flatMap((each) => each.values))];
    const query = same.map((each) => each.query).reduce(mergeQueries);
    return [{ key: first.key, query, values, required: first.key === 'patient' }];
  });
}

const codeList = /(?<=[?&]code=)[^&]*/;

/** Two queries of one list differ in their codes at most: the union asks for both. */
function mergeQueries(one: string, other: string): string {
  const codes = [one, other].flatMap((query) => codeList.exec(query)?.[0].split(',') ?? []);
  return one.replace(codeList, [...new Set(codes)].join(','));
}
