/** Which carelessness each hostile check finds: checks → faults that a service must have for them to fail. */

/** `jwt-01`, `jwt-05–09`; the dash stands for everything between. */
type Ids = string;

const pairs: readonly (readonly [faults: string, ids: Ids])[] = [
  ['takes-none', 'jwt-01–04'],
  ['ignores-alg', 'jwt-05, jwt-22–24'],
  ['takes-hmac any-kid', 'jwt-06–09, jwt-34–35'],
  ['ignores-signature', 'jwt-10–16, jwt-19–21'],
  ['takes-zeros', 'jwt-17'],
  ['takes-der', 'jwt-18'],
  ['lenient-base64', 'jwt-25–26'],
  ['takes-embedded-keys', 'jwt-27–28'],
  ['fetches-keys', 'jwt-29–33'],
  ['any-kid', 'jwt-36–38'],
  ['any-iss', 'jwt-39–42'],
  ['any-aud', 'jwt-43–51'],
  ['any-exp lenient-json', 'jwt-52–58'],
  ['any-lifetime', 'jwt-59–60'],
  ['any-iat', 'jwt-61–62'],
  ['any-nbf', 'jwt-63'],
  ['any-jti', 'jwt-64–67'],
  ['any-tenant', 'jwt-68–69'],
  ['any-typ', 'jwt-70–71'],
  ['any-crit', 'jwt-72, jwt-74'],
  ['any-zip', 'jwt-73'],
  ['unwraps-nested', 'jwt-75'],
  ['lenient-json', 'jwt-76–79'],
  ['takes-jwe', 'jwt-80'],
  ['no-authentication', 'jwt-81'],
  ['takes-any-header', 'jwt-82–85'],
  ['forgiving-header', 'jwt-86–96, jwt-99–102'],
  ['forgiving-header lenient-parser', 'jwt-97–98'],
  ['reads-query', 'jwt-103'],
  ['reads-body', 'jwt-104'],
  ['reads-cookies', 'jwt-105'],
  ['reads-proxy-headers', 'jwt-106'],
  ['large-headers crashes-on-long-tokens', 'jwt-107'],
  ['replays', 'jwt-108'],
  ['races', 'jwt-109'],
  ['tells-why', 'jwt-110'],

  ['asks-any-server', 'ssrf-01–36'],
  ['asks-any-server lenient-json', 'ssrf-37'],
  ['two-parsers lenient-json', 'ssrf-38'],
  ['asks-every-address', 'ssrf-39–42, ssrf-51, ssrf-55–68, ssrf-81'],
  ['follows-anywhere', 'ssrf-43–50, ssrf-52–54, ssrf-75'],
  ['follows-redirects', 'ssrf-69–74'],
  ['follows-headers', 'ssrf-76–79'],
  ['proxies', 'ssrf-80'],

  ['no-patient-match', 'patient-01–02, patient-04, patient-06–07, patient-32–34, patient-48–49, patient-51'],
  ['match-folded', 'patient-03, patient-20–25, patient-39, patient-52'],
  ['shallow-match', 'patient-05, patient-35–37, patient-50'],
  ['unnamed-is-mine', 'patient-08–13, patient-15–17, patient-28–29, patient-31'],
  ['match-by-end', 'patient-19'],
  ['match-by-start', 'patient-18, patient-26–27, patient-38'],
  ['first-subject', 'patient-30'],
  ['no-patient-match any-id', 'patient-14, patient-40–47'],
  ['trusts-fetched', 'patient-53–56'],

  ['takes-anything', 'body-01–12, body-26, body-30–31'],
  ['lenient-json', 'body-13–19, body-23–25'],
  ['trusts-its-input', 'body-20–22, body-27–29, body-66–75'],
  ['repeats-text-raw', 'body-32–36'],
  ['any-hook', 'body-37–39'],
  ['any-instance', 'body-40–41'],
  ['takes-anything no-patient-match', 'body-42–44, body-53–59'],
  ['any-id no-patient-match', 'body-45–52'],
  ['any-server any-authorization', 'body-60–63'],
  ['any-authorization', 'body-64–65'],
  ['any-media-type', 'body-76–78, body-80, body-88'],
  ['any-media-type takes-anything', 'body-79'],
  ['any-encoding', 'body-81–82'],
  ['inflates-anything', 'body-83–84'],
  ['inflates-anything takes-anything', 'body-85'],
  ['crashes-on-size', 'body-86'],
  ['any-size', 'body-87'],
  ['guessing-gateway', 'body-89–96, body-108–118'],
  ['any-service', 'body-98'],
  ['any-service any-hook', 'body-99–100'],
  ['any-path', 'body-101'],
  ['decodes-paths any-path', 'body-102–104'],
  ['any-service large-headers', 'body-105–106'],
  ['crashes-on-expectations', 'body-107'],
  ['any-method', 'body-97'],
  ['any-host', 'body-119'],
  ['waits-forever', 'body-120–122'],
  ['errors-as-text', 'body-123'],
  ['dies-of-desertion', 'body-124'],
];

/** `jwt-05, jwt-07–09` → its ids. */
function idsIn(list: Ids): readonly string[] {
  return list.split(', ').flatMap((part) => {
    const [, group = '', from = '', to = from] = /^([a-z]+)-(\d+)(?:–(\d+))?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    const numbers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    return numbers.map((number) => `${group}-${String(number).padStart(2, '0')}`);
  });
}

/** Faults, and the checks that must fail for each of these sets of them. */
export const faultsAndChecks: readonly (readonly [faults: readonly string[], ids: readonly string[]])[] =
  pairs.map(([faults, ids]) => [faults.split(' '), idsIn(ids)]);
