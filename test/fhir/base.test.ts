import assert from 'node:assert/strict';
import { fhirBase, isFhirId, isWithin } from '../../src/fhir/base.ts';

describe('FHIR base', () => {
  const same: Record<string, string> = {
    'https://ehr.example/fhir': 'https://ehr.example/fhir',
    'https://EHR.Example:443/fhir/': 'https://ehr.example/fhir',
    'https://ehr.example/a/../fhir': 'https://ehr.example/fhir',
    'https://ehr.example/%2e%2e/fhir': 'https://ehr.example/fhir',
    'http://2130706433:80/fhir': 'http://127.0.0.1/fhir',
    'http://0x7f.1/fhir': 'http://127.0.0.1/fhir',
    'http://127.1/fhir': 'http://127.0.0.1/fhir',
    'http://[0:0:0:0:0:0:0:1]:3000/sandbox/fhir': 'http://[::1]:3000/sandbox/fhir',
    'https://ehr.example/': 'https://ehr.example',
  };
  for (const [text, base] of Object.entries(same)) {
    it(`folds ${text}`, () => assert.equal(fhirBase(text), base));
  }

  for (const text of [
    '',
    'fhir',
    '//ehr.example/fhir',
    'file:///etc/passwd',
    'ftp://ehr.example/fhir',
    'javascript:alert(1)',
    'https://user@ehr.example/fhir',
    'https://user:secret@ehr.example/fhir',
    'https://ehr.example/fhir?x=1',
    'https://ehr.example/fhir?',
    'https://ehr.example/fhir#x',
    'https://ehr.example/fhir%2f..%2fadmin',
    'https://ehr.example/fhir%5cadmin',
    'https://',
  ]) {
    it(`is not ${text === '' ? 'nothing' : text}`, () => assert.equal(fhirBase(text), undefined));
  }

  it('S: answers at once, however many slashes a caller writes', () => {
    const text = `https://ehr.example/fhir${'/'.repeat(50_000)}`;
    const startedAt = performance.now();
    assert.equal(fhirBase(text), 'https://ehr.example/fhir');
    assert.equal(fhirBase(`${text}x`), `${text}x`);
    assert.ok(performance.now() - startedAt < 500);
  });

  it('contains what lies below it, by whole path segments', () => {
    const base = 'https://ehr.example/fhir';
    for (const inside of [
      '/fhir',
      '/fhir/Patient/1',
      '/fhir/Condition?patient=1',
      '/fhir?page=2',
      '/x/../fhir/a',
    ]) {
      assert.ok(isWithin(new URL(inside, 'https://ehr.example'), base), inside);
    }
    for (const outside of [
      '/fhir2/Patient/1',
      '/',
      '/fhir/../admin',
      '/fhir/%2e%2e/admin',
      '/fhir/..%2fadmin',
      '/FHIR/a',
    ]) {
      assert.equal(isWithin(new URL(outside, 'https://ehr.example'), base), false, outside);
    }
    for (const other of [
      'http://ehr.example/fhir/a',
      'https://ehr.example:444/fhir/a',
      'https://u@ehr.example/fhir/a',
    ]) {
      assert.equal(isWithin(new URL(other), base), false, other);
    }
  });

  it('takes ids that servers really use, but no path of dots', () => {
    for (const id of ['1', 'a-b.c', 'eXoG_1', 'a'.repeat(200)]) assert.ok(isFhirId(id), id);
    for (const id of ['', '.', '..', 'a/b', 'a b', 'a?b', 'ä', 'a'.repeat(300), 'a\n'])
      assert.equal(isFhirId(id), false, id);
  });
});
