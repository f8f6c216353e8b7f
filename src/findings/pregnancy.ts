import type { Feature, ValueName } from '../features/feature.ts';
import { type CautionGroup, cautionTable, valuesOf } from './caution.ts';
import { cautionsOf } from './caution-judgement.ts';
import type { Finder, OrderView } from './finder.ts';
import { readRules } from './rules.ts';

const { groups } = readRules(cautionTable, 'pregnancy.json');

/** Completed years in which a pregnancy is reckoned with: our choice, pending clinical review. */
const childbearing = { from: 12, upTo: 50 };
/** Presence values after which no pregnancy is reckoned with. */
const infertile: readonly ValueName[] = ['hysterectomy'];

/**
 * Drugs in pregnancy and while breastfeeding (vocabulary/rules/pregnancy.json). Pregnant, or suspected to be: each
 * row as it stands. Not known, where it could be: rows of critical severity, as information that says so. No status
 * on record in a woman of 12 to 50: rows whose label asks for one before the first dose, as information.
 */
export const pregnancy: Finder = {
  kind: 'pregnancy',
  needs: [...new Set([...valuesOf(groups), 'pregnancyStatus', 'age', 'sex', ...infertile])],
  lists: ['medications'],
  find: (view) => cautionsOf('pregnancy', groupsFor(stateOf(view)), view),
};

/** `excluded`: not pregnant by the record, or by age, sex or surgery. */
type State = 'pregnant' | 'undetermined' | 'not-on-record' | 'excluded';

function stateOf({ feature }: OrderView): State {
  const told = feature('pregnancy');
  if (isTrue(told)) return 'pregnant';
  if (!couldBe(feature)) return 'excluded';
  if (told.kind !== 'observed') return 'undetermined';
  const status = feature('pregnancyStatus');
  const saysNo = status.kind === 'observed' && status.value === false && status.sources.length > 0;
  return saysNo || !isKnownWoman(feature) ? 'excluded' : 'not-on-record';
}

/** Nothing known rules a pregnancy out. */
function couldBe(feature: OrderView['feature']): boolean {
  const [age, sex] = [feature('age'), feature('sex')];
  const years = age.kind === 'observed' && typeof age.value === 'number' ? age.value : undefined;
  const ofAge = years === undefined || (years >= childbearing.from && years <= childbearing.upTo);
  const male = sex.kind === 'observed' && sex.value === 'male';
  return ofAge && !male && !infertile.some((name) => isTrue(feature(name)));
}

/** Of that age and sex by the record, not merely by its silence. */
const isKnownWoman = (feature: OrderView['feature']): boolean => {
  const [age, sex] = [feature('age'), feature('sex')];
  return age.kind === 'observed' && sex.kind === 'observed' && sex.value === 'female';
};

const isTrue = (feature: Feature): boolean => feature.kind === 'observed' && feature.value === true;

const groupsFor = (state: State): readonly CautionGroup[] =>
  groups.flatMap((group) => (group.id === 'pregnancy' ? forState(group, state) : [group]));

function forState(group: CautionGroup, state: State): readonly CautionGroup[] {
  switch (state) {
    case 'pregnant':
      return [group];
    case 'undetermined':
      return [{ ...group, rows: group.rows.filter(({ severity }) => severity === 'critical') }];
    case 'not-on-record':
      return [beforeStart(group)];
    case 'excluded':
      return [];
  }
}

/** The rows whose label asks for a pregnancy test, for a first dose. */
const beforeStart = (group: CautionGroup): CautionGroup => ({
  ...group,
  when: [{ newStart: true }],
  unless: [],
  rows: group.rows.flatMap((row) =>
    row.beforeStart === undefined
      ? []
      : [{ ...row, ...row.beforeStart, when: [], unless: [], adjust: [], severity: 'info' as const }],
  ),
});
