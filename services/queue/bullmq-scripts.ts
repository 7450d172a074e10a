/**
 * The tickets in Redis, each step in one piece, in Lua. Scores are due times in epoch milliseconds, compared with Redis' own clock.
 *
 * | key | holds |
 * |---|---|
 * | `tickets` | sorted set of the runs that wait |
 * | `held` | sorted set of the runs that were scheduled while a pass of theirs is in progress |
 * | `passing` | hash: run in progress → alarm that began the pass |
 * | `claims` | hash: alarm → `TOKEN DUE RUN` of its pass |
 * | `failures` | hash: run → failures in a row |
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** KEYS tickets held passing; ARGV run, due time. Answers 1 when the ticket needs an alarm: it is new, or sooner than the one that waited. */
export const SCHEDULE = `
local isPassing = redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1
local to = isPassing and KEYS[2] or KEYS[1]
local known = redis.call('ZSCORE', to, ARGV[1])
if known and tonumber(known) <= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', to, ARGV[2], ARGV[1])
return isPassing and 0 or 1
`;

/**
 * KEYS tickets passing claims; ARGV alarm, token, when the alarm was to go off. Answers {run, due time}: the pass that this alarm had begun when its worker
 * died, else the most overdue ticket. {''} when nothing is due, {'', milliseconds} when the alarm went off that much too early.
 */
export const CLAIM = `${NOW}
local claim = redis.call('HGET', KEYS[3], ARGV[1])
local due, run
if claim then
  due, run = string.match(claim, '^%S+ (%S+) (.*)$')
else
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  if not first[1] or tonumber(first[2]) > now then
    if tonumber(ARGV[3]) > now then return {'', tostring(tonumber(ARGV[3]) - now)} end
    return {''}
  end
  run, due = first[1], first[2]
  redis.call('ZREM', KEYS[1], run)
  redis.call('HSET', KEYS[2], run, ARGV[1])
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2] .. ' ' .. due .. ' ' .. run)
return {run, due}
`;

/**
 * KEYS tickets held passing claims failures, BullMQ's record of the alarm; ARGV alarm, token, next due time (or '' for none, or 'failed'), shortest and
 * longest back-off. Answers the due time of the ticket that now waits, or nothing. The alarm is told in its data when it goes off next. Somebody else has
 * taken the pass over: nothing happens.
 */
export const FINISH = `${NOW}
local claim = redis.call('HGET', KEYS[4], ARGV[1]) or ''
local token, run = string.match(claim, '^(%S+) %S+ (.*)$')
if token ~= ARGV[2] then return {} end
redis.call('HDEL', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[3], run)
local due = tonumber(ARGV[3])
if ARGV[3] == 'failed' then
  local failures = redis.call('HINCRBY', KEYS[5], run, 1)
  due = now + 1 + math.min(tonumber(ARGV[4]) * 2 ^ math.min(failures - 1, 30), tonumber(ARGV[5]))
else
  redis.call('HDEL', KEYS[5], run)
end
if due and redis.call('EXISTS', KEYS[6]) == 1 then
  redis.call('HSET', KEYS[6], 'data', string.format('{"dueAt":%.3f}', due))
end
local held = tonumber(redis.call('ZSCORE', KEYS[2], run) or nil)
if held then
  redis.call('ZREM', KEYS[2], run)
  if not due or held < due then due = held end
end
if not due then return {} end
redis.call('ZADD', KEYS[1], string.format('%.3f', due), run)
return {string.format('%.3f', due)}
`;

/** KEYS tickets held. Answers how many wait, and how late the most overdue is. */
export const DEPTH = `${NOW}
local late = 0
for _, key in ipairs(KEYS) do
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if first[2] then late = math.max(late, now - tonumber(first[2])) end
end
return {redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2]), tostring(late)}
`;

/**
 * KEYS tickets passing claims, BullMQ's waiting alarms; ARGV what stands before the keys of alarms, milliseconds. Gives back passes whose alarm is gone, and
 * answers how many tickets are overdue by that much while no alarm waits: theirs were lost.
 */
export const OVERDUE = `${NOW}
local claims = redis.call('HGETALL', KEYS[3])
for i = 1, #claims, 2 do
  if redis.call('EXISTS', ARGV[1] .. claims[i]) == 0 then
    local due, run = string.match(claims[i + 1], '^%S+ (%S+) (.*)$')
    redis.call('HDEL', KEYS[3], claims[i])
    redis.call('HDEL', KEYS[2], run)
    redis.call('ZADD', KEYS[1], 'LT', due, run)
  end
end
if redis.call('LLEN', KEYS[4]) > 0 then return 0 end
return redis.call('ZCOUNT', KEYS[1], '-inf', now - tonumber(ARGV[2]))
`;
