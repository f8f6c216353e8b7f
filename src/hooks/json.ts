/** A hook's body is parsed as strictly as a FHIR server's answer. */
export { parseJsonObject } from '../fhir/json.ts';
