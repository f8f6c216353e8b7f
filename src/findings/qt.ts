import type { Feature } from '../features/feature.ts';
import { readableQuantity } from '../features/words.ts';
import { parseMoment } from '../fhir/time.ts';
import type { DrugRule } from './caution.ts';
import { membersIn } from './caution-criteria.ts';
import type { Finder, OrderedDrug, OrderView } from './finder.ts';
import { type Finding, type FindingSource, gravity, type Severity } from './finding.ts';
import { isWithin, type QtLabel, type QtTable, qtRules } from './qt-rules.ts';

/**
 * Drugs that prolong the QT interval (vocabulary/rules/qt.json). What labels say of a measured QTc or of long QT needs
 * no list; the rest needs the site's list of drugs, which we do not ship. A risk factor that is not known is said,
 * and raises nothing. One finding a draft: the label's, else the list's, whichever is more severe.
 */
export const qt: Finder = createQt(qtRules);

/** @param table shipped, or with a site's own list */
export function createQt(table: QtTable): Finder {
  return {
    kind: 'qt',
    needs: [...table.thresholds.map(({ value }) => value), table.longQt.value],
    lists: ['medications'],
    find: (view) => {
      const drafts = view.drafts.filter(({ selected }) => selected);
      return drafts.flatMap((drug, at) => {
        const label = table.labels.flatMap((row) => byLabel(table, row, drug, view) ?? [])[0];
        const listed = byList(table, drug, drafts.slice(0, at), view);
        return worse(label, listed) ?? [];
      });
    },
  };
}

const worse = (one: Finding | undefined, other: Finding | undefined): Finding | undefined =>
  one === undefined || (other !== undefined && gravity[other.severity] > gravity[one.severity]) ? other : one;

/** What speaks against the drug here, and what could not be told. */
interface Grounds {
  readonly because: readonly string[];
  readonly unknown: readonly string[];
}

/** A label's own rule: long QT on record, else the first band that the QTc lies in. */
function byLabel(table: QtTable, row: QtLabel, drug: OrderedDrug, view: OrderView): Finding | undefined {
  const member = memberOf(row.drugs, drug, view);
  if (member === undefined) return undefined;
  const { name, because, known } = qtcOf(table, view);
  if (row.longQt !== undefined && isTrue(view.feature(table.longQt.value))) {
    const grounds = {
      because: [`${labelOf(table.longQt.value, view)} is on record.`, ...because],
      unknown: [],
    };
    const other = labelOf(table.longQt.value, view);
    return finding(drug, member, other, { ...row.longQt, id: row.id, source: row.source }, grounds, [
      table.longQt.value,
      name,
    ]);
  }
  const band = known === undefined ? undefined : row.bands.find((each) => isWithin(known, each));
  if (band === undefined || known === undefined) return undefined;
  const other = `QTc ${readableQuantity(known, 'ms')}`;
  const words = { ...band, id: row.id, source: row.source };
  return finding(drug, member, other, words, { because, unknown: [] }, [name]);
}

/** The site's list: two of its drugs together, or one of them with a risk factor. */
function byList(
  table: QtTable,
  drug: OrderedDrug,
  before: readonly OrderedDrug[],
  view: OrderView,
): Finding | undefined {
  const listed = listOf(table, view);
  const member = memberOf(listed, drug, view);
  if (member === undefined) return undefined;
  const others = othersOf(listed, drug, view);
  const seen = others.some(({ drug: other }) => before.includes(other));
  const risk = riskOf(table, view);
  const { single, pair, source, valueSet } = table.list;
  const values = [...table.thresholds.map(({ value }) => value), table.longQt.value];
  const [first, ...more] = others.filter(({ drug: other }) => !before.includes(other));
  if (first !== undefined) {
    const severity: Severity = risk.single !== undefined ? 'critical' : 'warning';
    const because = [...risk.because, ...more.map(({ name }) => `Also together with ${name}.`)];
    const words = { ...pair, severity, id: `${valueSet}-pair`, source };
    return finding(drug, member, first.name, words, { because, unknown: risk.unknown }, values);
  }
  if (seen || risk.single === undefined) return undefined;
  const words = { ...single, severity: risk.single, id: valueSet, source };
  return finding(drug, member, risk.first, words, risk, values);
}

/** The table's drugs, and the site's set where its vocabulary has it. */
function listOf({ list }: QtTable, { vocabulary }: OrderView): readonly DrugRule[] {
  const loaded = vocabulary.valueSets.has(`urn:auscult:ValueSet:${list.valueSet}`);
  return loaded ? [...list.drugs, { valueSet: list.valueSet }] : list.drugs;
}

