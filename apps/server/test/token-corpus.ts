import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { JWK } from 'jose';

/** An issuer of whom everything is known, so that anything can be signed in its name. */
export interface KnownIssuer {
  issuer: string;
  audience: string;
  alg: 'EdDSA' | 'ES256';
  kid: string;
  privateKey: KeyObject;
}

export type Forgery = [what: string, token: string];

export const jwkOf = ({ privateKey, alg, kid }: KnownIssuer): JWK => ({
  ...(createPublicKey(privateKey).export({ format: 'jwk' }) as JWK),
  alg,
  kid,
});

export const newIssuer = (
  issuer: string,
  audience: string,
  alg: KnownIssuer['alg'],
): KnownIssuer => {
  const { privateKey } =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { issuer, audience, alg, kid: `${alg}-key`, privateKey };
};

const encode = (text: string | Buffer): string => Buffer.from(text).toString('base64url');
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const signatureOf = ({ alg, privateKey }: KnownIssuer, input: string): Buffer =>
  alg === 'EdDSA'
    ? sign(null, Buffer.from(input), privateKey)
    : sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });

/** A token of any header and payload, as objects or as they are written, in good order otherwise. */
const signed = (by: KnownIssuer, header: unknown, payload: unknown): string => {
  const input = `${encode(textOf(header))}.${encode(textOf(payload))}`;
  return `${input}.${encode(signatureOf(by, input))}`;
};

const now = (): number => Math.floor(Date.now() / 1000);
const goodHeader = ({ alg, kid }: KnownIssuer) => ({ alg, kid });
const goodClaims = ({ issuer, audience }: KnownIssuer) => ({
  iss: issuer,
  aud: audience,
  sub: '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f',
  iat: now(),
  exp: now() + 600,
});

/** What none of the forgeries is, with other claims where they are given. */
export const goodToken = (by: KnownIssuer, claims: object = {}): string =>
  signed(by, goodHeader(by), { ...goodClaims(by), ...claims });

/** Other algorithms, and the public key where a secret is expected. */
function algorithms(by: KnownIssuer): Forgery[] {
  const { kid, privateKey } = by;
  const payload = goodClaims(by);
  const forged = (alg: unknown, signature: (input: string) => string | Buffer): string => {
    const input = `${encode(JSON.stringify({ alg, kid }))}.${encode(JSON.stringify(payload))}`;
    return `${input}.${encode(signature(input))}`;
  };
  const good = goodToken(by).split('.')[2] ?? '';
  const none = ['none', 'None', 'NONE', 'nOnE', 'none ', ''].flatMap((alg): Forgery[] => [
    [`alg ${alg}, no signature`, forged(alg, () => '')],
    [`alg ${alg}, two segments`, forged(alg, () => '').replace(/\.$/, '')],
    [`alg ${alg}, a signature`, forged(alg, () => Buffer.from(good, 'base64url'))],
    [`alg ${alg}, a byte`, forged(alg, () => 'x')],
  ]);
  const publicKey = createPublicKey(privateKey);
  const jwk = jwkOf(by);
  const secrets: [string, string | Buffer][] = [
    ['PEM', publicKey.export({ format: 'pem', type: 'spki' })],
    ['PEM trimmed', publicKey.export({ format: 'pem', type: 'spki' }).toString().trim()],
    ['DER', publicKey.export({ format: 'der', type: 'spki' })],
    ['JWK', JSON.stringify(jwk)],
    ['JWK set', JSON.stringify({ keys: [jwk] })],
    ['x', Buffer.from(jwk.x ?? '', 'base64url')],
    ['x as text', jwk.x ?? ''],
    ['nothing', ''],
    ['the word secret', 'secret'],
  ];
  const hmac = secrets.flatMap(([what, secret]) =>
    (['256', '384', '512'] as const).map((bits): Forgery => [
      `HS${bits} by the public key as ${what}`,
      forged(`HS${bits}`, (input) => createHmac(`sha${bits}`, secret).update(input).digest()),
    ]),
  );
  const odd = [
    'RS256',
    'RS512',
    'PS256',
    'ES256K',
    'ES384',
    'ES512',
    'Ed448',
    'ML-DSA-44',
    'dir',
    'RSA-OAEP',
    by.alg.toLowerCase(),
    by.alg === 'EdDSA' ? 'ES256' : 'EdDSA',
    `${by.alg} `,
    null,
    1,
    true,
    [by.alg],
    { alg: by.alg },
    undefined,
  ].map((alg): Forgery => [`alg ${JSON.stringify(alg)}`, signed(by, { alg, kid }, payload)]);
  return [...none, ...hmac, ...odd];
}

