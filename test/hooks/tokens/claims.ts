/** Right key, wrong words: for another endpoint, at another time, or with something left out. */
import { type Attack, attack } from './attack.ts';
import { hookPath, now, publicUrl } from './world.ts';

const feedbackPath = `${hookPath}/feedback`;

const audiences: readonly Attack[] = [
  attack('A50', 'audience', 'the audience of another server', ({ sign }) =>
    sign({ claims: { aud: `https://other.example${hookPath}` } }),
  ),
  attack('A51', 'audience', 'a discovery token on a service', ({ sign }) => sign({ path: '/cds-services' })),
  attack('A52', 'audience', 'a service token on discovery', ({ sign }) => sign(), '/cds-services'),
  attack('A53', 'audience', 'a feedback token on a service', ({ sign }) => sign({ path: feedbackPath })),
  attack('A54', 'audience', 'a service token on feedback', ({ sign }) => sign(), feedbackPath),
  attack('A55', 'audience', 'the token of another service', ({ sign }) =>
    sign({ path: '/cds-services/kidney' }),
  ),
  attack('A56', 'audience', 'the base address as audience', ({ sign }) =>
    sign({ claims: { aud: publicUrl } }),
  ),
  attack('A57', 'audience', 'an audience list with others', ({ sign }) =>
    sign({ claims: { aud: [`${publicUrl}${hookPath}`, 'https://other.example'] } }),
  ),
  attack('A58', 'claims', 'an empty audience list', ({ sign }) => sign({ claims: { aud: [] } })),
  attack('A59', 'audience', 'the audience with a query', ({ sign }) =>
    sign({ claims: { aud: `${publicUrl}${hookPath}?` } }),
  ),
];

const missing: readonly Attack[] = ['iss', 'aud', 'exp', 'iat', 'jti'].map((claim, at) =>
  attack(`A${60 + at}`, 'claims', `no ${claim}`, ({ sign }) => sign({ claims: { [claim]: undefined } })),
);

const times: readonly Attack[] = [
  attack('A65', 'claims', 'an exp that is text', ({ sign }) => sign({ claims: { exp: String(now + 100) } })),
  attack('A66', 'lifetime', 'a token for a year', ({ sign }) => sign({ claims: { exp: now + 31_536_000 } })),
  attack('A67', 'lifetime', 'a token a second longer than allowed', ({ sign }) =>
    sign({ claims: { exp: now + 301 } }),
  ),
  attack('A68', 'not-yet-valid', 'an iat to come', ({ sign }) =>
    sign({ claims: { iat: now + 61, exp: now + 120 } }),
  ),
  attack('A69', 'not-yet-valid', 'an nbf to come', ({ sign }) => sign({ claims: { nbf: now + 61 } })),
  attack('A70', 'expired', 'an exp that passed before the skew', ({ sign }) =>
    sign({ claims: { iat: now - 300, exp: now - 60 } }),
  ),
  attack('A71', 'lifetime', 'an exp before its iat', ({ sign }) =>
    sign({ claims: { iat: now + 30, exp: now + 20 } }),
  ),
  attack('A72', 'lifetime', 'an iat long ago and an exp to come', ({ sign }) =>
    sign({ claims: { iat: now - 3600, exp: now + 60 } }),
  ),
  attack('A73', 'not-yet-valid', 'times in milliseconds', ({ sign }) =>
    sign({ claims: { iat: now * 1000, exp: now * 1000 + 240 } }),
  ),
];

const ids: readonly Attack[] = [
  attack('A74', 'claims', 'an empty jti', ({ sign }) => sign({ claims: { jti: '' } })),
  attack('A75', 'claims', 'a jti of 257 characters', ({ sign }) =>
    sign({ claims: { jti: 'x'.repeat(257) } }),
  ),
  attack('A76', 'claims', 'a jti that is a number', ({ sign }) => sign({ claims: { jti: 7 } })),
  attack('A77', 'claims', 'a jti with a NUL', ({ sign }) => sign({ claims: { jti: 'j\u0000' } })),
];

export const claimed: readonly Attack[] = [...audiences, ...missing, ...times, ...ids];
