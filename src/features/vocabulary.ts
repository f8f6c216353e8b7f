import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { type DrugIndex, parseDrugIndex } from '../fhir/medication.ts';
import { compileValueSet, type ValueSet, valueSetSchema } from '../fhir/value-set.ts';
import { type Entry, groupSchema, inputsOf } from './entry.ts';
import { shapeFault } from './entry-rules.ts';
import type { ValueName } from './feature.ts';
import { formulaFault } from './formulas.ts';
import { deepestIssue } from './issue.ts';
import { isFixedList, reasonNotGiven } from './lists.ts';

/** What clinical values are, read once at the start from `vocabulary/`. */
export interface Vocabulary {
  readonly entries: ReadonlyMap<ValueName, Entry>;
  /** Group name → label shown to clinicians. */
  readonly groups: ReadonlyMap<string, string>;
  /** By canonical URL. */
  readonly valueSets: ReadonlyMap<string, ValueSet>;
  readonly drugs: DrugIndex;
}

/** A vocabulary file breaks a rule: the start stops with file, field and rule. */
export class VocabularyError extends Error {
  readonly file: string;
  readonly field: string;
  readonly rule: string;

  constructor(file: string, field: string, rule: string) {
    super(`${file}: ${field}: ${rule}`);
    this.name = 'VocabularyError';
    this.file = file;
    this.field = field;
    this.rule = rule;
  }
}

/** The files of one vocabulary folder, parsed as JSON; the drug index as text, its NDC table when it is asked for. */
export interface VocabularyFiles {
  readonly groups: ReadonlyMap<string, unknown>;
  readonly valueSets: ReadonlyMap<string, unknown>;
  readonly drugs?: string;
  readonly ndc?: () => string;
}

/** Files of the folder that are no group: tables read by src/fhir, src/terminology and not-done-set.ts. */
const tables = new Set(['units.json', 'systems.json', 'dose-forms.json', 'not-done-sets.json']);

/** Reads the shipped vocabulary, then the site's own folders over it. @throws VocabularyError */
export function loadVocabulary(...folders: readonly string[]): Vocabulary {
  return buildVocabulary(folders.map(readVocabularyFolder));
}

/**
 * One vocabulary out of layers. A later layer replaces an entry of the same name, a value set of the same URL, a
 * group label, the drug index, and the NDC table: so a site maps its local codes without touching what we ship.
 * @throws VocabularyError
 */
export function buildVocabulary(layers: readonly VocabularyFiles[]): Vocabulary {
  const entries = new Map<ValueName, Entry>();
  const groups = new Map<string, string>();
  const valueSets = new Map<string, ValueSet>();
  const homes = new Map<ValueName, string>();
  for (const layer of layers) {
    const names = new Set<ValueName>();
    for (const [file, content] of layer.groups) {
      const parsed = check(groupSchema, file, content);
      if (isFixedList(parsed.group)) throw new VocabularyError(file, 'group', 'is the key of a fixed list');
      groups.set(parsed.group, parsed.label);
      for (const entry of parsed.values) {
        if (names.has(entry.name)) throw new VocabularyError(file, entry.name, 'is defined twice');
        names.add(entry.name);
        entries.set(entry.name, { ...entry, group: parsed.group });
        homes.set(entry.name, file);
      }
    }
    for (const [file, content] of layer.valueSets) {
      const set = compileValueSet(check(valueSetSchema, file, content));
      valueSets.set(set.url, set);
    }
  }
  const indexed = layers.findLast((layer) => layer.drugs !== undefined);
  const coded = layers.findLast((layer) => layer.ndc !== undefined);
  const drugs = parseDrugIndex(indexed?.drugs ?? '', coded?.ndc);
  const vocabulary = { entries, groups, valueSets, drugs };
  for (const entry of entries.values()) checkEntry(entry, vocabulary, homes.get(entry.name) ?? '');
  return vocabulary;
}

/** Reads the files of one folder, unchecked: a layer for `buildVocabulary`. @throws VocabularyError for what is no JSON */
export function readVocabularyFolder(folder: string): VocabularyFiles {
  const [drugs, ndc] = [join(folder, 'drugs.tsv'), join(folder, 'ndc.tsv')];
  return {
    groups: jsonFiles(folder, (file) => !tables.has(file)),
    valueSets: jsonFiles(join(folder, 'valuesets'), () => true),
    ...(existsSync(drugs) ? { drugs: readFileSync(drugs, 'utf8') } : {}),
    ...(existsSync(ndc) ? { ndc: () => readFileSync(ndc, 'utf8') } : {}),
  };
}

function jsonFiles(folder: string, wanted: (file: string) => boolean): Map<string, unknown> {
  const files = existsSync(folder)
    ? readdirSync(folder).filter((file) => file.endsWith('.json') && wanted(file))
    : [];
  return new Map(
    files.sort().map((file) => {
      try {
        return [join(folder, file), JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown];
      } catch {
        throw new VocabularyError(join(folder, file), '(file)', 'must be JSON');
      }
    }),
  );
}

function check<Schema extends z.ZodType>(schema: Schema, file: string, content: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = deepestIssue(parsed.error.issues);
  throw new VocabularyError(file, issue.path.join('.') || '(file)', issue.message);
}

/** Rules that reach over files. */
function checkEntry(entry: Entry, vocabulary: Vocabulary, file: string): void {
  const { from } = entry;
  if ('valueSet' in from && !vocabulary.valueSets.has(from.valueSet)) {
    throw new VocabularyError(file, `${entry.name}.from.valueSet`, `${from.valueSet} is not in valuesets/`);
  }
  if (from.kind === 'declined' && !vocabulary.valueSets.has(reasonNotGiven)) {
    throw new VocabularyError(file, `${entry.name}.from`, `needs ${reasonNotGiven} in valuesets/`);
  }
  for (const input of inputsOf(entry)) {
    if (!vocabulary.entries.has(input)) {
      throw new VocabularyError(
        file,
        `${entry.name}.from.inputs`,
        `${input} is not a value of this vocabulary`,
      );
    }
  }
  if (from.kind === 'derived') {
    const fault = formulaFault(from.formula, from.inputs, from.with);
    if (fault !== undefined) throw new VocabularyError(file, `${entry.name}.from.inputs`, fault);
  }
  const fault = shapeFault(entry);
  if (fault !== undefined) throw new VocabularyError(file, `${entry.name}.${fault.field}`, fault.rule);
  if (reaches(entry, entry.name, vocabulary, new Set())) {
    throw new VocabularyError(file, `${entry.name}.from.inputs`, 'lead back to the value itself');
  }
}

function reaches(entry: Entry, goal: ValueName, vocabulary: Vocabulary, seen: Set<ValueName>): boolean {
  return inputsOf(entry).some((input) => {
    if (input === goal) return true;
    if (seen.has(input)) return false;
    seen.add(input);
    const next = vocabulary.entries.get(input);
    return next !== undefined && reaches(next, goal, vocabulary, seen);
  });
}