/** Keys that the token brings along, or names. `collector` is where a request would be noticed. */
function keys(by: KnownIssuer, collector: string): Forgery[] {
  const attacker = { ...newIssuer(by.issuer, by.audience, by.alg), kid: by.kid };
  const jwk = jwkOf(attacker);
  const claims = goodClaims(by);
  const certificate = createPublicKey(attacker.privateKey)
    .export({ format: 'der', type: 'spki' })
    .toString('base64');
  const brought: [string, object][] = [
    ['nothing', {}],
    ['jwk', { jwk }],
    ['jwk with its private part', { jwk: attacker.privateKey.export({ format: 'jwk' }) }],
    ['jku', { jku: `${collector}/jwks` }],
    ['x5u', { x5u: `${collector}/cert` }],
    ['x5c', { x5c: [certificate] }],
    ['x5t', { x5t: 'AAAA', 'x5t#S256': 'AAAA' }],
    ['all', { jwk, jku: `${collector}/jwks`, x5u: `${collector}/cert`, x5c: [certificate] }],
    ['jwk and crit', { jwk, crit: ['jwk'] }],
  ];
  const embedded = brought.flatMap(([what, extra]): Forgery[] => [
    [`another key, ${what}`, signed(attacker, { ...goodHeader(by), ...extra }, claims)],
    [`another key, ${what}, no kid`, signed(attacker, { alg: by.alg, ...extra }, claims)],
    [
      `another key, ${what}, its kid`,
      signed(attacker, { alg: by.alg, kid: 'attacker', ...extra }, claims),
    ],
  ]);
  const kids: unknown[] = [
    '../../../../dev/null',
    '/etc/passwd',
    'file:///dev/null',
    `${collector}/key`,
    '',
    ' ',
    '*',
    "' or 1=1 --",
    "x' union select 'k",
    '; ls',
    '$(id)',
    '`id`',
    '%00',
    '\0',
    '__proto__',
    'constructor',
    'toString',
    '0',
    'x'.repeat(1e3),
    `${by.kid}\0`,
    ` ${by.kid}`,
    by.kid.toUpperCase(),
    null,
    0,
    true,
    [by.kid],
    { kid: by.kid },
  ];
  const named = kids.flatMap((kid): Forgery[] => [
    [
      `kid ${JSON.stringify(kid).slice(0, 40)} by another key`,
      signed(attacker, { alg: by.alg, kid }, claims),
    ],
  ]);
  const unknown = kids
    .filter((kid) => typeof kid === 'string')
    .map((kid): Forgery => [
      `kid ${JSON.stringify(kid).slice(0, 40)} by the right key`,
      signed(by, { alg: by.alg, kid }, claims),
    ]);
  return [...embedded, ...named, ...unknown];
}

