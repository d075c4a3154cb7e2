import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/basics/yaml.ts';

describe('JSON among the files that are YAML', () => {
  it('is read as what it means, and says where something stands', () => {
    const file = readYaml('a.yaml', '{"a":{"b":[1,2]}}');
    expect(file).toMatchObject({ value: { a: { b: [1, 2] } }, problems: [] });
    expect(file.locate(['a', 'b'])).toEqual({ line: 1, column: 7 });
  });

  it('is refused with a key twice, and when it breaks off', () => {
    expect(readYaml('a.yaml', '{"a":1,"a":2}').problems).toMatchObject([{ code: 'duplicate_key' }]);
    expect(readYaml('a.yaml', '{"a":1').problems).toMatchObject([{ code: 'yaml_syntax' }]);
  });
});
