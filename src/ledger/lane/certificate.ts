/**
 * A lane's certificate: which key signs the lane, who vouches for it, what code runs there. The lane
 * authority (KMS, or a file locally) signs its exact bytes; record 0 of the lane carries both as text.
 */
import { canonicalBytes } from '../../basics/canonical.ts';
import type { Signer } from '../../ports.ts';
import type { SignedVerdict } from '../../terms.ts';
import { base64, fromBase64, parseJson, type Signed } from '../bytes.ts';
import { importPublicKey, type VerifyingKey, verifySignature } from '../ed25519.ts';
import type { LedgerRecord } from '../record.ts';

/** Six hours: then the writer moves to a new lane, and the sealer closes the old one if the writer did not. */
export const LEASE_MS = 6 * 60 * 60 * 1000;

export interface LaneCertificate {
  readonly kind: 'lane-certificate';
  readonly v: 1;
  /** The log's name, as in its checkpoints: a certificate of one log is worth nothing in another. */
  readonly origin: string;
  readonly lane: number;
  readonly id: string;
  /** base64, 32 bytes. */
  readonly public_key: string;
  /** Version of the code that writes. */
  readonly code: string;
  readonly region: string;
  /** RFC 3339. */
  readonly start: string;
  readonly lease_until: string;
  /** The newest checkpoint that the writer had seen: it cannot later deny knowing it. */
  readonly checkpoint?: { readonly size: number; readonly root: string };
}

/** One authority key and where it may certify. Rotation ends one range and begins another. */
export interface AuthorityKey {
  /** base64, 32 bytes. */
  readonly public_key: string;
  readonly from_lane: number;
  readonly to_lane?: number;
  /** RFC 3339: certificates whose lane starts later are refused. */
  readonly not_after?: string;
}

export async function signCertificate(certificate: LaneCertificate, authority: Signer): Promise<Signed> {
  const b = canonicalBytes(certificate);
  return { b, s: await authority.sign(b) };
}

/** What record 0 says: the certificate as the very text that was signed, and the signature. */
export const certificateData = ({ b, s }: Signed): { certificate: string; authority_signature: string } => ({
  certificate: Buffer.from(b).toString('utf8'),
  authority_signature: base64(s),
});

/** The signed certificate inside a record 0; undefined when the record is something else. */
export function certificateOf(record: LedgerRecord): Signed | undefined {
  const { certificate, authority_signature: signature } = record.data;
  if (record.type !== 'ledger.lane_opened' || record.seq !== 0) return undefined;
  if (typeof certificate !== 'string' || typeof signature !== 'string') return undefined;
  // Written in another way it is none: Node reads what other verifiers refuse, and who has a lane's key could use it.
  const s = fromBase64(signature);
  return { b: new TextEncoder().encode(certificate), s: base64(s) === signature ? s : new Uint8Array(0) };
}

export type CertificateCheck =
  | { readonly ok: true; readonly certificate: LaneCertificate; readonly key: VerifyingKey }
  | { readonly ok: false; readonly verdict: SignedVerdict; readonly detail: string };

const refuse = (verdict: SignedVerdict, detail: string): CertificateCheck => ({
  ok: false,
  verdict,
  detail,
});

/**
 * Checks the certificate of lane `lane` against the authority keys that the verifier trusts. An intact
 * certificate under a key that is not trusted for this lane is KEY; one that no known key signed is KEY when
 * it reads well, because a changed byte and a foreign key look the same from here.
 */
export function checkCertificate(
  signed: Signed,
  lane: number,
  authorities: readonly AuthorityKey[],
  origin?: string,
): CertificateCheck {
  const certificate = readCertificate(signed);
  if (certificate === undefined) return refuse('FORMAT', 'the bytes are no lane certificate');
  const signer = authorities.find((authority) => {
    const key = importPublicKey(fromBase64(authority.public_key));
    return key !== undefined && verifySignature(key, signed.b, signed.s);
  });
  if (signer === undefined) return refuse('KEY', 'no trusted authority key signed this certificate');
  if (certificate.lane !== lane)
    return refuse('MODIFIED', `this is the certificate of lane ${certificate.lane}`);
  if (origin !== undefined && certificate.origin !== origin) {
    return refuse('KEY', `the certificate belongs to the log ${certificate.origin}`);
  }
  if (lane < signer.from_lane || lane > (signer.to_lane ?? Number.MAX_SAFE_INTEGER)) {
    return refuse('KEY', 'the authority key was rotated and does not certify this lane');
  }
  if (signer.not_after !== undefined && certificate.start > signer.not_after) {
    return refuse('KEY', 'the authority key had expired when the lane started');
  }
  const key = importPublicKey(fromBase64(certificate.public_key));
  if (key === undefined) return refuse('FORMAT', 'the certificate holds no Ed25519 key');
  return { ok: true, certificate, key };
}

/** What it says, whoever signed it; undefined when its bytes are no certificate. */
export function readCertificate({ b }: Pick<Signed, 'b'>): LaneCertificate | undefined {
  const value = parseJson(b);
  return isCertificate(value) ? value : undefined;
}

function isCertificate(value: unknown): value is LaneCertificate {
  const fields = value as Partial<Record<keyof LaneCertificate, unknown>> | null | undefined;
  return (
    typeof fields === 'object' &&
    fields !== null &&
    fields.kind === 'lane-certificate' &&
    fields.v === 1 &&
    Number.isSafeInteger(fields.lane) &&
    (['origin', 'id', 'public_key', 'code', 'region', 'start', 'lease_until'] as const).every(
      (name) => typeof fields[name] === 'string',
    )
  );
}