/** Headers that ask for what nobody does, and tokens for other purposes. */
function headers(by: KnownIssuer): Forgery[] {
  const header = goodHeader(by);
  const claims = goodClaims(by);
  const crits = [['exp'], ['x'], ['b64'], ['alg'], [], 'exp', null, [1], ['']];
  const types = [
    'logout+jwt',
    'secevent+jwt',
    'dpop+jwt',
    'id_token',
    'refresh+jwt',
    'JWE',
    'x',
    '',
  ];
  const b64 = `${encode(JSON.stringify({ ...header, b64: false, crit: ['b64'] }))}.${JSON.stringify(claims)}`;
  const good = goodToken(by).split('.');
  return [
    ...crits.map((crit): Forgery => [
      `crit ${JSON.stringify(crit)}`,
      signed(by, { ...header, crit }, claims),
    ]),
    ...types.map((typ): Forgery => [`typ ${typ}`, signed(by, { ...header, typ }, claims)]),
    ['b64 false', `${b64}.${encode(signatureOf(by, b64))}`],
    ['b64 false, encoded', signed(by, { ...header, b64: false, crit: ['b64'] }, claims)],
    ['a header that is an array', signed(by, [header], claims)],
    ['a header that is no JSON', signed(by, 'x', claims)],
    ['a header that is null', signed(by, 'null', claims)],
    [
      'two algs, the last none',
      signed(by, `{"alg":"${by.alg}","alg":"none","kid":"${by.kid}"}`, claims),
    ],
    [
      'two algs, the last HS256',
      signed(by, `{"alg":"${by.alg}","kid":"${by.kid}","alg":"HS256"}`, claims),
    ],
    [
      'two kids, the last unknown',
      signed(by, `{"alg":"${by.alg}","kid":"${by.kid}","kid":"x"}`, claims),
    ],
    ['a nested token', signed(by, { ...header, cty: 'JWT' }, goodToken(by))],
    [
      'a nested token as text',
      signed(by, { ...header, cty: 'JWT' }, JSON.stringify(goodToken(by))),
    ],
    ['a payload that is an array', signed(by, header, [claims])],
    ['a payload that is null', signed(by, header, 'null')],
    ['a payload that is no JSON', signed(by, header, 'x')],
    ['an empty payload', signed(by, header, '')],
    ['a JWE', [encode('{"alg":"dir","enc":"A256GCM"}'), '', 'AAAA', 'AAAA', 'AAAA'].join('.')],
    [
      'a JWE with a password',
      [
        encode('{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"AAAA"}'),
        'AAAA',
        'AAAA',
        'AAAA',
        'AAAA',
      ].join('.'),
    ],
    [
      'a JWE of zeros',
      [encode('{"alg":"dir","enc":"A256GCM","zip":"DEF"}'), '', 'AAAA', 'AAAA', 'AAAA'].join('.'),
    ],
    [
      'JSON, flattened',
      JSON.stringify({ protected: good[0], payload: good[1], signature: good[2] }),
    ],
    [
      'JSON, general',
      JSON.stringify({
        payload: good[1],
        signatures: [{ protected: good[0], signature: good[2] }],
      }),
    ],
  ];
}

