/**
 * Who holds how much of an account's limits. One hash an account: `pause`, until when nobody asks it, and a field for each holder, `HELD NEED PLACES_UNTIL RATE RATE_NEED
 * RATE_UNTIL SINCE`: places and calls a second that it holds, how much it needs, when either comes back by itself, and since when it has waited without a place. Times are
 * Redis' own, in milliseconds.
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS account; ARGV holder, places that it cannot give up yet, places needed, places wanted, all places, rate needed, rate wanted, whole rate (0: no limit), lease in ms, lease of the rate in ms.
 *
 * Everybody may have what it wants while that is there. Once somebody lacks what it needs, nobody keeps more than an even part; and where there are fewer places than holders, a
 * place goes round: whoever had one gives it up with the call that is under way, and whoever has waited longest gets it. Never is more held in sum than there is.
 * Answers places, rate, whether others hold some, milliseconds of the pause, whether others lack some.
 */
export const LEASE = `${NOW}
local me = ARGV[1]
local kept, need, want, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local rateNeed, rateWant, rateLimit = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local all = redis.call('HGETALL', KEYS[1])
local places, rate, holders, pause, since, had = 0, 0, 1, 0, now, 0
local lacking, rateLacking = false, false
local waits = {}
for i = 1, #all, 2 do
  if all[i] == 'pause' then
    pause = math.max(0, tonumber(all[i + 1]) - now)
  else
    local held, needed, untilTime, heldRate, neededRate, rateUntil, waiting =
      string.match(all[i + 1], '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)')
    held, needed, heldRate, neededRate = tonumber(held), tonumber(needed), tonumber(heldRate), tonumber(neededRate)
    if tonumber(untilTime) <= now then held, needed = 0, 0 end
    if tonumber(rateUntil) <= now then heldRate, neededRate = 0, 0 end
    if all[i] == me then
      had = held
      if held == 0 and needed > 0 then since = tonumber(waiting) end
    elseif held + needed + heldRate == 0 then
      redis.call('HDEL', KEYS[1], all[i])
    else
      places = places + held
      rate = rate + heldRate
      holders = holders + 1
      if needed > held then lacking = true end
      if neededRate > heldRate then rateLacking = true end
      if held == 0 and needed > 0 then table.insert(waits, tonumber(waiting)) end
    end
  end
end

local free = limit - places
if lacking then
  local part = math.floor(limit / holders)
  if part >= 1 then
    want = math.min(want, part)
  elseif had > 0 then
    want = 0
  else
    want = math.min(want, 1)
    for _, waiting in ipairs(waits) do if waiting < since then free = free - 1 end end
  end
end
local granted = math.max(0, math.min(want, free))
local held = math.max(granted, kept)

if rateLimit > 0 then
  if rateLacking then rateWant = math.min(rateWant, rateLimit / holders) end
  rateWant = math.max(0, math.min(rateWant, rateLimit - rate))
else
  rateWant, rateNeed = 0, 0
end

local line = string.format('%d %d %.0f %.6f %.6f %.0f %.0f',
  held, need, now + tonumber(ARGV[9]), rateWant, rateNeed, now + tonumber(ARGV[10]), since)
redis.call('HSET', KEYS[1], me, line)
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[9]), tonumber(ARGV[10]), pause) + 1000)
return {granted, string.format('%.6f', rateWant), places + rate > 0 and 1 or 0, string.format('%.0f', pause), (lacking or rateLacking) and 1 or 0}
`;

/** KEYS account; ARGV milliseconds. Of two pauses the longer one holds. */
export const PAUSE = `${NOW}
local untilTime = now + tonumber(ARGV[1])
if untilTime > tonumber(redis.call('HGET', KEYS[1], 'pause') or 0) then
  redis.call('HSET', KEYS[1], 'pause', string.format('%.0f', untilTime))
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) + 1000 then redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]) + 1000) end
return 1
`;
