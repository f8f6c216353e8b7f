import type { CautionGroup, CautionRow, Criterion } from './caution.ts';
import { holds, isShort, membersIn, openOf, reasonOf } from './caution-criteria.ts';
import type { OrderedDrug, OrderView } from './finder.ts';
import { type Finding, type FindingKind, gravity, type Severity } from './finding.ts';

/**
 * What tables of cautions say of the selected drafts: for each draft and group one finding, that of the most severe
 * rule, the first of equals; what other rules of the group say stands among its reasons.
 */
export function cautionsOf(
  kind: FindingKind,
  groups: readonly CautionGroup[],
  view: OrderView,
): readonly Finding[] {
  return view.drafts
    .filter(({ selected }) => selected)
    .flatMap((drug) =>
      groups.flatMap((group) =>
        merged(group.rows.flatMap((row) => judge(kind, group, row, drug, view) ?? [])),
      ),
    );
}

function merged(findings: readonly Finding[]): readonly Finding[] {
  const [first, ...rest] = findings.toSorted((one, other) => gravity[other.severity] - gravity[one.severity]);
  if (first === undefined) return [];
  const also = rest.map(({ words, source }) => `Also: ${words.problem} (${source.label}).`);
  return [
    {
      ...first,
      because: unique([...first.because, ...also]),
      values: unique(findings.flatMap(({ values }) => values)),
    },
  ];
}

const unique = <Value>(all: readonly Value[]): readonly Value[] => [...new Set(all)];

/** One row, one draft: silent, or a finding with its reasons and what it could not tell. */
function judge(
  kind: FindingKind,
  group: CautionGroup,
  row: CautionRow,
  drug: OrderedDrug,
  view: OrderView,
): Finding | undefined {
  const member = row.drugs
    .flatMap((rule) => membersIn(rule, drug, view))
    .find(({ code }) => !row.without.includes(code));
  if (member === undefined) return undefined;
  const truth = (criterion: Criterion) => holds(criterion, drug, view);
  const [when, unless] = [
    [...group.when, ...row.when],
    [...group.unless, ...row.unless],
  ];
  const silenced =
    when.some((each) => truth(each) === 'no' || (truth(each) === 'unknown' && !asks(each))) ||
    unless.some((each) => truth(each) === 'yes');
  if (silenced) return undefined;
  const contexts = row.adjust.filter((each) => each.when.every((one) => truth(one) === 'yes'));
  const [context] = contexts;
  const course = row.course ?? group.course;
  if (context === undefined && course !== undefined && isShort(course, drug)) return undefined;
  const isOpen = (each: Criterion) => truth(each) === 'unknown';
  const [asked, open] = [when.filter(isOpen), unless.filter(isOpen)];
  const severity = severityOf(context?.severity ?? row.severity, asked.length > 0, open.length > 0);
  const grounds = [...when, ...contexts.flatMap((each) => each.when)];
  return {
    ...{ kind, rule: row.id, severity, order: drug.reference, source: sourceOf(row) },
    ...wordsOf(row, member.name.slice(0, 24), otherOf(when, view), drug),
    because: unique(grounds.flatMap((each) => reasonOf(each, drug, view))),
    unknown: unique([...asked, ...open].map((each) => openOf(each, view))),
    values: unique([...grounds, ...unless].flatMap((each) => ('value' in each ? [each.value] : []))),
  };
}

const sourceOf = ({ source: { label, url } }: CautionRow): Finding['source'] => ({
  label,
  ...(url === undefined ? {} : { url }),
});

const wordsOf = (
  { problem, advice }: CautionRow,
  subject: string,
  other: string,
  { reference }: OrderedDrug,
): Pick<Finding, 'words' | 'actions'> => ({
  words: { subject, other, problem, advice },
  actions: [{ type: 'delete', label: `Remove the order for ${subject}`, reference }],
});

const asks = (criterion: Criterion): boolean => 'ifUnknown' in criterion && criterion.ifUnknown === 'ask';

/** What must hold and is not known leaves information; an exception that is not known, no more than a warning. */
function severityOf(severity: Severity, asked: boolean, open: boolean): Severity {
  if (asked) return 'info';
  return open && severity === 'critical' ? 'warning' : severity;
}

/** What the drug meets: the first condition it was judged by. */
function otherOf(when: readonly Criterion[], { vocabulary }: OrderView): string {
  const met = when.find((each) => 'is' in each && each.is === true);
  if (met === undefined || !('value' in met)) return '';
  return vocabulary.entries.get(met.value)?.label ?? met.value;
}