/** Claims that are wrong, of a token that is well signed. */
function claims(by: KnownIssuer, other: KnownIssuer): Forgery[] {
  const good = goodClaims(by);
  const { iss, aud, iat } = good;
  const wrong: Record<string, unknown[]> = {
    exp: [
      undefined,
      null,
      0,
      -1,
      -1e308,
      1,
      iat - 60,
      String(iat + 600),
      'never',
      true,
      [],
      {},
      [iat + 600],
    ],
    nbf: [null, iat + 600, 1e308, String(iat), 'now', true, [], {}],
    iat: [
      undefined,
      null,
      0,
      -1,
      -1e308,
      iat - 1000,
      iat + 600,
      1e308,
      String(iat),
      true,
      [],
      {},
      [iat],
    ],
    aud: [
      undefined,
      null,
      '',
      ' ',
      '*',
      true,
      0,
      [],
      {},
      [''],
      [[aud]],
      { aud },
      ['elsewhere'],
      'elsewhere',
      `${aud}/`,
      `${aud} `,
      ` ${aud}`,
      aud.toUpperCase(),
      aud.slice(0, -1),
      `x${aud}`,
      `${aud}\0`,
      `${aud},elsewhere`,
      `${aud} elsewhere`,
      other.audience,
    ],
    iss: [
      undefined,
      null,
      '',
      ' ',
      '*',
      true,
      0,
      [],
      {},
      [iss],
      { iss },
      'elsewhere',
      '__proto__',
      'constructor',
      `${iss}/`,
      `${iss} `,
      ` ${iss}`,
      iss.toUpperCase(),
      iss.slice(0, -1),
      iss.replace('http:', 'https:'),
      `${iss}#`,
      `${iss}?`,
      `${iss}.evil.example`,
      iss.replace('//', '//evil@'),
      other.issuer,
    ],
    sub: [
      undefined,
      null,
      '',
      0,
      1,
      true,
      [],
      {},
      ['x'],
      { not: '' },
      'a\0',
      '\uD800',
      'x'.repeat(256),
    ],
  };
  const header = goodHeader(by);
  const each = Object.entries(wrong).flatMap(([claim, values]) =>
    values.map((value): Forgery => [
      `${claim} ${JSON.stringify(value)?.slice(0, 50)}`,
      signed(by, header, { ...good, [claim]: value }),
    ]),
  );
  const text = JSON.stringify(good).slice(0, -1);
  const twice = Object.entries({
    exp: 1,
    iat: 1,
    nbf: iat + 600,
    aud: 'elsewhere',
    iss: 'elsewhere',
    sub: '',
  }).map(([claim, last]): Forgery => [
    `two ${claim}, the last wrong`,
    signed(by, header, `${text},"nbf":${iat},${JSON.stringify({ [claim]: last }).slice(1)}`),
  ]);
  const unreadable = ['NaN', 'Infinity', '-', '01', "'x'", 'undefined', '1_000'].map(
    (value): Forgery => [`exp ${value}`, signed(by, header, `${text},"exp":${value}}`)],
  );
  const elsewhere: Forgery[] = [
    ['the other issuer’s key and our claims', signed(other, goodHeader(other), good)],
    ['the other issuer’s key under our kid', signed(other, { alg: other.alg, kid: by.kid }, good)],
    [
      'everything of the other issuer but the signature',
      signed(by, goodHeader(other), goodClaims(other)),
    ],
  ];
  return [...each, ...twice, ...unreadable, ...elsewhere];
}

/** Damage and other spellings of a good token. */
function spellings(by: KnownIssuer): Forgery[] {
  const good = goodToken(by);
  const [header = '', payload = '', signature = ''] = good.split('.');
  const at = Array.from(good, (_, index) => index);
  const flipped = at.flatMap((index) =>
    [1, 2, 4, 32].map((bit): Forgery => [
      `bit ${bit} of character ${index}`,
      good.slice(0, index) +
        String.fromCharCode(good.charCodeAt(index) ^ bit) +
        good.slice(index + 1),
    ]),
  );
  const odd: Record<string, string> = {
    nothing: '',
    dots: '..',
    null: 'null',
    undefined: 'undefined',
    'an object': '[object Object]',
    'twice the token': `${good}${good}`,
    'four segments': `${good}.${signature}`,
    'an empty fourth segment': `${good}.`,
    'a leading dot': `.${good}`,
    'no signature': `${header}.${payload}.`,
    'no payload': `${header}..${signature}`,
    'no header': `.${payload}.${signature}`,
    'padding at the signature': `${good}==`,
    'padding everywhere': `${header}=.${payload}=.${signature}=`,
    'base64, not base64url': `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}+/`,
    'a signature of zeros': `${header}.${payload}.${'A'.repeat(signature.length)}`,
    'a signature twice': `${good}${signature}`,
    'a blank inside': `${header}. ${payload}.${signature}`,
    'a line break inside': `${header}.${payload}\n.${signature}`,
    'quotes around': `"${good}"`,
    'a comma after': `${good},`,
    'a megabyte': `${header}.${'A'.repeat(1e6)}.${signature}`,
    'a megabyte of dots': '.'.repeat(1e6),
  };
  return [
    ...at.map((length): Forgery => [`the first ${length} characters`, good.slice(0, length)]),
    ...flipped,
    ...Object.entries(odd),
  ].filter(([, token]) => token !== good);
}

/** Tokens that must not be taken for `by`'s: every way that the field knows. */
export const forgeries = (by: KnownIssuer, other: KnownIssuer, collector: string): Forgery[] => [
  ...algorithms(by),
  ...keys(by, collector),
  ...headers(by),
  ...claims(by, other),
  ...spellings(by),
];
