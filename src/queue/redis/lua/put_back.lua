-- KEYS: stream, job, again, later.
-- ARGV: entry, deliveries, consumer, id, job as JSON, attempts counted, microseconds until the
--   turn at a host (or ''), wait in microseconds, failure or ''.
local s = finish(ARGV[9] == '' and 'defer' or 'retry')
if s ~= 'held' then return s == 'done' and 1 or 0 end
local at, wait = now(), tonumber(ARGV[8])
local turn = ARGV[7] ~= '' and whole(at + tonumber(ARGV[7])) or ''
local state = 'waiting'
if wait > 0 then
  state = 'later'
  -- The member is the whole job: nothing that could be evicted is needed to go on with it.
  redis.call('ZADD', KEYS[4], at + wait, ARGV[4] .. '\n' .. ARGV[6] .. '\n' .. turn .. '\n' .. ARGV[5])
  redis.call('HSET', KEYS[2], 'due', at + wait)
else
  redis.call('XADD', KEYS[3], '*', 'id', ARGV[4], 'n', ARGV[6], 'turn', turn, 'job', ARGV[5])
end
redis.call('HSET', KEYS[2], 'job', ARGV[5], 'state', state, 'attempts', ARGV[6], 'updated', at)
if ARGV[9] ~= '' then remember(KEYS[2], ARGV[9]) end
return 1
