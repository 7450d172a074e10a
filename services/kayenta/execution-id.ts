const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/** A ULID: ids sort by the time they were made, which the list of executions relies on. `random` yields bytes. */
export function newExecutionId(nowMs: number, random: (size: number) => Uint8Array): string {
  let time = '';
  for (let rest = nowMs, index = 0; index < TIME_CHARACTERS; index += 1) {
    time = `${CROCKFORD[rest % 32]}${time}`;
    rest = Math.floor(rest / 32);
  }
  return time + Array.from(random(RANDOM_CHARACTERS), (byte) => CROCKFORD[byte % 32]).join('');
}
