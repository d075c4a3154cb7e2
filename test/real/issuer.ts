/**
 * An issuer on loopback for deployed functions: real keys, real tokens, and its JWKS over TLS, since a deployed
 * Chancery takes keys over nothing else. Its certificate is made for the run and trusted through
 * NODE_EXTRA_CA_CERTS.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { ministackTools } from './ministack.ts';

export interface Issuer {
  /** `iss`, and the base of its JWKS. */
  readonly url: string;
  readonly audience: string;
  /** PEM file of the certificate, for NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  /** A signed token; `seconds` from now it expires. */
  mint(claims: JWTPayload, seconds?: number): Promise<string>;
  /** A token that is right but for its signature, by a key that the JWKS does not have. */
  forge(claims: JWTPayload): Promise<string>;
  stop(): Promise<void>;
}

const AUDIENCE = 'chancery';

export async function startIssuer(): Promise<Issuer> {
  const { key, certificate } = selfSigned();
  const ours = await generateKeyPair('ES256');
  const theirs = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: [jwk] }));
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the issuer has no port');
  const url = `https://localhost:${address.port}`;
  const sign = (claims: JWTPayload, signingKey: CryptoKey, seconds: number) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
      .setIssuer(url)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
      .sign(signingKey);
  return {
    url,
    audience: AUDIENCE,
    certificate,
    mint: (claims, seconds = 3_600) => sign(claims, ours.privateKey, seconds),
    forge: (claims) => sign(claims, theirs.privateKey, 3_600),
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** Node makes keys but no certificates; the Python of the AWS stand-in has a library that does. */
function selfSigned(): { key: string; certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-issuer-'));
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'cert.pem');
  execFileSync(join(ministackTools(), 'python'), ['-c', MAKE_CERTIFICATE, key, certificate]);
  return { key, certificate };
}

const MAKE_CERTIFICATE = `
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    .sign(key, hashes.SHA256()))
open(sys.argv[1], "wb").write(key.private_bytes(serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
open(sys.argv[2], "wb").write(cert.public_bytes(serialization.Encoding.PEM))
`;
