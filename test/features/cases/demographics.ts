import { absent, type Case, missing } from './case.ts';

const birthSex = (valueCode: string): object => ({
  extension: [{ url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex', valueCode }],
});

const race = (...codes: readonly string[]): object => ({
  extension: [
    {
      url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
      extension: [
        ...codes.map((code) => ({ url: 'ombCategory', valueCoding: { code } })),
        { url: 'text', valueString: 'White' },
      ],
    },
  ],
});

export const people: readonly Case[] = [
  {
    rule: 'age in completed years',
    value: 'age',
    chart: { patient: { birthDate: '1966-06-16' } },
    expect: 59,
  },
  { rule: 'age on the birthday', value: 'age', chart: { patient: { birthDate: '1966-06-15' } }, expect: 60 },
  {
    rule: 'age from a year and month that allow one answer',
    value: 'age',
    chart: { patient: { birthDate: '1966-03' } },
    expect: 60,
  },
  {
    rule: 'age from a year that allows two answers is invalid-date',
    value: 'age',
    chart: { patient: { birthDate: '1966' } },
    expect: missing('invalid-date'),
  },
  {
    rule: 'a birth date in the future is invalid-date',
    value: 'age',
    chart: { patient: { birthDate: '2027-01-01' } },
    expect: missing('invalid-date'),
  },
  {
    rule: 'a birth date that is none is invalid-date',
    value: 'age',
    chart: { patient: { birthDate: '1966-13-40' } },
    expect: missing('invalid-date'),
  },
  {
    rule: 'no birth date is not-recorded',
    value: 'age',
    chart: { patient: {} },
    expect: missing('not-recorded'),
  },
  {
    rule: 'an age no one reaches is implausible',
    value: 'age',
    chart: { patient: { birthDate: '1866-01-01' } },
    expect: missing('implausible'),
  },
  {
    rule: 'no patient is not-supplied',
    value: 'age',
    chart: { patient: null, supply: { patient: absent } },
    expect: missing('not-supplied'),
  },
  { rule: 'sex from gender', value: 'sex', chart: { patient: { gender: 'male' } }, expect: 'male' },
  { rule: 'sex from birth sex', value: 'sex', chart: { patient: birthSex('F') }, expect: 'female' },
  {
    rule: 'sex: birth sex against gender conflicts',
    value: 'sex',
    chart: { patient: { gender: 'male', ...birthSex('F') } },
    expect: missing('conflicting'),
  },
  {
    rule: 'sex: other is not-recorded',
    value: 'sex',
    chart: { patient: { gender: 'other' } },
    expect: missing('not-recorded'),
  },
  {
    rule: 'sex: unknown is not-recorded',
    value: 'sex',
    chart: { patient: { gender: 'unknown', ...birthSex('UNK') } },
    expect: missing('not-recorded'),
  },
  {
    rule: 'deceased by date',
    value: 'deceased',
    chart: { patient: { deceasedDateTime: '2025-01-01' } },
    expect: true,
  },
  {
    rule: 'deceased by flag',
    value: 'deceased',
    chart: { patient: { deceasedBoolean: true } },
    expect: true,
  },
  { rule: 'no sign of death is false', value: 'deceased', chart: {}, expect: false },
  {
    rule: 'the deprivation decile comes from an extension of Patient',
    value: 'sdiDecile',
    chart: {
      patient: { extension: [{ url: 'urn:auscult:StructureDefinition:sdi-decile', valueInteger: 7 }] },
    },
    expect: 7,
  },
  { rule: 'race: white', value: 'race', chart: { patient: race('2106-3') }, expect: 'white' },
  { rule: 'race: Black', value: 'race', chart: { patient: race('2054-5') }, expect: 'black' },
  { rule: 'race: any other category', value: 'race', chart: { patient: race('2028-9') }, expect: 'other' },
  {
    rule: 'race: several categories',
    value: 'race',
    chart: { patient: race('2106-3', '2054-5') },
    expect: 'other',
  },
  { rule: 'race: words alone', value: 'race', chart: { patient: race() }, expect: missing('not-recorded') },
  {
    rule: 'race: asked but unknown',
    value: 'race',
    chart: { patient: race('ASKU') },
    expect: missing('not-recorded'),
  },
];
