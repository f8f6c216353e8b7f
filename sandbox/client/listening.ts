/** When which hook is fired: the chart's events on one side, the services that listen on the other. */
import type { Service } from './cards.ts';
import type { ExchangeLog } from './exchange-log.ts';
import { askBefore } from './hold.ts';
import { type Answer, type ChartContext, discover, type FiredHook, type Firing, fire } from './hooks.ts';
import { bundleOf, draftReferences, onOrdersChanged, signed, stayOnOrdering } from './orders.ts';

export interface Listener {
  /** What a hook said before no longer holds. */
  forget(hook: FiredHook): void;
  hear(answer: Answer): void;
}

/**
 * patient-view when the chart opens, encounter-start when it opens on a hospital stay; order-select when a draft is
 * there, added, changed or taken away; order-sign and encounter-discharge before the act. Each only where a service
 * listens. False: discovery failed.
 */
export async function listen(log: ExchangeLog, chart: ChartContext, listener: Listener): Promise<boolean> {
  stayOnOrdering();
  const services = await discover(log);
  if (services === undefined) return false;
  const ask = asker(log, chart, services, listener);
  const listens = (wanted: FiredHook): boolean => services.some(({ hook }) => hook === wanted);
  if (listens('order-sign')) {
    askBefore(signed, async (reference) =>
      isFree(await ask({ hook: 'order-sign', context: { draftOrders: await bundleOf(log, [reference]) } })),
    );
  }
  if (listens('encounter-discharge')) {
    askBefore(discharged, async () => isFree(await ask({ hook: 'encounter-discharge' })));
  }
  const opening = [ask({ hook: 'patient-view' })];
  if (chart.isInpatient) opening.push(ask({ hook: 'encounter-start' }));
  if (listens('order-select')) opening.push(selecting(log, ask, listener));
  await Promise.all(opening);
  return true;
}

type Ask = (firing: Firing) => Promise<readonly Answer[]>;

/** Fires a hook; an answer to an earlier firing of the same hook is not heard any more. */
function asker(log: ExchangeLog, chart: ChartContext, services: readonly Service[], listener: Listener): Ask {
  const latest = new Map<FiredHook, Firing>();
  return async (firing) => {
    const heard: Answer[] = [];
    latest.set(firing.hook, firing);
    listener.forget(firing.hook);
    await fire(log, firing, services, chart, (answer) => {
      if (latest.get(firing.hook) !== firing) return;
      heard.push(answer);
      listener.hear(answer);
    });
    return heard;
  };
}

/** Drafts that are there when the chart opens are selected, as in an order entry that is resumed. */
async function selecting(log: ExchangeLog, ask: Ask, listener: Listener): Promise<readonly Answer[]> {
  const select = async (selections: readonly string[]): Promise<readonly Answer[]> => {
    if (selections.length === 0) {
      listener.forget('order-select');
      return [];
    }
    const draftOrders = await bundleOf(log, draftReferences());
    return ask({ hook: 'order-select', context: { selections, draftOrders } });
  };
  onOrdersChanged(({ selected }) => void select(selected.length > 0 ? selected : draftReferences()));
  return select(draftReferences());
}

const discharged = (form: HTMLFormElement, button: HTMLButtonElement): string | undefined =>
  button.value === 'discharge' ? form.action : undefined;

const isFree = (answers: readonly Answer[]): boolean =>
  answers.every((answer) => answer.kind === 'failed' || answer.cards.length === 0);
