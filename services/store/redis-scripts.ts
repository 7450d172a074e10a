/**
 * What Redis does in one piece, in Lua. All keys have one hash tag, so a Cluster would keep them on one node.
 *
 * | key | holds |
 * |---|---|
 * | `meta` | hash: `schema`; `revision`, the newest; `mark`, the revision after which the present half of the history began; `size`, the characters in that half |
 * | `documents:KIND` | hash: position → `REVISION TEXT` |
 * | `index:KIND` | sorted set of positions, all of one score: their order |
 * | `changes` | stream of the history; the id of an entry is its revision. `t`ype, `k`ind, `p`osition, `d`ocument after the change (not of a removal), `o`ld one before it, as `REVISION TEXT` |
 *
 * The history has two halves, of `historyChanges` changes or the same number of characters each: when the present one is full, the older one goes. So
 * a change costs the same on average, and the history reaches back at least that many changes unless they are large.
 */

export const SCHEMA_VERSION = '1';
/** An empty store's revision, as the port says: clients take version 0 for "any". */
const FIRST_REVISION = '1';

// A missing `meta` is an empty store: there is nothing to be made before the first write.
const META = `
local meta = redis.call('HMGET', KEYS[1], 'schema', 'revision', 'mark', 'size')
if meta[1] and meta[1] ~= '${SCHEMA_VERSION}' then return {'schema', meta[1]} end
local revision = meta[2] or '${FIRST_REVISION}'
`;

/** KEYS meta documents; ARGV position, the revision that the caller has (or ''). Answers the stored text, '' when the caller has it, or nothing. */
export const GET = `${META}
local stored = redis.call('HGET', KEYS[2], ARGV[1])
if not stored then return {'absent'} end
if ARGV[2] ~= '' and string.sub(stored, 1, #ARGV[2] + 1) == ARGV[2] .. ' ' then return {'same'} end
return {'found', stored}
`;

/** KEYS meta documents index changes; ARGV create|replace|remove, kind, position, expected revision (or ''), text, changes and characters of half a history. */
export const WRITE = `${META}
local action, kind, position, expected, text = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local old = redis.call('HGET', KEYS[2], position)
if action == 'create' then
  if old then return {'already-exists'} end
else
  if not old then return {'not-found'} end
  if expected ~= '' and string.sub(old, 1, #expected + 1) ~= expected .. ' ' then return {'conflict'} end
end

-- The first write is one that a Redis without memory refuses: then nothing of this happens.
if not meta[1] then redis.call('HSET', KEYS[1], 'schema', '${SCHEMA_VERSION}', 'revision', revision) end
revision = string.format('%.0f', redis.call('HINCRBY', KEYS[1], 'revision', 1))
local change = {'k', kind, 'p', position}
local size = #text
if action == 'remove' then
  redis.call('HDEL', KEYS[2], position)
  redis.call('ZREM', KEYS[3], position)
else
  redis.call('HSET', KEYS[2], position, revision .. ' ' .. text)
  table.insert(change, 'd')
  table.insert(change, text)
end
if action == 'create' then
  redis.call('ZADD', KEYS[3], 0, position)
else
  table.insert(change, 'o')
  table.insert(change, old)
  size = size + #old
end
redis.call('XADD', KEYS[4], revision .. '-0', 't', action, unpack(change))

local mark = tonumber(meta[3] or '${FIRST_REVISION}')
size = tonumber(meta[4] or '0') + size
if tonumber(revision) - mark >= tonumber(ARGV[6]) or size >= tonumber(ARGV[7]) then
  redis.call('XTRIM', KEYS[4], 'MINID', string.format('%.0f-0', mark + 1))
  redis.call('HSET', KEYS[1], 'mark', revision, 'size', 0)
else
  redis.call('HSET', KEYS[1], 'mark', string.format('%.0f', mark), 'size', string.format('%.0f', size))
end
if action == 'remove' then return {'written', revision, old} end
return {'written', revision}
`;

/** KEYS meta documents index; ARGV least and greatest position as ZRANGEBYLEX has them, how many. Answers the revision, then position and text in turns. */
export const ROWS = `${META}
local rows = {'found', revision}
local positions = redis.call('ZRANGEBYLEX', KEYS[3], ARGV[1], ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))
if #positions == 0 then return rows end
local texts = redis.call('HMGET', KEYS[2], unpack(positions))
for i, position in ipairs(positions) do
  rows[2 * i + 1] = position
  rows[2 * i + 2] = texts[i]
end
return rows
`;

/** KEYS meta index; ARGV least and greatest position. */
export const COUNT = `${META}
return {'found', revision, redis.call('ZLEXCOUNT', KEYS[2], ARGV[1], ARGV[2])}
`;

/** KEYS meta. Answers the newest revision. */
export const REVISION = `${META}
return {'found', revision}
`;

/** KEYS meta probe. Writes what a Redis that takes no writes would refuse. */
export const PROBE = `${META}
redis.call('SET', KEYS[2], revision)
return {'found', revision}
`;
