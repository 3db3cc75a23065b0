-- KEYS: articles, again, later, dead.
-- Answers waiting, running, later, dead, microseconds until the first of the later ones is due or -1, and the
-- oldest entries' jobs.
local function pending(stream)
  local p = redis.pcall('XPENDING', stream, GROUP)
  return p.err and 0 or p[1]
end
local running = pending(KEYS[1]) + pending(KEYS[2])
local at = now()
local due = redis.call('ZCOUNT', KEYS[3], '-inf', at)
local waiting = redis.call('XLEN', KEYS[1]) + redis.call('XLEN', KEYS[2]) - running + due
local out = {waiting, running, redis.call('ZCARD', KEYS[3]) - due, redis.call('XLEN', KEYS[4]), -1}
local first = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. whole(at), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
if first[2] then out[5] = tonumber(first[2]) - at end
for i = 1, 2 do
  local first = redis.call('XRANGE', KEYS[i], '-', '+', 'COUNT', 1)[1]
  if first then out[#out + 1] = fields(first[2]).job or '' end
end
return out
