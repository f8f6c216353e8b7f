/** Starts the page's live parts: decision support for the open chart and the developer drawer. */
import { html } from 'htm/preact';
import { render } from 'preact';
import { Developer } from './developer.ts';
import { ExchangeLog } from './exchange-log.ts';
import { Panel } from './panel.ts';

const log = new ExchangeLog();
const support = document.getElementById('decision-support');
const developer = document.getElementById('developer');

if (developer !== null) {
  render(html`<${Developer} log=${log} />`, developer);
}
if (support !== null) {
  const { patient = '', user = '', fhir = '', encounter, stay } = support.dataset;
  const chart = {
    patientId: patient,
    userId: user,
    fhirServer: fhir,
    ...(encounter === undefined ? {} : { encounterId: encounter }),
    isInpatient: stay !== undefined,
  };
  support.replaceChildren();
  render(html`<${Panel} chart=${chart} log=${log} />`, support);
  if (matchMedia('(max-width: 760px)').matches) {
    document.querySelector('.patients details')?.removeAttribute('open');
  }
  document.querySelector('.patients [aria-current]')?.scrollIntoView({ block: 'nearest' });
}