function othersOf(
  listed: readonly DrugRule[],
  drug: OrderedDrug,
  view: OrderView,
): readonly { readonly drug: OrderedDrug; readonly name: string }[] {
  const own = new Set(drug.ingredients.map(({ code }) => code));
  return [...view.drafts, ...view.active].flatMap((other) => {
    if (other === drug) return [];
    const member = listed.flatMap((rule) => membersIn(rule, other, view)).find(({ code }) => !own.has(code));
    return member === undefined ? [] : [{ drug: other, name: member.name.slice(0, 24) }];
  });
}

interface Risk extends Grounds {
  /** What the factors make of one listed drug; undefined: none is there. */
  readonly single: Severity | undefined;
  /** The first factor, as what the drug meets. */
  readonly first: string;
}

function riskOf(table: QtTable, view: OrderView): Risk {
  const { because } = qtcOf(table, view);
  const measured = table.thresholds.map((each) => factorOf(each, view));
  const long = view.feature(table.longQt.value);
  const noted = isTrue(long)
    ? [{ said: labelOf(table.longQt.value, view), severity: table.longQt.single }]
    : [];
  const factors = [...noted, ...measured.flatMap(({ factor }) => factor ?? [])];
  const open = long.kind === 'observed' ? [] : [openOf(table.longQt.value, view)];
  return {
    single: factors
      .map(({ severity }) => severity)
      .toSorted((one, other) => gravity[other] - gravity[one])[0],
    first: factors[0]?.said ?? '',
    because: [...because, ...factors.map(({ said }) => `${said}: raises the risk.`)],
    unknown: [...measured.flatMap((each) => each.open ?? []), ...open],
  };
}

/** Whether a measured value is beyond its limit; one that is not known leaves that open. */
function factorOf(threshold: QtTable['thresholds'][number], view: OrderView) {
  const known = numberOf(view.feature(threshold.value));
  if (known === undefined) return { open: openOf(threshold.value, view) };
  if (!isWithin(known, threshold)) return {};
  const said = `${labelOf(threshold.value, view)} ${readableQuantity(known, threshold.unit)}`;
  return { factor: { said, severity: threshold.single } };
}

/** The first threshold's value is the QTc; how old it may be, its entry says. */
function qtcOf(
  table: QtTable,
  view: OrderView,
): { readonly name: string; readonly known: number | undefined; readonly because: readonly string[] } {
  const name = table.thresholds[0]?.value ?? 'qtc';
  const told = view.feature(name);
  const known = numberOf(told);
  if (known === undefined) return { name, known, because: [] };
  const moment = told.kind === 'observed' ? parseMoment(told.at) : undefined;
  const dated = moment === undefined ? '' : ` (${moment.date})`;
  return { name, known, because: [`${labelOf(name, view)}: ${readableQuantity(known, 'ms')}${dated}.`] };
}

const isTrue = (feature: Feature): boolean => feature.kind === 'observed' && feature.value === true;

const numberOf = (feature: Feature): number | undefined =>
  feature.kind === 'observed' && typeof feature.value === 'number' ? feature.value : undefined;

const labelOf = (name: string, { vocabulary }: OrderView): string =>
  vocabulary.entries.get(name)?.label ?? name;

function openOf(name: string, view: OrderView): string {
  const told = view.feature(name);
  return `${labelOf(name, view)}: ${told.kind === 'missing' ? (told.detail ?? told.reason) : 'not observed'}`;
}

const memberOf = (
  rules: readonly DrugRule[],
  drug: OrderedDrug,
  view: OrderView,
): OrderedDrug['ingredients'][number] | undefined => rules.flatMap((rule) => membersIn(rule, drug, view))[0];

function finding(
  drug: OrderedDrug,
  member: OrderedDrug['ingredients'][number],
  other: string,
  row: {
    readonly id: string;
    readonly severity: Severity;
    readonly problem: string;
    readonly advice: string;
    readonly source: { readonly label: string; readonly url?: string | undefined };
  },
  grounds: Grounds,
  values: readonly string[],
): Finding {
  const subject = member.name.slice(0, 24);
  const { problem, advice, source } = row;
  const cited: FindingSource = {
    label: source.label,
    ...(source.url === undefined ? {} : { url: source.url }),
  };
  return {
    kind: 'qt',
    rule: row.id,
    severity: row.severity,
    order: drug.reference,
    words: { subject, other, problem, advice },
    because: grounds.because,
    unknown: grounds.unknown,
    values,
    source: cited,
    actions: [{ type: 'delete', label: `Remove the order for ${subject}`, reference: drug.reference }],
  };
}
