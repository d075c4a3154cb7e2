/** Findings, read by somebody else's models of the Open Cybersecurity Schema Framework. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../src/ledger/record.ts';
import { ocsfLine } from '../../src/watch/siem/ocsf.ts';
import { pythonTools } from './python.ts';

const READ = `
import json, sys
from py_ocsf_models.events.findings.detection_finding import DetectionFinding
for line in sys.stdin:
    event = json.loads(line)
    finding = DetectionFinding.model_validate(event)
    print(json.dumps({"type": event["metadata"]["event_code"], "uid": finding.finding_info.uid, "class": finding.class_uid}))
`;

describe('detection findings', () => {
  it('are what py-ocsf-models takes for one', () => {
    const types = EVENT_TYPES.filter((type) => /^(alert|violation|security)\.|^metric\.blocked$/.test(type));
    const lines = types.map((type, seq) =>
      ocsfLine({
        id: `1.${seq}`,
        record_hash: 'ab'.repeat(32),
        record: {
          v: 1,
          lane: 1,
          seq,
          prev: '0'.repeat(64),
          type,
          time: '2026-11-21T08:00:00.000Z',
          trace: 'c'.repeat(32),
          data: { alert: 'CriticalViolation', fingerprint: `f${seq}`, severity: 'CRIMINAL' },
        },
      }),
    );
    const python = join(pythonTools('ocsf', ['py-ocsf-models==0.10.0']), 'python');
    const read = execFileSync(python, ['-c', READ], { input: lines.join(''), encoding: 'utf8' });
    const findings = read
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(findings).toEqual(types.map((type, seq) => ({ type, uid: `f${seq}`, class: 2004 })));
  });
});
